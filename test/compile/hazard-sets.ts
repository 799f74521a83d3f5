/**
 * Sets of rules by what libseccomp makes of them: test/compile holds the predicate against them, test/oracle libseccomp.
 */
import type { Comparison, Operator } from '../../src/abi/operators.ts';
import type { HazardRule } from '../../src/compile/hazardous-rules.ts';

const symbols: Record<string, Operator> = {
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '==': 'eq',
  '>=': 'ge',
  '>': 'gt',
};

/** Reads 'a0 != 1, a1 & 0xff == 3'; the empty text is a rule with no comparison. */
function comparisons(text: string): Comparison[] {
  return text
    .split(', ')
    .filter((part) => part !== '')
    .map((part) => {
      const words = part.split(' ');
      const index = Number(words[0]?.slice(1));
      if (words[1] === '&') {
        return { index, op: 'maskedEq', value: BigInt(words[2] ?? ''), valueTwo: BigInt(words[4] ?? '') };
      }
      const op = symbols[words[1] ?? ''];
      if (op === undefined) throw new Error(`not a comparison: ${part}`);
      return { index, op, value: BigInt(words[2] ?? ''), valueTwo: 0n };
    });
}

/** Rules of one system call, a text each. */
export function rulesOf(texts: readonly string[], syscall = 'socket'): HazardRule[] {
  return texts.map((text) => ({ syscall, comparisons: comparisons(text) }));
}

export function sequence(length: number, text: (i: number) => string): string[] {
  return Array.from({ length }, (_, i) => text(i));
}

/** Sets that were seen to loop in libseccomp 2.5.4, 2.6.0 and 2.6.1 on x86_64, default ERRNO(1), all ALLOW. */
export const looping: readonly (readonly [string, readonly string[]])[] = [
  ['an ordering, then an equality, behind the same !=', ['a0 != 1, a1 > 1', 'a0 != 1, a1 != 1']],
  ['arguments in the other order in the document', ['a1 > 1, a0 != 1', 'a1 != 1, a0 != 1']],
  ['different second arguments', ['a0 != 1, a1 == 1', 'a0 != 1, a2 == 1']],
  ['a larger high half', ['a0 > 1, a1 == 0', 'a0 > 1, a1 == 0x200000000']],
  ['the same equality in front', ['a0 == 1, a1 != 2, a3 == 1', 'a0 == 1, a1 != 2, a4 == 1']],
  ['<', ['a0 < 1, a1 < 1', 'a0 < 1, a1 == 1']],
  ['<=', ['a0 <= 1, a1 >= 1', 'a0 <= 1, a1 & 3 == 1']],
  ['>=', ['a0 >= 0, a1 >= 1', 'a0 >= 0, a1 <= 0x1000000ff']],
  ['with harmless rules around', ['a0 == 3', 'a0 <= 2, a1 >= 0xff, a2 == 2', 'a2 >= 0', 'a0 <= 2, a2 > 0']],
];

/** Sets that it takes long for. */
export const slow: readonly (readonly [string, readonly string[]])[] = [
  [
    '100 orderings with different high halves (136 ms)',
    sequence(100, (i) => `a0 > ${BigInt(100 - i) << 32n}`),
  ],
  [
    'a rule of five comparisons over five single ones (7.7 s)',
    [
      'a5 & 0xffffffff00000000 == 0',
      'a0 >= 0xff',
      'a4 < 0',
      'a4 == 0x2ffffffff',
      'a5 != 0x200000000',
      'a0 >= 1, a1 > 0, a2 < 0x100000000, a3 != 0xff, a4 >= 0x100000000',
    ],
  ],
];

/** Sets that libseccomp builds at once. */
export const ordinary: readonly (readonly [string, readonly string[]])[] = [
  ['no rule', []],
  ['rules without comparisons', ['', '', '']],
  ['one rule with every argument', ['a0 != 1, a1 < 1, a2 <= 1, a3 >= 1, a4 > 1, a5 != 1']],
  ["Docker's socket", ['a0 < 38', 'a0 == 39', 'a0 > 40']],
  ["Docker's personality", ['a0 == 0', 'a0 == 8', 'a0 == 0x20000', 'a0 == 0x20008', 'a0 == 0xffffffff']],
  ["Docker's clone", ['a0 & 0x7e020000 == 0', 'a1 & 0x7e020000 == 0']],
  ["Podman's socket", ['a0 == 16, a2 == 9', 'a2 != 9', 'a0 != 16', 'a2 != 9']],
  [
    'equalities only',
    ['a0 == 1, a1 == 1', 'a0 == 1, a2 == 1', 'a0 == 1, a1 == 2, a2 == 3', 'a1 == 1, a5 == 1'],
  ],
  ['equalities and masks', ['a0 == 1, a1 & 3 == 1', 'a0 & 1 == 1, a2 == 1', 'a0 & 1 == 1, a1 & 0xf0 == 0']],
  [
    'only the last comparison is not an equality',
    ['a0 == 1, a1 != 2', 'a0 == 1, a1 != 3', 'a0 == 1, a1 > 9'],
  ],
  ['one rule that shares, others that do not', ['a0 != 1, a1 > 1', 'a0 == 1, a1 != 1', 'a0 != 1', 'a1 >= 2']],
  ['the last comparison in the document is not the last argument', ['a1 != 1, a0 == 1', 'a1 > 1, a0 == 2']],
  [
    'single comparisons of every kind',
    ['a0 != 1', 'a0 < 0x100000005', 'a0 >= 0x500000000', 'a1 <= 3', 'a2 & 1 == 1'],
  ],
  ['duplicates', ['a0 == 1, a1 == 2', 'a0 == 1, a1 == 2', 'a3 > 1', 'a3 > 1']],
  ['many values of one argument', sequence(200, (i) => `a1 == ${i}`)],
  ['many 64-bit values of one argument', sequence(100, (i) => `a1 == ${BigInt(i) << 32n}`)],
  ['many pairs', sequence(100, (i) => `a0 == ${i}, a1 == ${i}`)],
];
