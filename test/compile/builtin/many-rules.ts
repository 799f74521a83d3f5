/**
 * Policies with many rules of one call, each with comparisons of its own.
 * @module
 */
import { actions, returnWord } from '../../../src/abi/actions.ts';
import type { ArchName } from '../../../src/abi/architectures.ts';
import type { Comparison } from '../../../src/abi/operators.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { PolicyRule } from '../../../src/policy/policy.ts';
import { parseRuntime } from '../../../src/policy/runtimes.ts';
import { createRandom } from '../../decision/random.ts';
import type { Expanded } from './support.ts';

/** The comparisons of a rule. */
export type ComparisonsOf = (n: number) => PolicyRule['comparisons'];

export function compare(index: number, op: Comparison['op'], value: number, valueTwo = 0): Comparison {
  return { index, op, value: BigInt(value), valueTwo: BigInt(valueTwo) };
}

/** Rules that deny a call. */
export function rulesOf(
  count: number,
  comparisonsOf: ComparisonsOf,
  syscall = 'keyctl',
): readonly PolicyRule[] {
  const nr = directSyscallNumber(syscall, 'x86_64') ?? -1;
  return Array.from({ length: count }, (_rule, n): PolicyRule => {
    const comparisons = comparisonsOf(n);
    return { syscall, nr, origin: n, comparisons, returnWord: returnWord('errno', 1) };
  });
}

/** A policy of one architecture that allows all else. */
export function policyWith(given: readonly PolicyRule[], arch: ArchName = 'x86_64'): Expanded {
  const rules = given.map((rule) => ({ ...rule, nr: directSyscallNumber(rule.syscall, arch) ?? -1 }));
  const policy: Expanded['policy'] = {
    ...{ runtime: parseRuntime('plain'), architectures: [arch], rules, enosysStub: undefined, flags: [] },
    ...{ defaultAction: actions.allow.word, badArchAction: actions.killThread.word, optimize: 1 },
  };
  return { policy, expanded: expandPolicy(policy, newestTable) };
}

export const boundsOf: ComparisonsOf = (n) => [
  compare(0, 'eq', n),
  compare(1, 'ge', n),
  compare(2, 'le', 900 - n),
  compare(3, 'ge', 2 * n),
];

const masksOf: ComparisonsOf = (n) => [
  compare(0, 'eq', n),
  compare(1, 'maskedEq', 0xff0, 16 * (n % 256)),
  compare(2, 'maskedEq', 0xf_ff00, 256 * n),
];

const threeMasksOf: ComparisonsOf = (n) => [
  ...masksOf(n),
  compare(3, 'maskedEq', 0xfff0, 16 * ((7 * n) % 1024)),
];

/** Ranges of two arguments, those of the first one overlapping. */
export const twoRangesOf: ComparisonsOf = (n) => [
  ...[compare(0, 'ge', 10 * n), compare(0, 'le', 10 * n + 15)],
  ...[compare(1, 'ge', 100 * n), compare(1, 'le', 100 * n + 9)],
];

/** Words without a pattern, always the same. */
const random = createRandom(5);
const words = Array.from({ length: 3000 }, () => random.word());
const wordOf = (n: number): number => words[n] ?? 0;

function wideRange(index: number, n: number): PolicyRule['comparisons'] {
  const ends = [wordOf(n + 700 * index), wordOf(n + 700 * index + 600)].sort((a, b) => a - b);
  return [compare(index, 'ge', ends[0] ?? 0), compare(index, 'le', ends[1] ?? 0)];
}

const ownMasksOf: ComparisonsOf = (n) => [
  compare(0, 'eq', n),
  compare(1, 'maskedEq', wordOf(n), wordOf(n + 600)),
  compare(2, 'maskedEq', wordOf(n + 1200), wordOf(n + 1800)),
];

