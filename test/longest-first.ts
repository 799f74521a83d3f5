/**
 * Starts the test files that take most processor time first, so that none of them runs alone at the end, when the other workers
 * have nothing left to do. Only the order depends on this list: a file that is missing here runs later.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'test/oracle/compile-runtimes.test.ts',
  'test/oracle/runtime-facts.test.ts',
  'test/oracle/lint-start.test.ts',
  'test/oracle/agent-killed.test.ts',
  'test/oracle/builtin-kernel.test.ts',
  'test/cli/transcripts.test.ts',
  'test/compile/builtin/limits.test.ts',
  'test/compose/random-pairs.test.ts',
  'test/libseccomp/leaks.test.ts',
  'test/report/report-page.test.ts',
  'test/oracle/wrapper-runtimes.test.ts',
  'test/oracle/prover-hostile.test.ts',
  'test/oracle/hook-containers.test.ts',
  'test/oracle/run-filter.test.ts',
  'test/cli/exit-codes.test.ts',
  'test/oracle/record.test.ts',
  'test/oracle/defects.test.ts',
  'test/oracle/container-image.test.ts',
  'test/oracle/inject-killed.test.ts',
  'test/oracle/hook-faults.test.ts',
  'test/lint/kernel.test.ts',
  'test/libseccomp/live.test.ts',
  'test/compile/builtin/synthesize.test.ts',
  'test/package-types.test.ts',
  'test/oracle/compile-libseccomp.test.ts',
  'test/cli/audit-spellings.test.ts',
  'test/oracle/record-hostile.test.ts',
  'test/libseccomp/python-tests.test.ts',
  'test/cli/odd-operands.test.ts',
  'test/oracle/builtin-overflow.test.ts',
  'test/cli/examples.test.ts',
  'test/cli/page-commands.test.ts',
  'test/cli/offer-builtin.test.ts',
  'test/compose/rebase.test.ts',
  'test/cli/output-schemas.test.ts',
  'test/oracle/proof-fixtures.test.ts',
  'test/oracle/run-process.test.ts',
  'test/oracle/inject-runtimes.test.ts',
  'test/oracle/hook-limits.test.ts',
  'test/cli/call-edits/advice.test.ts',
  'test/oci/property.test.ts',
  'test/oracle/hazard.test.ts',
  'test/oracle/wrapper-agent.test.ts',
  'test/oracle/store-containers.test.ts',
  'test/cli/builtin-backend.test.ts',
  'test/cli/habits.test.ts',
  'test/cli/hostile-names.test.ts',
  'test/compose/decompile.test.ts',
  'test/cli/lint-jobs.test.ts',
  'test/oracle/wrapper-refusals.test.ts',
  'test/oracle/resolve.test.ts',
  'test/cli/lint-formats.test.ts',
];

/** As vitest.config.ts names them, in the order in which they begin. */
const PROJECTS = ['isolated', 'calculating', 'starting'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      const inProject = at === -1 ? LONGEST.length : at;
      // Between files that share a process, one of another project would end it.
      return PROJECTS.indexOf(project.name) * (LONGEST.length + 1) + inProject;
    };
    const sorted = await super.sort(files);
    // The sort is stable: the rest keeps vitest's own order.
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
