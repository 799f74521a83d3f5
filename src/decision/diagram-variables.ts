/**
 * The variables of a decision: the bits of the sixteen words of seccomp_data, in the order in which diagrams ask them.
 *
 * Architecture first, then the number, then the arguments, the high half of each before its low half, every word from
 * its highest bit down. Profiles decide in this order, and a comparison of 64 bits then takes one node a bit. The order of the
 * arguments is the space's (argument-order.ts).
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import {
  SECCOMP_DATA_ARCH,
  SECCOMP_DATA_ARGS,
  SECCOMP_DATA_NR,
  type SeccompData,
} from '../abi/seccomp-data.ts';

/** A 32-bit word of seccomp_data, by its place in the order: 0..15. */
export type Field = number;

export const FIELD_ARCH: Field = 0;
export const FIELD_NR: Field = 1;
/** A word that no architecture has. It stands for all words that a filter does not know. */
export const NO_ARCH = 0xffff_ffff;
const FIELD_ARGS = 2;
const FIELD_INSTRUCTION_POINTER = 14;
export const FIELD_COUNT = 16;
export const WORD_BITS = 32;

/** By place: the argument that is asked there. All six are in it. */
export type ArgumentOrder = readonly number[];

export const NATURAL_ORDER: ArgumentOrder = [0, 1, 2, 3, 4, 5];

/** What has an order of arguments: a space. */
export interface Ordered {
  readonly order: ArgumentOrder;
}

/** The word with the high half of argument `index`; that with the low half follows it. */
export function highHalf({ order }: Ordered, index: number): Field {
  return FIELD_ARGS + 2 * order.indexOf(index);
}

export function lowHalf(ordered: Ordered, index: number): Field {
  return highHalf(ordered, index) + 1;
}

/** The argument a word belongs to, or `undefined` for arch, nr and instruction pointer. */
export function argumentOf({ order }: Ordered, field: Field): number | undefined {
  return field >= FIELD_ARGS && field < FIELD_INSTRUCTION_POINTER
    ? order[Math.floor((field - FIELD_ARGS) / 2)]
    : undefined;
}

/** The first level of a word: its highest bit. */
export function firstLevel(field: Field): number {
  return field * WORD_BITS;
}

/** The level of bit `bit` (31 is the highest) of a word. */
export function levelOf(field: Field, bit: number): number {
  return field * WORD_BITS + (WORD_BITS - 1 - bit);
}

/** Which word an absolute load reads; `offset` is a multiple of 4 below 64. */
export function fieldAt(ordered: Ordered, offset: number, endian: Endian): Field {
  if (offset === SECCOMP_DATA_NR) return FIELD_NR;
  if (offset === SECCOMP_DATA_ARCH) return FIELD_ARCH;
  const second = offset % 8 === 4;
  const half = second === (endian === 'little') ? 0 : 1;
  return offset < SECCOMP_DATA_ARGS
    ? FIELD_INSTRUCTION_POINTER + half
    : highHalf(ordered, Math.floor((offset - SECCOMP_DATA_ARGS) / 8)) + half;
}

/** The sixteen words of a call, u32, in the order of the fields. */
export function wordsOf({ order }: Ordered, data: SeccompData): readonly number[] {
  const halves = (value: bigint): number[] => [Number(value >> 32n), Number(value & 0xffff_ffffn)];
  const args = order.flatMap((index) => halves(data.args[index] ?? 0n));
  return [data.arch >>> 0, data.nr >>> 0, ...args, ...halves(data.instructionPointer)];
}

/** The call that has these words: the inverse of {@link wordsOf}. */
export function dataOf(ordered: Ordered, words: readonly number[]): SeccompData {
  const word = (field: Field): number => words[field] ?? 0;
  const long = (field: Field): bigint => (BigInt(word(field)) << 32n) | BigInt(word(field + 1));
  return {
    nr: word(FIELD_NR) | 0,
    arch: word(FIELD_ARCH),
    instructionPointer: long(FIELD_INSTRUCTION_POINTER),
    args: NATURAL_ORDER.map((index) => long(highHalf(ordered, index))),
  };
}