/** By what each rule compares: how many rules, which a program needs a trick to have room for. */
export const crowdedCalls: Readonly<Record<string, readonly [number, ComparisonsOf]>> = {
  // Without constants in X: 4,120, 4,105, 4,186 and 4,119 instructions.
  'a value and three bounds': [580, boundsOf],
  'a value and two masks': [580, masksOf],
  'a value and two bounds, with two upper halves': [
    550,
    (n) => [...boundsOf(n).slice(0, 2), compare(2, 'le', (n % 2) * 2 ** 33 + n)],
  ],
  'a value and two bounds of 64 bits': [
    370,
    (n) => [
      compare(0, 'eq', n),
      compare(1, 'ge', 2 ** 32 * (7 * n + 3) + n),
      compare(2, 'le', 2 ** 32 * (9 * n + 5) + n),
    ],
  ],
  // By the diagram, not rule by rule: 4,200.
  'ranges of two arguments': [460, twoRangesOf],
  // One after the other: 4,160.
  'a value and three masks': [520, threeMasksOf],
  // Without constants in tables: 4,259, 4,263 and 4,309.
  'a value and two masks without a pattern': [600, ownMasksOf],
  'a value and two wide ranges': [600, (n) => [compare(0, 'eq', n), ...wideRange(1, n), ...wideRange(2, n)]],
  'a value and constants without a pattern in two ways': [
    600,
    (n) =>
      n % 2 === 0
        ? ownMasksOf(n)
        : [
            compare(0, 'eq', n),
            ...wideRange(3, n),
            compare(1, 'ge', wordOf(n)),
            compare(2, 'le', wordOf(n + 9)),
          ],
  ],
};

/** Those of {@link crowdedCalls} that the kernel is asked too (test/oracle/builtin-kernel.test.ts), where each is made once for all. */
export const crowdedInKernel: readonly string[] = [
  'a value and three bounds',
  'a value and two masks',
  'ranges of two arguments',
  'a value and constants without a pattern in two ways',
];

/** By what each rule compares beside a value: how many instructions 60 rules take if a word has the other constants of each. */
export const packedCalls: Readonly<Record<string, readonly [number, ComparisonsOf]>> = {
  // 436, and below 254, 537, 424, 614, 492, 244 and 254, if each constant is in an instruction of its own.
  'two ranges': [
    263,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'ge', 0x5_4000 * n), compare(1, 'le', 0x5_4000 * n + 100)],
      ...[compare(2, 'ge', 2 * n), compare(2, 'le', 3 * n)],
    ],
  ],
  'a range of 4096 numbers': [
    205,
    (n) => {
      const page = (wordOf(n) & 0x7fff_f000) >>> 0;
      return [compare(0, 'eq', n), compare(1, 'ge', page), compare(1, 'le', page + 0xfff)];
    },
  ],
  'bounds with common upper bits': [
    217,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'ge', 0x5400_0000 + n)],
      compare(2, 'ge', 0x1234_0000 + 3 * n),
    ],
  ],
  'two masks of its own': [
    381,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'maskedEq', 0x101 + 2 * n, wordOf(n))],
      compare(2, 'maskedEq', 0x8100 + 4 * n, wordOf(n + 500)),
    ],
  ],
  'three masked values': [258, threeMasksOf],
  // Starts cross 128, and differ in more bits than their distances from the end do.
  'a range with a common end, and a bound': [
    239,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'ge', 100 + n), compare(1, 'le', 300)],
      compare(2, 'ge', 3 * n),
    ],
  ],
  // A test may lead to both. The bounds are too few to be packed.
  'a range, or a bound': [
    195,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'ge', wordOf(n) & 0xfff_ffff)],
      ...(n % 4 === 0 ? [] : [compare(1, 'le', (wordOf(n) & 0xfff_ffff) + 100)]),
    ],
  ],
  'a range with a common end': [
    193,
    (n) => [
      ...[compare(0, 'eq', n), compare(1, 'ge', wordOf(n) & 0x7fff_ffff)],
      compare(1, 'le', 0xffff_0000),
    ],
  ],
};
