/**
 * A masked comparison with bits outside its mask. No masked argument has these bits, so as it is written the comparison never
 * holds. But libseccomp drops the bits, and then it holds for calls without them.
 * @module
 */
import { isSwapped } from '../../abi/comparison-sets.ts';
import { formatValue } from '../../decision/format-call.ts';
import { witnessOfChange } from '../ask/changed-policy.ts';
import { forEachComparison, formatAsWritten, type PlacedComparison } from '../ask/placed-comparisons.ts';
import { withProblems } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const maskedEqDroppedBits = builtinRule({
  id: 'masked-eq-dropped-bits',
  group: 'meaning',
  level: 'warn',
  title: 'A masked comparison asks for bits outside its mask, and these are dropped',
  check: withProblems('masked-eq-dropped-bits', (context) => forEachComparison(context, check)),
});

function check(context: LintContext, placed: PlacedComparison): void {
  const { comparison, pointer } = placed;
  const { op, value, valueTwo } = comparison;
  const dropped = valueTwo & ~value;
  if (op !== 'maskedEq' || dropped === 0n || isSwapped(comparison)) return;
  const witness = witnessOfChange(placed, (arg) => ({ ...arg, value: value | valueTwo }));
  context.report({
    pointer: `${pointer}/valueTwo`,
    onKey: true,
    message: `the bits ${formatValue(dropped)} of valueTwo lie outside the mask ${formatValue(value)} and are dropped: ${formatAsWritten(comparison)} holds where the masked argument is ${formatValue(valueTwo & value)}`,
    hint: `to test these bits, widen the mask: "value": ${value | valueTwo}; otherwise write "valueTwo": ${valueTwo & value}`,
    ...(witness === undefined ? {} : { witness }),
  });
}
