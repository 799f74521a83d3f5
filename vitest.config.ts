import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { compiledSources } from './test/compiled-sources.ts';
import { LongestFirst } from './test/longest-first.ts';
import { skippedReporter } from './test/skipped-reporter.ts';

const report = process.env.OCI_SECCOMP_TEST_REPORT;

/**
 * Tests that replace modules, which those who share a worker would find replaced. All others share one: loading modules anew,
 * and running code that is not compiled yet, takes most of a short test's time.
 */
const ISOLATED = ['cli/option-uses', 'hook/file-changed', 'kernel/stop-thread', 'pipeline/work-budget'].map(
  (name) => `test/${name}.test.ts`,
);

/**
 * Tests that calculate have processes of their own, before the others. Node starts a process with fork(2), which copies the page
 * tables of the process that starts it: with the 250 MB more that it has after these tests, a start takes 20 ms more.
 */
const CALCULATING = `
  abi/**/* bpf/**/* compile/**/* compose/**/* decision/**/* lint/**/* observe/**/* oci/**/* pipeline/**/* policy/**/*
  oracle/binding oracle/bpf-listing oracle/bpf-simulate oracle/compile-libseccomp oracle/compile-runtimes oracle/decide-calls
  oracle/edited-profiles oracle/proof-fixtures oracle/prover-mutants
  options pure registry/artifact-limits report/report-data`
  .trim()
  .split(/\s+/)
  .map((path) => `test/${path}.test.ts`);

/** Files of a project share processes. */
const shared = (name: string, include: readonly string[], exclude: readonly string[]) => ({
  extends: true as const,
  plugins: [compiledSources],
  test: {
    name,
    include: [...include],
    exclude: [...ISOLATED, ...exclude],
    isolate: false,
    server: { deps: { external: [/\/dist\/src\//] } },
  },
});

export default defineConfig({
  test: {
    projects: [
      shared('calculating', CALCULATING, []),
      shared('starting', ['test/**/*.test.ts'], CALCULATING),
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
    ],
    globalSetup: ['test/built-from.ts'],
    setupFiles: ['test/own-library.ts', 'test/same-samples.ts'],
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
