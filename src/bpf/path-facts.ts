/**
 * What is known at each instruction of a program: which architectures and numbers can get there, and where the values
 * in A, X and the scratch words come from.
 *
 * Facts are sound: a path that is said to be impossible is. They are not complete: arguments are not followed, and of
 * the numbers only an interval and bit 30 are kept.
 * @module
 */
import { allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { SECCOMP_DATA_ARCH, SECCOMP_DATA_NR, SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import { compute, holds, type Opcode, opcodeOf } from './opcodes.ts';
import type { Program, SockFilter } from './program.ts';
import { BPF_MEMWORDS, jumpTargets } from './program-problems.ts';

/** Where a value comes from: it is a constant, the word of seccomp_data at an offset ANDed with a mask, or unknown. */
export type PathValue =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'field'; readonly offset: number; readonly mask: number }
  | { readonly kind: 'unknown' };

/** What holds before an instruction on every path that leads there. */
export interface PathFacts {
  /** The architecture words that are possible here: bit i is word i of {@link knownArchWords}, {@link OTHER_ARCH} is any other. */
  readonly archs: number;
  /** As a u32, nr is at least this. */
  readonly nrLow: number;
  /** As a u32, nr is at most this. */
  readonly nrHigh: number;
  /** Bit 30 of nr, where known. */
  readonly x32Bit: boolean | undefined;
  readonly a: PathValue;
  readonly x: PathValue;
  readonly scratch: readonly PathValue[];
}

/** Every architecture word of libseccomp's architectures, once. */
export const knownArchWords: readonly number[] = [
  ...new Set(allArchitectures.map(({ auditArch }) => auditArch)),
];
/** Stands for all architecture words not in {@link knownArchWords}. */
export const OTHER_ARCH = 1 << 30;

export const ALL_BITS = 0xffffffff;
const UNKNOWN: PathValue = { kind: 'unknown' };
const ZERO: PathValue = { kind: 'constant', value: 0 };

const START: PathFacts = {
  archs: OTHER_ARCH | ((1 << knownArchWords.length) - 1),
  nrLow: 0,
  nrHigh: ALL_BITS,
  x32Bit: undefined,
  a: ZERO,
  x: ZERO,
  scratch: new Array(BPF_MEMWORDS).fill(UNKNOWN),
};

/**
 * Follows every path of a program at once; jumps only go forward, so one pass is enough.
 *
 * @returns for each instruction its facts, `undefined` where no call can get
 */
export function followPaths(program: Program): readonly (PathFacts | undefined)[] {
  const all: (PathFacts | undefined)[] = new Array(program.length).fill(undefined);
  const reach = (at: number, facts: PathFacts | undefined): void => {
    if (facts === undefined || at >= program.length) return;
    const known = all[at];
    all[at] = known === undefined ? facts : merge(known, facts);
  };
  reach(0, START);
  for (const [at, instruction] of program.entries()) {
    const facts = all[at];
    const opcode = opcodeOf(instruction.code);
    if (facts === undefined || opcode?.mnemonic === 'ret') continue;
    const [target, otherwise] = jumpTargets(instruction, at);
    if (target === undefined || opcode === undefined) {
      reach(at + 1, opcode === undefined ? facts : afterStep(instruction, opcode, facts));
    } else if (otherwise === undefined) reach(target, facts);
    else {
      reach(target, afterBranch(instruction, facts, true));
      reach(otherwise, afterBranch(instruction, facts, false));
    }
  }
  return all;
}

function same(a: PathValue, b: PathValue): boolean {
  if (a === b) return true;
  if (a.kind === 'constant') return b.kind === 'constant' && a.value === b.value;
  if (a.kind === 'field') return b.kind === 'field' && a.offset === b.offset && a.mask === b.mask;
  return b.kind === 'unknown';
}

function merge(a: PathFacts, b: PathFacts): PathFacts {
  const both = (left: PathValue, right: PathValue): PathValue => (same(left, right) ? left : UNKNOWN);
  return {
    archs: a.archs | b.archs,
    nrLow: Math.min(a.nrLow, b.nrLow),
    nrHigh: Math.max(a.nrHigh, b.nrHigh),
    x32Bit: a.x32Bit === b.x32Bit ? a.x32Bit : undefined,
    a: both(a.a, b.a),
    x: both(a.x, b.x),
    scratch:
      a.scratch === b.scratch ? a.scratch : a.scratch.map((value, i) => both(value, b.scratch[i] ?? UNKNOWN)),
  };
}

function afterStep({ code, k }: SockFilter, { mnemonic, shape }: Opcode, facts: PathFacts): PathFacts {
  switch (mnemonic) {
    case 'ld':
      return { ...facts, a: loaded(shape, k, facts) };
    case 'ldx':
      return { ...facts, x: loaded(shape, k, facts) };
    case 'st':
    case 'stx':
      if (k >= BPF_MEMWORDS) return facts;
      return { ...facts, scratch: facts.scratch.with(k, mnemonic === 'st' ? facts.a : facts.x) };
    case 'tax':
      return { ...facts, x: facts.a };
    case 'txa':
      return { ...facts, a: facts.x };
    case 'ldxb':
      return { ...facts, x: UNKNOWN };
    case 'ldh':
    case 'ldb':
    case 'mod':
      return { ...facts, a: UNKNOWN };
    default: {
      const operand: PathValue = shape === 'x' ? facts.x : { kind: 'constant', value: k };
      return { ...facts, a: computed(code, mnemonic, facts.a, operand) };
    }
  }
}

function loaded(shape: string, k: number, { scratch }: PathFacts): PathValue {
  if (shape === 'field') return { kind: 'field', offset: k, mask: ALL_BITS };
  if (shape === 'constant') return { kind: 'constant', value: k };
  if (shape === 'length') return { kind: 'constant', value: SECCOMP_DATA_SIZE };
  return (shape === 'scratch' ? scratch[k] : undefined) ?? UNKNOWN;
}

function computed(code: number, mnemonic: string, a: PathValue, operand: PathValue): PathValue {
  if (operand.kind !== 'constant') {
    if (mnemonic !== 'neg' || a.kind !== 'constant') return UNKNOWN;
  }
  const right = operand.kind === 'constant' ? operand.value : 0;
  if (a.kind === 'field' && mnemonic === 'and') return { ...a, mask: (a.mask & right) >>> 0 };
  const value = a.kind === 'constant' ? compute(code, a.value, right) : undefined;
  return value === undefined ? UNKNOWN : { kind: 'constant', value };
}

/** The facts on one way out of a branch; `undefined`: no call goes this way. */
function afterBranch({ code, k }: SockFilter, facts: PathFacts, taken: boolean): PathFacts | undefined {
  const right: PathValue = opcodeOf(code)?.shape === 'branchX' ? facts.x : { kind: 'constant', value: k };
  const { a } = facts;
  if (right.kind !== 'constant') return facts;
  if (a.kind === 'constant') return holds(code, a.value, right.value) === taken ? facts : undefined;
  if (a.kind !== 'field') return facts;
  if (a.offset === SECCOMP_DATA_ARCH) return narrowArchs(code, a.mask, right.value, facts, taken);
  if (a.offset === SECCOMP_DATA_NR) return narrowNr(code, a.mask, right.value, facts, taken);
  return facts;
}

const JEQ = 0x10;
const JGT = 0x20;
const JGE = 0x30;
const JSET = 0x40;

function narrowArchs(
  code: number,
  mask: number,
  k: number,
  facts: PathFacts,
  taken: boolean,
): PathFacts | undefined {
  let archs = facts.archs & OTHER_ARCH;
  // An equality that holds leaves one value.
  const exact = (code & 0xf0) === JEQ && mask === ALL_BITS && taken;
  if (exact && knownArchWords.includes(k)) archs = 0;
  for (const [i, word] of knownArchWords.entries()) {
    if ((facts.archs & (1 << i)) === 0) continue;
    if (holds(code, (word & mask) >>> 0, k) === taken) archs |= 1 << i;
  }
  return archs === 0 ? undefined : { ...facts, archs };
}

function narrowNr(
  code: number,
  mask: number,
  k: number,
  facts: PathFacts,
  taken: boolean,
): PathFacts | undefined {
  const operator = code & 0xf0;
  if (operator === JSET) {
    const tested = (mask & k) >>> 0;
    if (tested === 0) return taken ? undefined : facts;
    return tested === X32_SYSCALL_BIT ? withX32Bit(facts, taken) : facts;
  }
  if (mask === X32_SYSCALL_BIT && operator === JEQ) {
    if (k === X32_SYSCALL_BIT || k === 0) return withX32Bit(facts, taken === (k !== 0));
  }
  if (mask !== ALL_BITS) return facts;
  let { nrLow, nrHigh } = facts;
  if (operator === JEQ) {
    if (taken) {
      nrLow = Math.max(nrLow, k);
      nrHigh = Math.min(nrHigh, k);
    } else if (k === nrLow) nrLow += 1;
    else if (k === nrHigh) nrHigh -= 1;
  } else if (taken) nrLow = Math.max(nrLow, operator === JGT ? k + 1 : k);
  else nrHigh = Math.min(nrHigh, operator === JGE ? k - 1 : k);
  if (nrLow > nrHigh) return undefined;
  const narrowed = { ...facts, nrLow, nrHigh };
  const isOneQuarter = nrLow >>> 30 === nrHigh >>> 30;
  return isOneQuarter ? withX32Bit(narrowed, ((nrLow >>> 30) & 1) === 1) : narrowed;
}

function withX32Bit(facts: PathFacts, x32Bit: boolean): PathFacts | undefined {
  return facts.x32Bit === !x32Bit ? undefined : { ...facts, x32Bit };
}
