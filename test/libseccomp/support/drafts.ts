/**
 * The policy that calls of the binding amount to, so that a filter that libseccomp built can be compared with the builtin
 * compiler's.
 * @module
 */
import { actions } from '../../../src/abi/actions.ts';
import type { ArchName } from '../../../src/abi/architectures.ts';
import { parseComparisons } from '../../../src/libseccomp/comparison.ts';
import {
  type ComparisonInput,
  findArch,
  openLibrary,
  resolveSyscall,
} from '../../../src/libseccomp/index.ts';
import { librarySyscallTable } from '../../../src/libseccomp/syscall.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import type { PolicyRule, SyscallTable } from '../../../src/policy/policy.ts';
import { parseRuntime } from '../../../src/policy/runtimes.ts';
import type { Expanded } from '../../compile/builtin/support.ts';

type Rule = Pick<PolicyRule, 'syscall' | 'comparisons' | 'returnWord'> & {
  readonly archs: readonly string[];
};

/** What was asked of one filter so far. */
export interface Draft {
  readonly defaultAction: number;
  badArchAction: number;
  archs: readonly string[];
  rules: readonly Rule[];
  /** The states at the starts of open transactions. */
  before: readonly Pick<Draft, 'archs' | 'rules'>[];
}

export const startDraft = (defaultAction: number, library: string): Draft => ({
  ...{ defaultAction, badArchAction: actions.killThread.word, rules: [], before: [] },
  archs: [findArch('native', { library })],
});

/** Notes a rule that libseccomp took. */
export function addRule(
  draft: Draft,
  library: string,
  [returnWord, syscall, inputs]: readonly [number, string | number, readonly ComparisonInput[]],
): void {
  const name = typeof syscall === 'string' ? syscall : resolveSyscall(syscall, 'native', { library });
  const comparisons = parseComparisons(inputs);
  const rule = { syscall: name ?? `#${syscall}`, comparisons, returnWord, archs: draft.archs };
  draft.rules = [...draft.rules, rule];
}

/** The library's table, with `#1000` for a number of this machine's architecture that has no name. */
export function tableWithNumbers(library: string): SyscallTable {
  const { name, resolve } = librarySyscallTable(openLibrary(library));
  const native = findArch('native', { library });
  return {
    name,
    resolve: (syscall, arch) =>
      !syscall.startsWith('#')
        ? resolve(syscall, arch)
        : arch === native
          ? Number(syscall.slice(1))
          : undefined,
  };
}

/** The policy; `undefined` if it has no words for it: where rules are about some architectures only, and for the number -1. */
export function policyOfDraft(draft: Draft, table: SyscallTable): Expanded | undefined {
  const [first, ...others] = draft.archs as readonly ArchName[];
  const isWhole = draft.rules.every(({ archs }) => draft.archs.every((arch) => archs.includes(arch)));
  if (first === undefined || !isWhole || draft.rules.some(({ syscall }) => syscall === '#-1'))
    return undefined;
  const rules = draft.rules.map(({ archs: _, ...rule }, origin) => ({
    ...{ ...rule, origin },
    nr: table.resolve(rule.syscall, first) ?? -1,
  }));
  const policy: Expanded['policy'] = {
    ...{ runtime: parseRuntime('plain'), architectures: [first, ...others], rules, optimize: 1 },
    ...{
      defaultAction: draft.defaultAction,
      badArchAction: draft.badArchAction,
      enosysStub: undefined,
      flags: [],
    },
  };
  return { policy, expanded: expandPolicy(policy, table) };
}
