import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { skippedReporter } from './test/skipped-reporter.ts';

const report = process.env.OCI_SECCOMP_TEST_REPORT;

/**
 * Folders whose tests leave their own process as it is: they compute, or start programs; no filter, working directory or
 * environment of their own. Their files share a worker's modules, which saves a fifth of the processor time (loading, and
 * code that is compiled by then).
 */
const SHARING = [
  'abi',
  'bpf',
  'cli',
  'compile',
  'compose',
  'decision',
  'lint',
  'observe',
  'oci',
  'policy',
  'registry',
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
      { extends: true, test: { name: 'world', include: ['test/**/*.test.ts'], exclude: SHARING } },
    ],
    globalSetup: ['test/built-from.ts'],
    // Guards against hanging, no verdicts: a busy machine may take twenty times as long as an idle one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Oracles start containers and wait for them half of the time: two workers a core keep the cores busy.
    maxWorkers: Math.max(2, Math.min(2 * availableParallelism(), 8)),
    sequence: { sequencer: LongestFirst },
    // A line a file: how long a test took tells how busy the machine is.
    slowTestThreshold: Number.POSITIVE_INFINITY,
    hideSkippedTests: true,
    reporters: [
      ['default', { summary: false }],
      skippedReporter,
      // For .ci/run, which closes with the counts.
      ...(report === undefined ? [] : [['json', { outputFile: report }] as ['json', { outputFile: string }]]),
    ],
  },
});
