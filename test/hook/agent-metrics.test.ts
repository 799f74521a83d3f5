/** The page of an agent's counts, held against what Prometheus's text format says of histograms. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/hook/agent/agent-metrics.ts';

it('counts a time in each bucket whose bound it does not exceed, and all in +Inf', () => {
  const metrics = createMetrics('0.0.0');
  for (const seconds of [0.004, 0.02, 0.021, 7]) metrics.countRequest('attached', seconds);
  const counts = { waiting: 0, busy: 0, starting: 0 };
  const memory = { size: () => 0, hits: () => 0, misses: () => 0 };
  const page = metrics.page({ counts: () => counts }, memory, 0);
  const value = (suffix: string): number =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`oci_seccomp_agent_request_seconds${suffix} `))
        ?.split(' ')[1],
    );
  // "le" is inclusive, and buckets are cumulative (exposition formats, text format 0.0.4, histograms).
  expect(['0.005', '0.01', '0.02', '0.05', '5', '+Inf'].map((le) => value(`_bucket{le="${le}"}`))).toEqual([
    1, 1, 2, 3, 3, 4,
  ]);
  expect([value('_count'), value('_sum')]).toEqual([4, 7.045]);
});
