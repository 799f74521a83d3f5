import { defineConfig } from 'vitest/config';
import { skippedReporter } from './test/skipped-reporter.ts';

const report = process.env.OCI_SECCOMP_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Guards against hanging, no verdicts: a busy machine may take twenty times as long as an idle one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Oracles (runtimes, ptrace) share one kernel: few workers keep them apart.
    maxWorkers: 2,
    reporters: [
      'default',
      skippedReporter,
      // For .ci/run, which closes with the counts.
      ...(report === undefined ? [] : [['json', { outputFile: report }] as ['json', { outputFile: string }]]),
    ],
  },
});
