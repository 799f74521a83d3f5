/**
 * Random rule sets, the n-th of a seed always the same.
 *
 * All rules are about one system call that does nothing, so that the kernel can be asked. What one set draws from is
 * itself drawn: few operators or all, few arguments or six, small values or all 64 bits. Rules of one set share values
 * and arguments often; only then does libseccomp merge them.
 * @module
 */
import { actions, type ReturnWord, returnWord } from '../../src/abi/actions.ts';
import type { ArchName } from '../../src/abi/architectures.ts';
import { type Comparison, type Operator, operators } from '../../src/abi/operators.ts';
import { xorshift32 } from '../../test/support/xorshift.ts';
import type { RuleSet, SetRule } from './rule-set.ts';

export type Random = (below: number) => number;

/** Numbers in 0..below-1: xorshift32 (G. Marsaglia, 2003) from a mixed seed. */
export function random(seed: number, stream: number): Random {
  const next = xorshift32((Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) | 1);
  for (let i = 0; i < 8; i++) next();
  return (below) => next() % below;
}

const small = [0n, 1n, 2n, 3n, 0xan, 0xffn, 0x100n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fffen, 0xffff_ffffn];
const large = [
  0x1_0000_0000n,
  0x1_0000_0001n,
  0x1_0000_0005n,
  0x1_ffff_ffffn,
  0x2_0000_0000n,
  0x5_0000_0005n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
];
const allOperators = Object.keys(operators) as readonly Operator[];
const palettes: readonly (readonly Operator[])[] = [
  allOperators,
  allOperators,
  ['eq'],
  ['eq', 'maskedEq'],
  ['eq', 'ne'],
  ['lt', 'le', 'gt', 'ge'],
  ['eq', 'lt', 'le', 'gt', 'ge'],
];
const actionPool: readonly ReturnWord[] = [
  actions.allow.word,
  returnWord('errno', 1),
  returnWord('errno', 13),
  actions.killProcess.word,
  actions.trap.word,
  actions.log.word,
];
const defaults: readonly ReturnWord[] = [
  returnWord('errno', 71),
  actions.allow.word,
  actions.killProcess.word,
];

export interface SetOptions {
  /** Default: getppid. */
  readonly syscall?: string;
  readonly architectures?: readonly [ArchName, ...ArchName[]];
}

/** The set number `index` of a seed. */
export function randomSet(seed: number, index: number, options: SetOptions = {}): RuleSet {
  const next = random(seed, index);
  const pick = <T>(list: readonly T[], fallback: T): T => list[next(list.length)] ?? fallback;
  const defaultAction = pick(defaults, actions.allow.word);
  const others = actionPool.filter((word) => word !== defaultAction);
  const actionCount = 1 + (next(2) === 0 ? 0 : next(3));
  const words = Array.from({ length: actionCount }, () => pick(others, returnWord('errno', 1)));
  const ops = pick(palettes, allOperators);
  const indexes = shuffled([0, 1, 2, 3, 4, 5], next).slice(0, pick([1, 2, 2, 3, 6], 1));
  const values = valuePool(next);
  const comparison = (at: number): Comparison => {
    const op = pick(ops, 'eq');
    return { index: at, op, value: pick(values, 0n), valueTwo: op === 'maskedEq' ? pick(values, 0n) : 0n };
  };
  const rule = (): SetRule => ({
    syscall: options.syscall ?? 'getppid',
    comparisons: shuffled(indexes, next)
      .slice(0, 1 + next(3))
      .map(comparison),
    returnWord: pick(words, returnWord('errno', 1)),
  });
  const native: readonly [ArchName] = ['x86_64'];
  const both: readonly [ArchName, ArchName] = ['x86_64', 'x86'];
  const count = 1 + next(4);
  return {
    architectures: options.architectures ?? (next(2) === 0 ? native : both),
    defaultAction,
    optimize: next(2) === 0 ? 1 : 2,
    rules: Array.from({ length: count }, rule),
  };
}

function valuePool(next: Random): readonly bigint[] {
  const pools = [small, [...small, ...large], large];
  const boundaries = pools[next(pools.length)] ?? small;
  const wide = boundaries !== small;
  return Array.from({ length: 1 + next(5) }, () => {
    if (next(4) > 0) return boundaries[next(boundaries.length)] ?? 0n;
    const word = (): bigint => BigInt(next(0x1_0000_0000));
    const value = wide ? (word() << 32n) | word() : word();
    return value >> BigInt(next(wide ? 64 : 32));
  });
}

function shuffled<T>(list: readonly T[], next: Random): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = next(i + 1);
    const [a, b] = [result[i], result[j]];
    if (a === undefined || b === undefined) continue;
    result[i] = b;
    result[j] = a;
  }
  return result;
}
