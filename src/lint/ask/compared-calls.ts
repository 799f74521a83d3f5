/**
 * System calls whose rules compare arguments, with the diagram of exactly these rules.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { Comparison } from '../../abi/operators.ts';
import { decideCall } from '../../decision/decide-policy.ts';
import { wordLeaf } from '../../decision/space.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { isDecided } from './call-meaning.ts';
import { type CallOpenness, openCondition, opennessOf } from './call-openness.ts';
import type { HostView } from './host-view.ts';
import { conditionalCalls } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** A call of an architecture, the rules for it, and what they mean. */
export interface ComparedCall extends CallOpenness {
  /** The rules for it, in the order in which they are added. */
  readonly rules: readonly ArchRule[];
}

/**
 * Finds the calls of an architecture that rules decide by arguments.
 *
 * If a call has a rule without comparisons, it is left out: that rule alone decides. Multiplexers have their own name, and the
 * rules of the calls that they carry. Calls that are too complex are left out, and counted as left open.
 */
export function comparedCalls(view: HostView, arch: ArchName): readonly ComparedCall[] {
  const known = comparedByArch(view);
  const found = known.get(arch) ?? findCompared(view, arch);
  known.set(arch, found);
  return found;
}

/** Found once a view: several rules ask. */
const comparedByArch = onceAView(() => new Map<ArchName, readonly ComparedCall[]>());

function findCompared(view: HostView, arch: ArchName): readonly ComparedCall[] {
  const { space, policy } = view;
  const defaultNode = wordLeaf(space, policy.defaultAction);
  return conditionalCalls(view)
    .filter((call) => call.arch === arch)
    .flatMap(({ nr, bits, rules }) => {
      // A call that was too complex before is not tried again.
      if (!isDecided(view, { arch, nr })) return [];
      const node = decideCall(space, rules, bits, defaultNode);
      const open = openCondition(view, node);
      const syscall = policy.rules[rules[0]?.rule ?? -1]?.syscall ?? '';
      return { arch, nr, syscall, rules, node, open, openness: opennessOf(open) };
    });
}

/** The arguments that the rules of a call compare, ascending. */
export function comparedIndexes({ rules }: ComparedCall): readonly number[] {
  const indexes = rules.flatMap(({ comparisons }) => comparisons.map(({ index }) => index));
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** A rule's comparison of an argument, as the profile has it: not cut to the architecture's bits. */
export function comparisonOf(view: HostView, rule: ArchRule, index: number): Comparison | undefined {
  return view.policy.rules[rule.rule]?.comparisons.find((each) => each.index === index);
}
