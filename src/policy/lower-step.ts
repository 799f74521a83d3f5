/**
 * What a runtime does to a profile beyond copying its rules.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { Policy, PolicyRule } from './policy.ts';

/** What a runtime does beyond copying rules. */
export type LowerStepKind =
  | 'equals-default-action'
  | 'unknown-syscall'
  | 'not-on-architecture'
  | 'repeated-argument'
  | 'comparisons-dropped'
  | 'errno-ignored'
  | 'errno-truncated'
  | 'mask-swapped'
  | 'never-holds'
  | 'architectures-ignored'
  | 'flags-ignored'
  | 'native-architecture-added'
  | 'enosys-stub'
  | 'binary-tree'
  | 'action-unknown-to-kernel'
  | 'flag-ignored'
  | 'flags-dropped';

/** One thing the runtime did to the profile beyond copying a rule. */
export interface LowerStep {
  /** What the runtime did. */
  readonly kind: LowerStepKind;
  /** Index into `LinuxSeccomp.syscalls`, where the step is about a rule. */
  readonly rule?: number;
  /** The call, where the step is about one. */
  readonly syscall?: string;
  /** For an unknown system call, the return word of its rule. */
  readonly returnWord?: ReturnWord;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** What a runtime makes of a profile. */
export interface Lowered {
  /** What the profile means. */
  readonly policy: Policy;
  /** What the runtime did to the profile beyond copying rules. */
  readonly steps: readonly LowerStep[];
  /** Rules that the runtime skipped because their action is the default action, as it would have added them. */
  readonly skipped: readonly PolicyRule[];
}

/** The key `rule` of a step or an error, if it is about a rule. */
export function at(rule: number | undefined): { rule?: number } {
  return rule === undefined ? {} : { rule };
}

/** Steps after which a rule says something else than its author wrote. */
export const rewritingSteps: readonly LowerStepKind[] = [
  'repeated-argument',
  'comparisons-dropped',
  'errno-ignored',
  'errno-truncated',
  'mask-swapped',
  'never-holds',
];
