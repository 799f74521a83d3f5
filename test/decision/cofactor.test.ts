/**
 * Fixing bits of a word, held against evaluating the diagram with these bits set.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operators } from '../../src/abi/operators.ts';
import { withBits } from '../../src/decision/cofactor.ts';
import { testComparison } from '../../src/decision/condition-diagrams.ts';
import { dataOf } from '../../src/decision/diagram-variables.ts';
import { createSpace, or } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { samples } from '../support/samples.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const comparison = fc.record({
  index: fc.integer({ min: 0, max: 1 }),
  op: fc.constantFrom(...Object.values(operators).map(({ operator }) => operator)),
  value: u64,
  valueTwo: u64,
});

it('a diagram with fixed bits says what the diagram says of words with these bits', () => {
  fc.assert(
    fc.property(
      fc.array(comparison, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 2, max: 5 }),
      u32,
      u32,
      fc.array(u32, { minLength: 16, maxLength: 16 }),
      (comparisons, field, mask, value, words) => {
        const space = createSpace();
        const root = comparisons
          .map((each) => testComparison(space, each, 64))
          .reduce((all, each) => or(space, all, each));
        const fixed = withBits(space, root, field, mask, value);
        const set = words.map((word, i) => (i === field ? ((word & ~mask) | (value & mask)) >>> 0 : word));
        expect(evaluate(space, fixed, dataOf(space, words))).toEqual(
          evaluate(space, root, dataOf(space, set)),
        );
        expect(evaluate(space, fixed, dataOf(space, set))).toEqual(evaluate(space, root, dataOf(space, set)));
      },
    ),
    { numRuns: samples(300) },
  );
});
