/**
 * What a register of a filter can hold, as far as it is followed: a constant, or bits of one word of seccomp_data,
 * shifted, masked and flipped. Everything else is unknown.
 * @module
 */
import type { Field } from './diagram-variables.ts';

/** The word `((field << shift) & mask) ^ flip`; a negative shift is one to the right. `mask` is not 0. */
export interface BitsWord {
  readonly kind: 'bits';
  readonly field: Field;
  readonly shift: number;
  readonly mask: number;
  readonly flip: number;
}

export type SymbolicWord =
  | { readonly kind: 'constant'; readonly value: number }
  | BitsWord
  /** The result of `instruction`, which is not followed. */
  | { readonly kind: 'unknown'; readonly instruction: number };

export type AluOperation = 'add' | 'sub' | 'mul' | 'div' | 'or' | 'and' | 'lsh' | 'rsh' | 'xor' | 'neg';

const ALL = 0xffff_ffff;

export function constant(value: number): SymbolicWord {
  return { kind: 'constant', value: value >>> 0 };
}

export function wordOf(field: Field): SymbolicWord {
  return { kind: 'bits', field, shift: 0, mask: ALL, flip: 0 };
}

/** One text for equal words. */
export function keyOf(word: SymbolicWord): string {
  switch (word.kind) {
    case 'constant':
      return `${word.value}`;
    case 'bits':
      return `f${word.field},${word.shift},${word.mask},${word.flip}`;
    case 'unknown':
      return `u${word.instruction}`;
  }
}

/** Whether a word is a field of seccomp_data as it was loaded. */
export function isPlain(word: BitsWord): boolean {
  return word.mask === ALL && isMasked(word);
}

/** Whether a word is bits of a field where they were loaded, and 0 elsewhere. */
export function isMasked({ flip, shift }: BitsWord): boolean {
  return flip === 0 && shift === 0;
}

/**
 * Computes `a operation b`.
 *
 * @param instruction - the index of the instruction, for a result that cannot be followed
 * @returns the word, or `undefined` for a division by 0, at which the kernel ends the program with 0
 */
export function compute(
  operation: AluOperation,
  a: SymbolicWord,
  b: SymbolicWord,
  instruction: number,
): SymbolicWord | undefined {
  if (operation === 'div' && b.kind === 'constant' && b.value === 0) return undefined;
  const unknown: SymbolicWord = { kind: 'unknown', instruction };
  if (a.kind === 'constant' && (b.kind === 'constant' || operation === 'neg')) {
    const value = fold(operation, a.value, b.kind === 'constant' ? b.value : 0);
    return value === undefined ? unknown : constant(value);
  }
  const followed =
    b.kind === 'constant' && a.kind === 'bits'
      ? withConstant(operation, a, b.value)
      : withWord(operation, a, b);
  return followed ?? unknown;
}

function fold(operation: AluOperation, a: number, b: number): number | undefined {
  switch (operation) {
    case 'add':
      return (a + b) >>> 0;
    case 'sub':
      return (a - b) >>> 0;
    case 'mul':
      return Math.imul(a, b) >>> 0;
    case 'div':
      return Math.floor(a / b);
    case 'or':
      return (a | b) >>> 0;
    case 'and':
      return (a & b) >>> 0;
    case 'xor':
      return (a ^ b) >>> 0;
    // Shifts by 32 and more differ between the kernel's interpreter and its compilers.
    case 'lsh':
      return b < 32 ? (a << b) >>> 0 : undefined;
    case 'rsh':
      return b < 32 ? a >>> b : undefined;
    case 'neg':
      return -a >>> 0;
  }
}

/** @param k - not 0 for `div` */
function withConstant(operation: AluOperation, word: BitsWord, k: number): SymbolicWord | undefined {
  const { mask, flip } = word;
  switch (operation) {
    case 'and':
      return bits(word, 0, mask & k, flip & k);
    case 'or':
      return bits(word, 0, mask & ~k, flip | k);
    case 'xor':
      return bits(word, 0, mask, flip ^ k);
    case 'lsh':
      return k < 32 ? bits(word, k, mask << k, flip << k) : undefined;
    case 'rsh':
      return k < 32 ? bits(word, -k, mask >>> k, flip >>> k) : undefined;
    case 'add':
      // Without a bit in common there is no carry.
      return ((mask | flip) & k) === 0 ? bits(word, 0, mask, flip | k) : undefined;
    case 'sub':
      return k === 0 ? word : undefined;
    case 'mul':
      if (k === 0) return constant(0);
      return isPowerOfTwo(k) ? withConstant('lsh', word, Math.log2(k)) : undefined;
    case 'div':
      return isPowerOfTwo(k) ? withConstant('rsh', word, Math.log2(k)) : undefined;
    case 'neg':
      return undefined;
  }
}

function isPowerOfTwo(k: number): boolean {
  return Number.isInteger(Math.log2(k));
}

function withWord(operation: AluOperation, a: SymbolicWord, b: SymbolicWord): SymbolicWord | undefined {
  if (b.kind === 'bits' && a.kind === 'constant' && commutes(operation)) {
    return withConstant(operation, b, a.value);
  }
  if (keyOf(a) !== keyOf(b)) return undefined;
  if (operation === 'and' || operation === 'or') return a;
  return operation === 'sub' || operation === 'xor' ? constant(0) : undefined;
}

function commutes(operation: AluOperation): boolean {
  return operation !== 'sub' && operation !== 'div' && operation !== 'lsh' && operation !== 'rsh';
}

function bits(word: BitsWord, shift: number, mask: number, flip: number): SymbolicWord {
  if (mask >>> 0 === 0) return constant(flip);
  return {
    kind: 'bits',
    field: word.field,
    shift: word.shift + shift,
    mask: mask >>> 0,
    flip: flip >>> 0,
  };
}
