/**
 * Mask and value of SCMP_CMP_MASKED_EQ are swapped. `value` is the mask, and `valueTwo` is what the masked argument must be; the
 * names do not say so. If they are swapped, the comparison tests too few bits or none.
 * @module
 */
import { isSwapped } from '../../abi/comparison-sets.ts';
import { formatValue } from '../../decision/format-call.ts';
import { witnessOfChange } from '../ask/changed-policy.ts';
import { forEachComparison, type PlacedComparison } from '../ask/placed-comparisons.ts';
import { correction } from '../edit/fix-of-edits.ts';
import { replaceValue } from '../edit/text-edits.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { withProblems } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const maskedEqSwapped = builtinRule({
  id: 'masked-eq-swapped',
  group: 'meaning',
  level: 'error',
  title: 'The mask and the value of a masked comparison are swapped',
  fixable: true,
  check: withProblems('masked-eq-swapped', (context) => forEachComparison(context, check)),
});

function check(context: LintContext, placed: PlacedComparison): void {
  const { comparison, pointer } = placed;
  if (!isSwapped(comparison)) return;
  const [mask, wanted] = [formatValue(comparison.value), formatValue(comparison.valueTwo)];
  const witness = witnessOfChange(placed, ({ value, valueTwo = 0n, ...arg }) => ({
    ...arg,
    value: valueTwo,
    valueTwo: value,
  }));
  const isEmpty = comparison.value === 0n;
  const effect = isEmpty
    ? 'the comparison tests no bit and holds for every call'
    : `the comparison tests only the bits ${mask} of ${wanted}`;
  const effectOfAll = isEmpty
    ? 'they test no bit and hold for every call'
    : `they test only the bits ${mask}`;
  context.report({
    pointer: `${pointer}/value`,
    message: `value ${mask} is the mask, and valueTwo ${wanted} is what the masked argument must equal: ${effect}`,
    hint: `swap the two: "value": ${comparison.valueTwo}, "valueTwo": ${comparison.value}`,
    about: {
      names: [wanted],
      many: `value ${mask} is the mask, and valueTwo is what the masked argument must equal, in the comparisons with valueTwo …: ${effectOfAll}`,
      hint: 'swap "value" and "valueTwo" in each',
    },
    ...(witness === undefined ? {} : { witness }),
    ...correction('swap value and valueTwo', exchange(context, pointer)),
  });
}

function exchange({ document }: LintContext, pointer: string): readonly Edit[] | undefined {
  if (document === undefined) return undefined;
  const [value, valueTwo] = ['value', 'valueTwo'].map(
    (key) => findNode(document.root, `${pointer}/${key}`)?.node,
  );
  if (value?.kind !== 'number' || valueTwo?.kind !== 'number') return undefined;
  const first = replaceValue(document, `${pointer}/value`, valueTwo.text);
  const second = replaceValue(document, `${pointer}/valueTwo`, value.text);
  return first === undefined || second === undefined ? undefined : [...first, ...second];
}
