/**
 * Starts the test files that take longest first, so that none of them runs alone at the end, when the other workers
 * have nothing left to do. Only the order depends on this list: a file that is missing here runs later.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'test/oracle/runtime-facts.test.ts',
  'test/oracle/wrapper-runtimes.test.ts',
  'test/oracle/compile-runtimes.test.ts',
  'test/libseccomp/leaks.test.ts',
  'test/oracle/prover-mutants.test.ts',
  'test/compile/builtin/synthesize.test.ts',
  'test/oracle/lint-start.test.ts',
  'test/oracle/hazard.test.ts',
  'test/oracle/compile-libseccomp.test.ts',
  'test/oracle/run-filter.test.ts',
  'test/oracle/prover-hostile.test.ts',
  'test/compose/random-pairs.test.ts',
  'test/cli/transcripts.test.ts',
  'test/lint/stable.test.ts',
  'test/cli/lint-jobs.test.ts',
  'test/cli/offer-builtin.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return at === -1 ? LONGEST.length : at;
    };
    const sorted = await super.sort(files);
    // The sort is stable: the rest keeps vitest's own order.
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
