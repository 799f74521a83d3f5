import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Two machines' worth of oracles (runtimes, ptrace) share one kernel: few workers keep them apart.
    maxWorkers: 2,
  },
});
