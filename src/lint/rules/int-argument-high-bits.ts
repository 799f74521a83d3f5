/**
 * A way around a comparison: the filter compares 64 bits of an argument, but the kernel reads fewer. If another bit is set, the
 * kernel makes the same call, but the filter sees a different one.
 */
import { architectures } from '../../abi/architectures.ts';
import { argumentField } from '../../abi/argument-fields.ts';
import type { Comparison } from '../../abi/operators.ts';
import { precedenceOf } from '../../abi/return-word.ts';
import type { Parameter } from '../../abi/syscall-signatures.ts';
import { withBits } from '../../decision/cofactor.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { highHalf, levelOf, lowHalf } from '../../decision/diagram-variables.ts';
import { whereRelated } from '../../decision/relate.ts';
import { and, FALSE, makeNode, type Node, not, or, type Space, TRUE } from '../../decision/space.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { forEachView, isOpening, shownCall, verdictOf } from '../ask/call-openness.ts';
import { describeParameter, parameterAt } from '../ask/call-parameters.ts';
import { type ComparedCall, comparedCalls, comparedIndexes, comparisonOf } from '../ask/compared-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { callWhere } from '../ask/named-calls.ts';
import { argumentIndex, comparisonFix, narrowComparison } from '../edit/comparison-fix.ts';
import type { Fix } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const intArgumentHighBits = builtinRule({
  id: 'int-argument-high-bits',
  group: 'openness',
  level: 'error',
  title: 'A comparison can be bypassed through bits of the argument that the kernel ignores',
  fixable: true,
  check: (context) =>
    forEachView(context, (view) => {
      for (const { arch } of view.expanded) {
        if (architectures[arch].bits === 32) continue;
        for (const call of comparedCalls(view, arch)) {
          for (const index of comparedIndexes(call)) checkArgument(context, view, call, index);
        }
      }
    }),
});

/** An argument of which the kernel reads fewer than 64 bits, in a call's diagram. */
interface Narrow {
  readonly index: number;
  readonly parameter: Parameter & { readonly width: 16 | 32 };
  /** The outcome of the same call with the other bits 0. */
  readonly canonical: Node;
  /** The calls that get through because of the other bits. */
  readonly opened: Node;
}

function checkArgument(context: LintContext, view: HostView, call: ComparedCall, index: number): void {
  const parameter = parameterAt(call.syscall, index, call.arch);
  if (parameter === undefined || parameter.pointer || parameter.width === 64) return;
  if (stopsOnly(view, call, index, parameter.width)) return;
  const { space } = view;
  const canonical = withoutIgnored(space, call.node, index, parameter.width);
  let opened = and(space, call.open, whereRelated(space, canonical, call.node, ['looser']));
  if (parameter.signed && opened !== FALSE) {
    // Programs pass a negative int in either form: what holds for the other form is sign-extended-int's.
    const extended = withBits(space, call.node, highHalf(space, index), 0xffff_ffff, 0xffff_ffff);
    const sign = makeNode(space, levelOf(lowHalf(space, index), 31), FALSE, TRUE);
    const looser = whereRelated(space, extended, call.node, ['looser']);
    opened = and(space, opened, or(space, not(space, sign), looser));
  }
  if (opened === FALSE) return;
  const narrow: Narrow = { index, parameter: { ...parameter, width: parameter.width }, canonical, opened };
  for (const rule of call.rules) reportRule(context, view, call, narrow, rule);
}

/**
 * Whether the other bits can only stop a call: all rules have one action, the default one is stricter, and each rule that matches
 * with these bits also matches without them. This holds for lists of values, which most profiles have, and needs no diagram.
 */
function stopsOnly({ policy }: HostView, { rules }: ComparedCall, index: number, width: 16 | 32): boolean {
  const limit = 1n << BigInt(width);
  const word = rules[0]?.returnWord ?? policy.defaultAction;
  if (precedenceOf(policy.defaultAction) >= precedenceOf(word)) return false;
  const isUnmoved = ({ op, value, index: compared }: Comparison): boolean =>
    compared !== index || ((op === 'eq' || op === 'maskedEq') && value < limit);
  return rules.every(({ returnWord, comparisons }) => returnWord === word && comparisons.every(isUnmoved));
}

