/**
 * The compilers that benches compare: the builtin one, and each libseccomp that is here, linear and as a binary tree.
 * @module
 */
import { decodeProgram, type Program } from '../src/bpf/program.ts';
import { buildFilter } from '../src/compile/build-filter.ts';
import { callShares } from '../src/compile/builtin/call-shares.generated.ts';
import { NO_WEIGHTS, weighCalls } from '../src/compile/builtin/call-weights.ts';
import { synthesizeProgram } from '../src/compile/builtin/synthesize.ts';
import { buildEnosysStub } from '../src/compile/enosys-stub.ts';
import { findHazard } from '../src/compile/hazardous-rules.ts';
import { decidePolicy } from '../src/decision/decide-policy.ts';
import { createSpace } from '../src/decision/space.ts';
import { openLibrary } from '../src/libseccomp/library.ts';
import { librarySyscallTable } from '../src/libseccomp/syscall.ts';
import { stubWord } from '../src/policy/answered-by-stub.ts';
import { expandPolicy } from '../src/policy/expand-policy.ts';
import { newestTable } from '../src/policy/newest-table.ts';
import type { Policy, SyscallTable } from '../src/policy/policy.ts';
import { installedLibraries } from '../test/oracle/libraries.ts';

/** The byte order of the architectures that are compared. */
export const ENDIAN = 'little';

/** Something that makes a program of rules. */
export interface Compiler {
  readonly label: string;
  /** The names it knows. */
  readonly table: SyscallTable;
  /** @throws Error if it cannot express these rules, or would not survive them */
  readonly compile: (policy: Policy) => Program;
  /** CPU time of one compilation, in milliseconds, where that is not this process's. */
  readonly cpu?: (policy: Policy) => number;
}

/** The builtin compiler with default weights, and with none. */
export function builtinCompilers(table: SyscallTable): readonly Compiler[] {
  const counts = new Map(Object.entries(callShares));
  const builtin = (label: string, weighted: boolean): Compiler => ({
    label,
    table,
    compile: (policy) => {
      const space = createSpace();
      const meant = decidePolicy(space, policy, expandPolicy(policy, table));
      const weights = weighted ? weighCalls(policy.architectures, counts) : NO_WEIGHTS;
      return synthesizeProgram(space, meant, ENDIAN, { weights });
    },
  });
  return [builtin('builtin', true), builtin('builtin, no weights', false)];
}

/** The oldest library's first; tables of their names likewise. */
export function libseccompCompilers(): {
  readonly libraries: readonly SyscallTable[];
  readonly compilers: readonly Compiler[];
} {
  const named = process.env.LIBRARIES?.split(':').filter((path) => path !== '');
  const paths = new Map(installedLibraries().map(({ version, path }) => [version, path]));
  const opened = (named ?? [...paths.values()]).map((path) => openLibrary(path));
  const age = ({ version: { major, minor, micro } }: (typeof opened)[number]): number =>
    1e6 * major + 1e3 * minor + micro;
  const sorted = opened.toSorted((a, b) => age(a) - age(b));
  const libraries =
    named === undefined && sorted.length > 2 ? [...sorted.slice(0, 1), ...sorted.slice(-1)] : sorted;
  const tables = libraries.map((library) => librarySyscallTable(library));
  const compilers = libraries.flatMap((library, i) =>
    ([1, 2] as const).map((optimize): Compiler => {
      const table = tables[i] ?? newestTable;
      return {
        label: `${table.name} ${optimize === 1 ? 'linear' : 'tree'}`,
        table,
        compile: (policy) => {
          // Not in this process: it may not come back.
          const hazard = findHazard(policy.rules, policy.architectures.length);
          if (hazard !== undefined) throw new Error(`not asked: it may not survive these rules (${hazard})`);
          const { bpf } = buildFilter({ ...policy, optimize, pfc: false }, library);
          const stub =
            policy.enosysStub === undefined ? [] : buildEnosysStub(policy.enosysStub, stubWord(policy));
          return [...stub, ...decodeProgram(bpf, ENDIAN)];
        },
      };
    }),
  );
  return { libraries: tables, compilers };
}
