/**
 * A negative int comes in two forms, 0xffffff9c and 0xffffffffffffff9c: which one depends on compiler and C library. A
 * comparison with one of them misses the other.
 */
import { architectures } from '../../abi/architectures.ts';
import { type Comparison, U32_MAX } from '../../abi/operators.ts';
import { withBits } from '../../decision/cofactor.ts';
import { equals } from '../../decision/condition-diagrams.ts';
import { highHalf, lowHalf } from '../../decision/diagram-variables.ts';
import { whereRelated } from '../../decision/relate.ts';
import { and, FALSE } from '../../decision/space.ts';
import { evaluate } from '../../decision/witness.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { forEachView, outcomeOpens, shownCall, verdictOf } from '../ask/call-openness.ts';
import { describeParameter, parameterAt } from '../ask/call-parameters.ts';
import { type ComparedCall, comparedCalls, comparisonOf } from '../ask/compared-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { callWhere } from '../ask/named-calls.ts';
import { argumentIndex, comparisonFix, narrowComparison } from '../edit/comparison-fix.ts';
import type { Fix } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const signExtendedInt = builtinRule({
  id: 'sign-extended-int',
  group: 'openness',
  level: 'warn',
  title: 'A comparison with a negative int misses one of its two forms',
  fixable: true,
  check: (context) =>
    forEachView(context, (view) => {
      for (const { arch } of view.expanded) {
        if (architectures[arch].bits === 32) continue;
        for (const call of comparedCalls(view, arch)) {
          for (const rule of call.rules) {
            for (const { index } of rule.comparisons) checkComparison(context, view, call, rule, index);
          }
        }
      }
    }),
});

const LOW = 0xffff_ffff;
const SIGN = 0x8000_0000;

/** The lower half of the value that a comparison tests for, if it can be a negative int. */
function negativeOf({ op, value, valueTwo }: Comparison): number | undefined {
  if (op !== 'eq' && op !== 'ne' && op !== 'maskedEq') return undefined;
  if (op === 'maskedEq' && BigInt.asUintN(32, value) !== U32_MAX) return undefined;
  const tested = op === 'maskedEq' ? valueTwo & value : value;
  const low = Number(BigInt.asUintN(32, tested));
  const high = Number(tested >> 32n);
  return low >= SIGN && (high === 0 || high === LOW) ? low : undefined;
}

function checkComparison(
  context: LintContext,
  view: HostView,
  call: ComparedCall,
  rule: ArchRule,
  index: number,
): void {
  const { space } = view;
  const comparison = comparisonOf(view, rule, index);
  const profileRule = view.profileRule(rule.rule);
  const low = comparison === undefined ? undefined : negativeOf(comparison);
  if (comparison === undefined || profileRule === undefined || low === undefined) return;
  const parameter = parameterAt(call.syscall, index, call.arch);
  if (parameter?.width !== 32 || !parameter.signed) return;
  const [short, long] = [0, LOW].map((high) => withBits(space, call.node, highHalf(space, index), LOW, high));
  if (short === undefined || long === undefined) return;
  const differ = whereRelated(space, short, long, ['different', 'looser', 'stricter']);
  const here = and(space, differ, equals(space, lowHalf(space, index), low));
  if (here === FALSE) return;
  const found = callWhere(view, call, here);
  if (found === undefined) return;
  const written = (comparison.op === 'maskedEq' ? comparison.valueTwo : comparison.value) > BigInt(LOW);
  const other = BigInt(low) | (written ? 0n : 0xffff_ffff_0000_0000n);
  const args = found.args.map((value, i) => (i === index ? other : value));
  const otherCall = { ...found, args };
  const gets = outcomeOpens(view, evaluate(space, call.node, otherCall))
    ? 'gets through'
    : 'does not get through';
  const number = low - 2 ** 32;
  const argument = argumentIndex(context, profileRule, comparison);
  const fix = maskingFix(context, profileRule, argument, comparison, low);
  const at = comparison.op === 'maskedEq' ? 'valueTwo' : 'value';
  context.report({
    pointer: `${context.pointerOf(profileRule)}/args/${argument}/${at}`,
    message: `${number} in ${describeParameter(call.syscall, index, call.arch)} of ${call.syscall} can be passed as 0x${other.toString(16)} too, which ${gets} here`,
    hint: hintFor(comparison, low),
    witness: {
      ...shownCall(space, call.node, otherCall),
      meant: verdictOf(space, written ? long : short, otherCall),
    },
    ...(fix === undefined ? {} : { fix }),
    view,
  });
}

function hintFor({ op }: Comparison, low: number): string {
  // A mask has no form of "not equal": "equal" in its place would say the opposite.
  if (op === 'ne')
    return 'no single comparison says "not equal" of the lower half: write a rule with SCMP_CMP_MASKED_EQ for each value that is meant';
  return `compare the lower half: "op": "SCMP_CMP_MASKED_EQ", "value": 4294967295, "valueTwo": ${low}`;
}

function maskingFix(
  context: LintContext,
  rule: number,
  argument: number,
  comparison: Comparison,
  low: number,
): Fix | undefined {
  const { names = [], args = [] } = context.profile.rules[rule] ?? {};
  // The other names' argument may have all 64 bits; an argument compared twice makes each comparison a rule.
  if (names.length !== 1 || new Set(args.map(({ index }) => index)).size !== args.length) return undefined;
  const short = comparison.op === 'ne' ? { ...comparison, value: BigInt(low) } : comparison;
  const masks = narrowComparison(short, 32);
  if (masks === undefined) return undefined;
  return comparisonFix(context, rule, argument, masks, 'compare the lower 32 bits only');
}
