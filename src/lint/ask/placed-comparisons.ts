/**
 * The comparisons of a profile's rules, as its runtime hands them over.
 * @module
 */
import { type Comparison, operatorByOciOperator, U32_MAX, U64_MAX } from '../../abi/operators.ts';
import { syscallSignature } from '../../abi/syscall-signatures.ts';
import { decideCall } from '../../decision/decide-policy.ts';
import { formatComparison } from '../../decision/format-call.ts';
import { decidedRelations, whereRelated } from '../../decision/relate.ts';
import { countStep, wordLeaf } from '../../decision/space.ts';
import { evaluate } from '../../decision/witness.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import type { Witness } from '../engine/finding.ts';
import type { LintContext } from '../engine/rule-context.ts';
import { isDecided } from './call-meaning.ts';
import type { HostView } from './host-view.ts';
import { callWhere, ifDecided, type NamedCall } from './named-calls.ts';

/** A comparison of the profile, with its place. */
export interface PlacedComparison {
  /** The view that it was found in. */
  readonly view: HostView;
  /** Index into `LinuxSeccomp.syscalls`. */
  readonly origin: number;
  /** JSON pointer of the entry of `args`. */
  readonly pointer: string;
  /** Its index in `args`. */
  readonly at: number;
  /** The comparison, as the profile has it. */
  readonly comparison: Comparison;
  /** The names of its rule. */
  readonly names: readonly string[];
  /** Whether the rule compares one argument twice, so that each comparison is a rule of its own. */
  readonly alone: boolean;
}

/** The comparisons of a view, in the profile's order; empty for a runtime that swaps mask and value. */
export function placedComparisons(context: LintContext, view: HostView): readonly PlacedComparison[] {
  if (view.runtime.traits.swapsMaskedEq) return [];
  return (view.seccomp.syscalls ?? []).flatMap(({ names, args = [] }, origin) => {
    const rule = view.resolution.origins[origin];
    if (rule === undefined) return [];
    const alone = new Set(args.map(({ index }) => index)).size < args.length;
    return args.flatMap(({ index, op, value, valueTwo = 0n }, at) => {
      const operator = operatorByOciOperator(op)?.operator;
      if (operator === undefined) return [];
      const comparison = { index, op: operator, value, valueTwo };
      const pointer = `${context.pointerOf(rule)}/args/${at}`;
      return { view, origin, pointer, at, comparison, names, alone };
    });
  });
}

/** Looks at each comparison of all views. One that is too complex to decide is left out. */
export function forEachComparison(
  context: LintContext,
  look: (context: LintContext, placed: PlacedComparison) => void,
): void {
  for (const view of context.views) {
    for (const placed of placedComparisons(context, view)) ifDecided(() => look(context, placed));
  }
}

/** Whether a comparison holds for every 64-bit value, or for none. */
export function isConstant({ op, value }: Comparison): 'always' | 'never' | undefined {
  if ((op === 'ge' || op === 'maskedEq') && value === 0n) return 'always';
  if (op === 'le' && value === U64_MAX) return 'always';
  if (op === 'lt' && value === 0n) return 'never';
  return op === 'gt' && value === U64_MAX ? 'never' : undefined;
}

/** The upper half of the value that a comparison wants; `undefined` if it is 0, or all ones (a negative number). */
export function upperHalf({ op, value, valueTwo }: Comparison): bigint | undefined {
  const upper = (op === 'maskedEq' ? valueTwo & value : value) >> 32n;
  const isSign = op === 'maskedEq' ? upper === value >> 32n : upper === U32_MAX;
  return upper === 0n || (isSign && upper === U32_MAX) ? undefined : upper;
}

/** The name of the parameter, if the kernel reads only 32 bits of it in each of these calls. */
export function narrowParameter(names: readonly string[], index: number): string | undefined {
  const parameters = names.map((name) => syscallSignature(name)?.[index]);
  const narrow = parameters.every((parameter) => parameter?.width === 32 && !parameter.pointer);
  return narrow ? parameters[0]?.name : undefined;
}

/** `arg0 < 0`, as the profile has it: bits outside a mask included. */
export function formatAsWritten(comparison: Comparison): string {
  const { index, op, value, valueTwo } = comparison;
  if (op !== 'maskedEq') return formatComparison(comparison);
  return `arg${index} & 0x${value.toString(16)} == 0x${valueTwo.toString(16)}`;
}

/**
 * A call that a rule's comparisons, as expanded for one architecture, decide differently from the intended comparisons.
 *
 * @param origin - the rule, index into `LinuxSeccomp.syscalls`
 * @param meant - what to put in the place of one of its expanded rules; `undefined`: it never matches
 */
export function witnessInCall(
  view: HostView,
  call: NamedCall,
  origin: number,
  meant: (rule: ArchRule) => ArchRule | undefined,
): Witness | undefined {
  if (!isDecided(view, call)) return undefined;
  const { space, policy } = view;
  // This is asked for each comparison and looks at all rules of the call: with thousands of rules, that is millions of steps.
  countStep(space, call.rules.length);
  const defaultNode = wordLeaf(space, policy.defaultAction);
  const wanted = call.rules.flatMap((rule) =>
    policy.rules[rule.rule]?.origin === origin ? (meant(rule) ?? []) : rule,
  );
  const is = decideCall(space, call.rules, call.bits, defaultNode);
  const should = decideCall(space, wanted, call.bits, defaultNode);
  for (const relation of decidedRelations) {
    const found = callWhere(view, call, whereRelated(space, should, is, [relation]));
    if (found === undefined) continue;
    const [verdict, other] = [evaluate(space, is, found), evaluate(space, should, found)];
    if (verdict.kind !== 'word') continue;
    return { call: found, verdict: verdict.word, ...(other.kind === 'word' ? { meant: other.word } : {}) };
  }
  return undefined;
}
