import { describe, expect, it } from 'vitest';
import { formatNumber } from '../../src/abi/syscall-numbers.ts';
import type { ArgumentTest } from '../../src/decision/describe.ts';
import { formatCall, formatComparison, formatTest, wordsOf } from '../../src/decision/format-call.ts';

const LAST = (1n << 64n) - 1n;
const test = (
  ranges: readonly (readonly [bigint, bigint])[],
  part: ArgumentTest['part'] = 'whole',
): ArgumentTest => ({
  index: 0,
  part,
  test: { kind: 'in', ranges },
});
const masked = (mask: bigint, values: readonly bigint[], equal = true): ArgumentTest => ({
  index: 1,
  part: 'low',
  test: { kind: 'masked', mask, values, equal },
});

describe('formatTest', () => {
  it.each<readonly [ArgumentTest, string]>([
    [test([[5n, 5n]]), 'arg0 == 5'],
    [test([[0n, 9n]]), 'arg0 <= 9'],
    [test([[0x1000n, LAST]]), 'arg0 >= 0x1000'],
    [test([[2n, 4n]]), 'arg0 in 2..4'],
    [
      test([
        [0n, 4n],
        [6n, LAST],
      ]),
      'arg0 != 5',
    ],
    [
      test([
        [1n, 4n],
        [6n, LAST],
      ]),
      'arg0 none of 0, 5',
    ],
    [
      test([
        [0n, 4n],
        [6n, LAST - 1n],
      ]),
      `arg0 none of 5, 0x${LAST.toString(16)}`,
    ],
    [
      test([
        [0n, 4n],
        [7n, LAST],
      ]),
      `arg0 one of 0..4, 7..0x${LAST.toString(16)}`,
    ],
    [
      test([
        [1n, 1n],
        [40n, 50n],
      ]),
      'arg0 one of 1, 40..50',
    ],
    [test([[5n, 5n]], 'low'), 'low half of arg0 == 5'],
    [test([[0n, 0xffffffffn - 1n]], 'high'), 'high half of arg0 <= 0xfffffffe'],
    [masked(0xff00n, [0n]), 'arg1 & 0xff00 == 0'],
    [masked(0xff00n, [0x100n], false), 'arg1 & 0xff00 != 256'],
    [masked(3n, [1n, 2n]), 'arg1 & 3 one of 1, 2'],
    [masked(3n, [1n, 2n], false), 'arg1 & 3 none of 1, 2'],
    [
      { index: undefined, part: 'whole', test: { kind: 'in', ranges: [[0n, 9n]] } },
      'instruction pointer <= 9',
    ],
  ])('%#: %o', (given, expected) => {
    expect(formatTest(given)).toBe(expected);
  });

  it('takes the low half for the whole where there is no more', () => {
    expect(formatTest(test([[5n, 5n]], 'low'), wordsOf('x86', undefined))).toBe('arg0 == 5');
  });

  it('uses the names that values have', () => {
    const socket = wordsOf('x86_64', 'socket');
    expect(formatTest(test([[40n, 40n]]), socket)).toBe('arg0 == AF_VSOCK (40)');
    expect(formatTest({ ...masked(0x30000000n, [0n]), index: 0 }, wordsOf('x86_64', 'clone'))).toBe(
      'arg0 & (CLONE_NEWUSER|CLONE_NEWPID) == 0',
    );
    // -1 is no set of flags, and a high half has no names.
    expect(formatTest(test([[LAST, LAST]]), wordsOf('x86_64', 'clone'))).toBe(
      `arg0 == 0x${LAST.toString(16)}`,
    );
    expect(formatTest(test([[40n, 40n]], 'high'), socket)).toBe('high half of arg0 == 40');
  });
});

describe('formatComparison', () => {
  it.each([
    [{ index: 0, op: 'lt', value: 38n, valueTwo: 0n }, 'arg0 < 38'],
    [{ index: 5, op: 'ne', value: 0x12345n, valueTwo: 7n }, 'arg5 != 0x12345'],
    [{ index: 1, op: 'maskedEq', value: 0xf0n, valueTwo: 0xffn }, 'arg1 & 0xf0 == 240'],
  ] as const)('%o', (comparison, expected) => {
    expect(formatComparison(comparison)).toBe(expected);
  });
});

describe('formatCall', () => {
  const base = { nr: 41, arch: 0xc000003e, instructionPointer: 0n, args: [40n, 0n, 0n, 0n, 0n, 0n] };
  it.each([
    [base, 'x86_64 socket(AF_VSOCK (40), 0, 0)'],
    [{ ...base, args: [0x100000028n, 0n, 0n, 7n, 0n, 0n] }, 'x86_64 socket(0x100000028, 0, 0, 7)'],
    [{ ...base, nr: 9999 }, 'x86_64 syscall 9999(40)'],
    [{ ...base, nr: 0x40000029, args: [] }, 'x32 socket()'],
    [{ ...base, nr: -1, args: [] }, 'x86_64 syscall 0xffffffff()'],
    [{ ...base, arch: 5, args: [] }, 'arch 0x5 syscall 41()'],
    [
      { ...base, nr: 39, args: [], instructionPointer: 0x1000n },
      'x86_64 getpid() at instruction pointer 0x1000',
    ],
  ])('%#', (call, expected) => {
    expect(formatCall(call)).toBe(expected);
  });

  it('writes numbers with high bits in hexadecimal', () => {
    expect([formatNumber(463), formatNumber(0x40000001), formatNumber(-1)]).toEqual([
      '463',
      '0x40000001',
      '0xffffffff',
    ]);
  });
});
