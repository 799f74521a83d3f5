/**
 * Rules with conditions of one call that hold at once and want different actions.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { decideCall } from '../../decision/decide-policy.ts';
import { comparisonHolds } from '../../decision/match-rules.ts';
import { whereOutcome } from '../../decision/relate.ts';
import { FALSE, wordLeaf } from '../../decision/space.ts';
import { evaluate } from '../../decision/witness.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { isDecided } from './call-meaning.ts';
import type { HostView } from './host-view.ts';
import { callWhere, type NamedCall } from './named-calls.ts';

interface CallConflict {
  readonly call: SeccompData;
  /** The actions, ascending. */
  readonly words: readonly ReturnWord[];
  /** The rules that match the call, in their order. */
  readonly matching: readonly ArchRule[];
}

/**
 * The conflict of a call's rules.
 *
 * @returns `undefined` if no rules conflict, if a rule without comparisons decides, or if it is too complex to decide
 */
export function findConflictIn(view: HostView, call: NamedCall): CallConflict | undefined {
  const { rules, bits, arch } = call;
  if (rules.length < 2) return undefined;
  const words = new Set(rules.map(({ returnWord }) => returnWord));
  if (words.size < 2 || rules.some(({ comparisons }) => comparisons.length === 0)) return undefined;
  if (!isDecided(view, call)) return undefined;
  const { space } = view;
  const decided = decideCall(space, rules, bits, wordLeaf(space, view.policy.defaultAction));
  const condition = whereOutcome(space, decided, ({ kind }) => kind === 'conflict');
  const found = condition === FALSE ? undefined : callWhere(view, call, condition);
  const outcome = found === undefined ? undefined : evaluate(space, decided, found);
  if (found === undefined || outcome?.kind !== 'conflict') return undefined;
  const matching = rules.filter(({ comparisons }) =>
    comparisons.every((comparison) => comparisonHolds(comparison, found, arch)),
  );
  return { call: found, words: outcome.words, matching };
}
