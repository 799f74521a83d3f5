/** Against trying all values: those near the ends and some between, which behave as all others do. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canHoldTogether, oneAlwaysHolds } from '../../src/abi/comparison-sets.ts';
import type { Comparison } from '../../src/abi/operators.ts';
import { samples } from '../support/samples.ts';

const MAX = (1n << 64n) - 1n;
const small = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n];
const tried = [...small, ...small.map((x) => 4096n + x), ...small.map((x) => MAX - x)];

type Values = Pick<Comparison, 'op' | 'value' | 'valueTwo'>;

/** As seccomp_rule_add(3) has the operators. */
function holds({ op, value, valueTwo }: Values, x: bigint): boolean {
  switch (op) {
    case 'eq':
      return x === value;
    case 'ne':
      return x !== value;
    case 'lt':
      return x < value;
    case 'le':
      return x <= value;
    case 'gt':
      return x > value;
    case 'ge':
      return x >= value;
    case 'maskedEq':
      return (x & value) === (valueTwo & value);
  }
}

const ordered = fc.record({
  op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
  value: fc.constantFrom(1n, 2n, 3n, 0n, MAX, MAX - 1n, MAX - 2n),
  valueTwo: fc.constant(0n),
});
const masked = fc.record({
  op: fc.constant('maskedEq'),
  value: fc.constantFrom(0n, 1n, 2n, 3n, 4n, 7n),
  valueTwo: fc.constantFrom(0n, 1n, 2n, 3n, 4n, 8n),
});

const listOf = (one: fc.Arbitrary<Values>) => fc.array(one, { minLength: 1, maxLength: 4 });

it.each([
  ['ordered', listOf(ordered as fc.Arbitrary<Values>)],
  ['masked', listOf(masked as fc.Arbitrary<Values>)],
] as const)('%s: exactly', (name, lists) => {
  fc.assert(
    fc.property(lists, (list) => {
      expect(canHoldTogether(list)).toBe(tried.some((x) => list.every((each) => holds(each, x))));
      const always = tried.every((x) => list.some((each) => holds(each, x)));
      // Of masks only one that tests no bit is recognized.
      if (name === 'ordered') expect(oneAlwaysHolds(list)).toBe(always);
      else if (oneAlwaysHolds(list)) expect(always).toBe(true);
    }),
    { numRuns: samples(3000) },
  );
});

it('a mixture: what is certain is so', () => {
  const either = fc.oneof(ordered as fc.Arbitrary<Values>, masked as fc.Arbitrary<Values>);
  fc.assert(
    fc.property(listOf(either), (list) => {
      if (!canHoldTogether(list)) expect(tried.some((x) => list.every((each) => holds(each, x)))).toBe(false);
      if (oneAlwaysHolds(list)) expect(tried.every((x) => list.some((each) => holds(each, x)))).toBe(true);
    }),
    { numRuns: samples(3000) },
  );
});

it.each(['ne', 'maskedEq'] as const)(
  'of many comparisons (%s) at a cost that their number explains',
  (op) => {
    const list = Array.from({ length: 5000 }, (_, i) => ({ op, value: BigInt(2 * i + 1), valueTwo: MAX }));
    const before = process.cpuUsage();
    expect([canHoldTogether(list), oneAlwaysHolds(list)]).toEqual([true, op === 'ne']);
    const { user, system } = process.cpuUsage(before);
    // Each with each takes seconds.
    expect((user + system) / 1000).toBeLessThan(500);
  },
);
