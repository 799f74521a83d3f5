/**
 * Policies with many rules of one call, each with comparisons of its own.
 * @module
 */
import { actions, returnWord } from '../../../src/abi/actions.ts';
import type { Comparison } from '../../../src/abi/operators.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { PolicyRule } from '../../../src/policy/policy.ts';
import { parseRuntime } from '../../../src/policy/runtimes.ts';
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

/** A policy that allows all else, and is of x86_64. */
export function policyWith(rules: readonly PolicyRule[]): Expanded {
  const policy: Expanded['policy'] = {
    ...{ runtime: parseRuntime('plain'), architectures: ['x86_64'], rules, enosysStub: undefined, flags: [] },
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

/** Ranges of two arguments, those of the first one overlapping. */
export const twoRangesOf: ComparisonsOf = (n) => [
  ...[compare(0, 'ge', 10 * n), compare(0, 'le', 10 * n + 15)],
  ...[compare(1, 'ge', 100 * n), compare(1, 'le', 100 * n + 9)],
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
};
