/**
 * Narrowed comparisons: the same condition on the lower bits, and fixes that do what they say.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparison, operators } from '../../../src/abi/operators.ts';
import { comparisonHolds } from '../../../src/decision/match-rules.ts';
import { narrowComparison } from '../../../src/lint/edit/comparison-fix.ts';
import { lintProfile } from '../../../src/lint/engine/lint-profile.ts';
import { cases as highBits } from '../cases/int-argument-high-bits.ts';
import { cases as signExtended } from '../cases/sign-extended-int.ts';

const call = (argument: bigint) => ({
  nr: 0,
  arch: 0,
  instructionPointer: 0n,
  args: [argument, 0n, 0n, 0n, 0n, 0n],
});
const kinds = Object.values(operators).map(({ operator }) => operator);
const small = fc.bigInt({ min: 0n, max: 0xffff_ffffn });

describe('narrowComparison', () => {
  it('holds for a value with any upper half exactly if the comparison holds for its lower half', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.constantFrom(...kinds), small, small, small, small, (op, value, valueTwo, low, high) => {
        const comparison: Comparison = { index: 0, op, value, valueTwo };
        const masks = narrowComparison(comparison, 32);
        if (masks === undefined) return;
        compared++;
        for (const argument of [low, value, value + 1n, value - 1n, 0n, 0xffff_ffffn]) {
          if (argument < 0n || argument > 0xffff_ffffn) continue;
          const wide = (high << 32n) | argument;
          const narrow = masks.some(({ mask, value: masked }) => (wide & mask) === masked);
          expect(narrow).toBe(comparisonHolds(comparison, call(argument), 'x86_64'));
        }
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(400);
  });

  it.each<[string, Comparison, 16 | 32, bigint | undefined, readonly [bigint, bigint][] | undefined]>([
    [
      'a range up to a limit',
      { index: 0, op: 'gt', value: 40n, valueTwo: 0n },
      32,
      45n,
      [
        [0xffff_ffffn, 41n],
        [0xffff_fffen, 42n],
        [0xffff_fffen, 44n],
      ],
    ],
    ['16 bits', { index: 0, op: 'eq', value: 0o4755n, valueTwo: 0n }, 16, undefined, [[0xffffn, 0o4755n]]],
    ['nothing below 0', { index: 0, op: 'lt', value: 0n, valueTwo: 0n }, 32, undefined, undefined],
    [
      'a value that does not fit',
      { index: 0, op: 'gt', value: 2n ** 32n, valueTwo: 0n },
      32,
      undefined,
      undefined,
    ],
  ])('%s', (_, comparison, width, last, expected) => {
    const masks = narrowComparison(comparison, width, last);
    expect(masks?.map(({ mask, value }) => [mask, value])).toEqual(expected);
  });
});

describe('fixes', () => {
  const noCure = highBits.flagged.find(({ name }) => name.endsWith('would be no cure'));
  it('allow no call that the profile denies: the lower half of a number that does not fit', async () => {
    const { findings } = await lintProfile(noCure?.text ?? '');
    const own = findings.filter(({ rule }) => rule === 'int-argument-high-bits');
    expect(own.map(({ fix }) => fix)).toEqual([undefined, undefined]);
  });

  const flagged = [
    ...highBits.flagged
      .filter(({ name }) => name !== noCure?.name)
      .map(({ name, text }) => ({ rule: 'int-argument-high-bits', name, text })),
    ...signExtended.flagged.map(({ name, text }) => ({ rule: 'sign-extended-int', name, text })),
  ];
  it.each(flagged)('$rule: $name', async ({ rule, text }) => {
    const before = (await lintProfile(text)).findings.filter((finding) => finding.rule === rule);
    const edits = before.flatMap(({ fix }) => fix?.edits ?? []);
    expect(edits).toHaveLength(before.length);
    const fixed = edits
      .toSorted((a, b) => b.start - a.start)
      .reduce((rest, { start, end, text: by }) => rest.slice(0, start) + by + rest.slice(end), text);
    const { findings, profile } = await lintProfile(fixed);
    expect(profile).toBeDefined();
    expect(findings.filter((finding) => finding.rule === rule)).toEqual([]);
  });

  it('keep the layout', async () => {
    const text = `{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    {
      "names": ["ioctl"],
      "action": "SCMP_ACT_ERRNO",
      "args": [
        {
          "index": 1,
          "value": 21522,
          "op": "SCMP_CMP_EQ"
        }
      ]
    }
  ]
}
`;
    const { findings } = await lintProfile(text);
    const edit = findings.find(({ rule }) => rule === 'int-argument-high-bits')?.fix?.edits[0];
    expect(edit?.text).toBe(`{
          "index": 1,
          "value": 4294967295,
          "valueTwo": 21522,
          "op": "SCMP_CMP_MASKED_EQ"
        }`);
  });
});