/** What a diagram says of the values whose bits that the kernel ignores are 0. */
function withoutIgnored(space: Space, node: Node, index: number, width: 16 | 32): Node {
  const lower = withBits(space, node, highHalf(space, index), 0xffff_ffff, 0);
  return width === 32 ? lower : withBits(space, lower, lowHalf(space, index), 0xffff_0000, 0);
}

/** A rule is to blame if it lets such a call through, or if it stops the same call without these bits but not this one. */
function reportRule(
  context: LintContext,
  view: HostView,
  call: ComparedCall,
  { index, parameter, canonical, opened }: Narrow,
  rule: ArchRule,
): void {
  const comparison = comparisonOf(view, rule, index);
  const profileRule = view.profileRule(rule.rule);
  if (comparison === undefined || profileRule === undefined) return;
  const { space } = view;
  const matches = allHold(space, rule.comparisons, 64);
  const opens = isOpening(view, rule.returnWord);
  const blamed = opens
    ? matches
    : and(space, withoutIgnored(space, matches, index, parameter.width), not(space, matches));
  const witness = callWhere(view, call, and(space, blamed, opened));
  if (witness === undefined) return;
  const syscall = view.policy.rules[rule.rule]?.syscall ?? call.syscall;
  const argument = argumentIndex(context, profileRule, comparison);
  const fix = narrowing(context, profileRule, argument, comparison, call, parameter.width, opens);
  context.report({
    pointer: `${context.pointerOf(profileRule)}/args/${argument}/value`,
    message: `${syscall} is let through with a bit above the lower ${parameter.width} of ${describeParameter(syscall, index, call.arch)} set; the kernel ignores these bits and makes the call that the profile denies`,
    hint: hintFor(comparison, parameter.width),
    witness: {
      ...shownCall(space, call.node, witness),
      meant: verdictOf(space, canonical, witness),
    },
    ...(fix === undefined ? {} : { fix }),
    view,
  });
}

function hintFor(comparison: Comparison, width: 16 | 32): string {
  const largest = largestOf(width);
  const mask = `${largest} (0x${largest.toString(16)})`;
  const value = valueTested(comparison, width);
  if (value === undefined)
    return `list the values instead, each as "op": "SCMP_CMP_MASKED_EQ", "value": ${mask}, "valueTwo": VALUE in a rule of its own`;
  if (value > largest)
    return `no program needs such a call: write a value below ${largest + 1n}, or remove the rule`;
  return `compare what the kernel reads: "op": "SCMP_CMP_MASKED_EQ", "value": ${mask}, "valueTwo": ${value}`;
}

function largestOf(width: 16 | 32): bigint {
  return 2n ** BigInt(width) - 1n;
}

/** The one value that a comparison takes of all bits that the kernel reads. */
function valueTested({ op, value, valueTwo }: Comparison, width: 16 | 32): bigint | undefined {
  if (op === 'eq') return value;
  const largest = largestOf(width);
  return op === 'maskedEq' && (value & largest) === largest ? value & valueTwo : undefined;
}

function narrowing(
  context: LintContext,
  rule: number,
  argument: number,
  comparison: Comparison,
  { arch, syscall }: ComparedCall,
  width: 16 | 32,
  opens: boolean,
): Fix | undefined {
  const { names = [], args = [] } = context.profile.rules[rule] ?? {};
  // The other names' argument may have all 64 bits; an argument compared twice makes each comparison a rule.
  if (names.length !== 1 || new Set(args.map(({ index }) => index)).size !== args.length) return undefined;
  // The lower half of such a value is another call, which the profile may deny.
  if ((valueTested(comparison, width) ?? 0n) > largestOf(width)) return undefined;
  const field = opens ? argumentField(syscall, comparison.index, arch) : undefined;
  const largest = field?.kind === 'enum' ? largestNamed([...field.names.values()]) : undefined;
  const named = largest === undefined ? undefined : narrowComparison(comparison, width, largest);
  const masks = named ?? narrowComparison(comparison, width);
  if (masks === undefined) return undefined;
  const upTo = named !== undefined && ['gt', 'ge', 'ne'].includes(comparison.op);
  const description = `compare the lower ${width} bits only${upTo ? `, up to ${largest}, the largest value that has a name` : ''}`;
  return comparisonFix(context, rule, argument, masks, description);
}

function largestNamed(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>(
    (most, value) => (value < 2n ** 31n && (most === undefined || value > most) ? value : most),
    undefined,
  );
}
