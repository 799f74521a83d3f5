/**
 * A comparison that never holds, or only for calls that no program makes. A rule that should deny lets through,
 * a rule that should allow denies.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { formatComparison, formatValue } from '../../decision/format-call.ts';
import {
  forEachComparison,
  isConstant,
  narrowParameter,
  type PlacedComparison,
  upperHalf,
} from '../ask/placed-comparisons.ts';
import { shortenedIn } from '../ask/shortened-comparison.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const neverMatches = builtinRule({
  id: 'never-matches',
  group: 'meaning',
  level: 'error',
  title: 'A comparison never holds',
  check: (context) => forEachComparison(context, check),
});

function check(context: LintContext, placed: PlacedComparison): void {
  const { comparison, pointer } = placed;
  const { op } = comparison;
  if (isConstant(comparison) === 'never') {
    context.report({
      pointer,
      message: `${formatComparison(comparison)} never holds: arguments are unsigned 64-bit numbers`,
      hint: 'correct the value; to match an int of -1, use SCMP_CMP_MASKED_EQ with value and valueTwo 4294967295',
    });
    return;
  }
  const upper = upperHalf(comparison);
  if (upper === undefined) return;
  const narrow = narrowParameter(placed.names, comparison.index);
  const wanted = `${pointer}/${op === 'maskedEq' ? 'valueTwo' : 'value'}`;
  if (narrow !== undefined && (op === 'eq' || op === 'maskedEq')) {
    context.report({
      pointer: wanted,
      message: `no program makes such a call: the kernel reads the lower 32 bits of '${narrow}', and ${formatComparison(comparison)} requires bits above them`,
      hint: 'write a value below 4294967296',
    });
    return;
  }
  if (narrow === undefined && ['eq', 'ge', 'gt', 'maskedEq'].includes(op))
    reportShortened(context, placed, wanted);
}

/** A 32-bit argument is never so large; what libseccomp compares instead can well hold. */
function reportShortened(context: LintContext, placed: PlacedComparison, pointer: string): void {
  const { comparison } = placed;
  const found = shortenedIn(placed, () => undefined);
  if (found === undefined) return;
  const { call, witness } = found;
  const low = {
    ...comparison,
    value: comparison.value & 0xffff_ffffn,
    valueTwo: comparison.valueTwo & 0xffff_ffffn,
  };
  context.report({
    pointer,
    message: `32-bit arguments are never this large: on ${architectures[call.arch].name} the filter compares only ${formatComparison(low)}, without the upper half ${formatValue(upperHalf(comparison) ?? 0n)}`,
    hint: 'write a separate profile for the 64-bit architectures, or compare with a value that fits in 32 bits',
    witness,
    view: placed.view,
  });
}
