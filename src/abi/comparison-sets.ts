/**
 * Several comparisons of one argument: whether they can hold together, and whether one of them always holds.
 *
 * Exact if all comparisons have a mask, or if none has. Of a mixture, only what one kind shows by itself is found; lint decides
 * such sets with diagrams (decision/decide-policy.ts, `allHold`).
 * @module
 */
import { type Comparison, U64_MAX } from './operators.ts';

type Values = Pick<Comparison, 'op' | 'value' | 'valueTwo'>;

/** Ends of ranges, both included. One that ends before it begins has no value. */
type Range = readonly [from: bigint, to: bigint];

/** The ranges of values for which a comparison without a mask holds, ascending. */
function rangesOf({ op, value }: Values): readonly Range[] {
  switch (op) {
    case 'eq':
      return [[value, value]];
    case 'ne':
      return [
        [0n, value - 1n],
        [value + 1n, U64_MAX],
      ];
    case 'lt':
      return [[0n, value - 1n]];
    case 'le':
      return [[0n, value]];
    case 'gt':
      return [[value + 1n, U64_MAX]];
    case 'ge':
      return [[value, U64_MAX]];
    case 'maskedEq':
      return [[0n, U64_MAX]];
  }
}

/** Whether there may be a value for which all hold; `false` is certain. */
export function canHoldTogether(comparisons: readonly Values[]): boolean {
  if (!masksAgree(comparisons)) return false;
  const excluded = comparisons.flatMap(({ op, value, valueTwo }) =>
    op === 'maskedEq' ? [] : rangesOf({ op: opposites[op], value, valueTwo }),
  );
  return !areAllValues(excluded);
}

const opposites = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', le: 'gt', gt: 'le' } as const;

/** Whether no two comparisons with masks want different values of a bit. */
function masksAgree(comparisons: readonly Values[]): boolean {
  let [bits, wanted] = [0n, 0n];
  for (const { op, value: mask, valueTwo } of comparisons) {
    if (op !== 'maskedEq') continue;
    if (((wanted ^ valueTwo) & bits & mask) !== 0n) return false;
    bits |= mask;
    wanted |= valueTwo & mask;
  }
  return true;
}

/** Whether one of them holds for every value; `true` is certain. */
export function oneAlwaysHolds(comparisons: readonly Values[]): boolean {
  if (comparisons.some(({ op, value }) => op === 'maskedEq' && value === 0n)) return true;
  return areAllValues(comparisons.filter(({ op }) => op !== 'maskedEq').flatMap(rangesOf));
}

/** Whether ranges together have every value. Their number can be large: they are sorted, and looked at once. */
function areAllValues(ranges: readonly Range[]): boolean {
  let next = 0n;
  for (const [from, to] of ranges.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    if (from > next) return false;
    if (to >= next) next = to + 1n;
  }
  return next > U64_MAX;
}

/** Whether a comparison says `arg & flags == 0`: none of the flags is set. */
export function isFlagTest({ op, value, valueTwo }: Values): boolean {
  return op === 'maskedEq' && (value & valueTwo) === 0n;
}

/** Whether a masked comparison looks as if mask and value were swapped: all bits of the mask are bits of the value. */
export function isSwapped({ op, value, valueTwo }: Values): boolean {
  return op === 'maskedEq' && value !== valueTwo && (value & valueTwo) === value;
}
