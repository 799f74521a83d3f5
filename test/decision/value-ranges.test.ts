/**
 * Rules that compare one argument, as ranges: held against arithmetic on the values, and against the diagrams of the
 * comparisons one by one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/abi/operators.ts';
import { testComparison } from '../../src/decision/condition-diagrams.ts';
import { decideCall } from '../../src/decision/decide-policy.ts';
import { createSpace, FALSE, or, TRUE, wordLeaf } from '../../src/decision/space.ts';
import { matchApart, matchedRanges, onlyArgument, whereInRanges } from '../../src/decision/value-ranges.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { boundaries, datum } from './meaning-support.ts';

type Operator = Exclude<Comparison['op'], 'maskedEq'>;

/** What C makes of the operator. */
const holds: Readonly<Record<Operator, (value: bigint, operand: bigint) => boolean>> = {
  eq: (value, operand) => value === operand,
  ne: (value, operand) => value !== operand,
  lt: (value, operand) => value < operand,
  le: (value, operand) => value <= operand,
  gt: (value, operand) => value > operand,
  ge: (value, operand) => value >= operand,
};

const ruleOf = (op: Operator, value: bigint) => ({ comparisons: [{ index: 2, op, value, valueTwo: 0n }] });
/** Also those with one high half between theirs and the first or the last. */
const operand = fc.oneof(datum, fc.constantFrom((2n << 32n) + 5n, 2n ** 64n - (2n << 32n) - 5n));
const someRules = fc.array(
  fc.record({ op: fc.constantFrom<Operator>('eq', 'ne', 'lt', 'le', 'gt', 'ge'), value: operand }),
  { minLength: 1, maxLength: 8 },
);

/** Values around all that are compared, as far as they have so many bits. */
function valuesAround(rules: readonly { readonly value: bigint }[], bits: 32 | 64): readonly bigint[] {
  const all = boundaries(rules.map(({ value }) => value));
  return [...new Set(all.map((value) => BigInt.asUintN(bits, value)))];
}

describe.each([64, 32] as const)('of %d bits', (bits) => {
  const matches = (
    { op, value }: { readonly op: Operator; readonly value: bigint },
    datum: bigint,
  ): boolean => holds[op](datum, BigInt.asUintN(bits, value));

  it('ranges hold the values that the operators match', () => {
    fc.assert(
      fc.property(someRules, (rules) => {
        const space = createSpace();
        const written = rules.map(({ op, value }) => ruleOf(op, value));
        expect(onlyArgument(written)).toBe(2);
        const node = whereInRanges(space, 2, bits, matchedRanges(written, bits));
        for (const value of valuesAround(rules, bits)) {
          const call = { nr: 0, arch: 0, instructionPointer: 0n, args: [0n, 0n, value, 0n, 0n, 0n] } as const;
          const expected = rules.some((rule) => matches(rule, value));
          expect(evaluate(space, node, call), `${value}`).toEqual({ kind: 'boolean', holds: expected });
        }
        const one = written.map(({ comparisons: [each] }) =>
          each === undefined ? FALSE : testComparison(space, each, bits),
        );
        expect(node).toBe(one.reduce((all, each) => or(space, all, each), FALSE));
      }),
    );
  });

  it('rules match apart if each matches a value, and no value is matched twice', () => {
    fc.assert(
      fc.property(someRules, (rules) => {
        const around = valuesAround(rules, bits);
        const counts = around.map((value) => rules.filter((rule) => matches(rule, value)).length);
        const expected =
          counts.every((count) => count < 2) &&
          rules.every((rule) => around.some((value) => matches(rule, value)));
        const written = rules.map(({ op, value }) => ruleOf(op, value));
        expect(matchApart(written, bits)).toBe(expected);
      }),
    );
  });
});

it('are none of rules that mask, compare twice, compare nothing or compare different arguments', () => {
  const [first] = ruleOf('eq', 1n).comparisons;
  if (first === undefined) throw new Error('no comparison');
  const others: readonly (readonly Comparison[])[] = [
    [],
    [first, { ...first, index: 3 }],
    [{ ...first, index: 1 }],
    [{ ...first, op: 'maskedEq' }],
  ];
  for (const comparisons of others) {
    expect(onlyArgument([ruleOf('eq', 2n), { comparisons }])).toBeUndefined();
  }
});

it('make no node that their union does not have', () => {
  const count = 500;
  const rules = Array.from({ length: count }, (_, rule) => ({
    ...ruleOf('eq', BigInt(rule * 0x9e3779b1)),
    nr: 16,
    returnWord: 0x7fff_0000,
    rule,
  }));
  const space = createSpace();
  const { length: leaves } = [FALSE, TRUE, wordLeaf(space, 0), wordLeaf(space, 0x7fff_0000)];
  const root = decideCall(space, rules, 64, wordLeaf(space, 0));
  const seen = new Set<number>();
  const visit = (node: number): void => {
    if (seen.has(node) || node < leaves) return;
    seen.add(node);
    visit(space.low[node] ?? 0);
    visit(space.high[node] ?? 0);
  };
  visit(root);
  // The condition, and the same with words for its leaves.
  expect(space.count - leaves).toBeLessThanOrEqual(2 * seen.size);
  expect(space.work.steps).toBeLessThan(130 * count);
});

it('count as work where all together are one node', () => {
  const count = 500;
  const rules = Array.from({ length: count }, (_, rule) => ({
    ...ruleOf('lt', BigInt(rule)),
    nr: 16,
    returnWord: 0x7fff_0000,
    rule,
  }));
  const space = createSpace();
  decideCall(space, rules, 64, wordLeaf(space, 0));
  expect(space.work.steps).toBeGreaterThan(count);
});
