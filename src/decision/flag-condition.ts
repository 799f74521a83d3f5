/**
 * What is known of a call's arguments as a condition, and a diagram under that condition.
 * @module
 */
import { type FlagSet, isFlagSet, type KnownArgument } from '../abi/flag-sets.ts';
import { type Comparison, U32_MAX, U64_MAX } from '../abi/operators.ts';
import { testComparison } from './condition-diagrams.ts';
import {
  and,
  countStep,
  FALSE,
  highOf,
  isLeaf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  not,
  or,
  type Space,
  TRUE,
} from './space.ts';

/** The condition that an argument is of a set. Flags are within the lower half, which every architecture compares. */
export function flagCondition(space: Space, index: number, { how, flags }: FlagSet): Node {
  const each = flags.map((flag) => testComparison(space, isSet(index, flag), 32));
  if (how === 'all') return each.reduce((all, one) => and(space, all, one), TRUE);
  const any = each.reduce((some, one) => or(space, some, one), FALSE);
  return how === 'any' ? any : not(space, any);
}

function isSet(index: number, flag: bigint): Comparison {
  return { index, op: 'maskedEq', value: flag, valueTwo: flag };
}

/** A diagram for calls whose flags are known. Of other calls it says nothing. */
export function underFlags(space: Space, root: Node, args: readonly KnownArgument[]): Node {
  const conditions = args.flatMap((arg, index) => (isFlagSet(arg) ? [flagCondition(space, index, arg)] : []));
  if (conditions.length === 0) return root;
  return constrain(
    space,
    root,
    conditions.reduce((all, one) => and(space, all, one), TRUE),
  );
}

/**
 * A diagram that is the same where a condition holds, and has no leaf that is not reached there (the generalized cofactor of O. Coudert,
 * C. Berthet and J. C. Madre, 1989).
 *
 * @param condition - leaves TRUE and FALSE; not FALSE
 */
function constrain(space: Space, root: Node, condition: Node): Node {
  const known = new Map<Node, Map<Node, Node>>();
  const walk = (node: Node, under: Node): Node => {
    if (under === TRUE || isLeaf(space, node)) return node;
    const found = known.get(node)?.get(under);
    if (found !== undefined) return found;
    countStep(space);
    const level = Math.min(levelAt(space, node), levelAt(space, under));
    const side = (each: Node, next: typeof lowOf): Node =>
      levelAt(space, each) === level ? next(space, each) : each;
    const [low, high] = [side(under, lowOf), side(under, highOf)];
    const result =
      low === FALSE
        ? walk(side(node, highOf), high)
        : high === FALSE
          ? walk(side(node, lowOf), low)
          : makeNode(space, level, walk(side(node, lowOf), low), walk(side(node, highOf), high));
    known.set(node, (known.get(node) ?? new Map<Node, Node>()).set(under, result));
    return result;
  };
  return walk(root, condition);
}

/** Whether a comparison holds for all values of a set, or for none; `undefined`: it depends on the value. @param bits - compared ones */
export function holdsUnderFlags(comparison: Comparison, set: FlagSet, bits: 32 | 64): boolean | undefined {
  const ways = waysOf(set, bits === 32 ? U32_MAX : U64_MAX).map((way) => holdsForBits(comparison, way));
  return ways.every((way) => way === ways[0]) ? ways[0] : undefined;
}

/** Bits that are known, and all bits that there are. */
interface KnownBits {
  readonly ones: bigint;
  readonly zeros: bigint;
  readonly all: bigint;
}

/** Cases of a set, which may overlap. Of a flag of several bits that is not set, no bit is known. */
function waysOf({ how, flags }: FlagSet, all: bigint): readonly KnownBits[] {
  if (how === 'any') return flags.map((flag) => ({ ones: flag, zeros: 0n, all }));
  const known = how === 'all' ? flags : flags.filter((flag) => (flag & (flag - 1n)) === 0n);
  const bits = known.reduce((sum, flag) => sum | flag, 0n);
  return [how === 'all' ? { ones: bits, zeros: 0n, all } : { ones: 0n, zeros: bits, all }];
}

function holdsForBits(
  { op, value, valueTwo }: Comparison,
  { ones, zeros, all }: KnownBits,
): boolean | undefined {
  const equals = (mask: bigint, wanted: bigint): boolean | undefined => {
    if ((mask & ((ones & ~wanted) | (zeros & wanted))) !== 0n) return false;
    return (mask & ~(ones | zeros)) === 0n ? true : undefined;
  };
  const [least, most] = [ones, all & ~zeros];
  const above = (limit: bigint): boolean | undefined =>
    least > limit ? true : most <= limit ? false : undefined;
  switch (op) {
    case 'eq':
      return equals(all, value);
    case 'ne':
      return opposite(equals(all, value));
    case 'gt':
      return above(value & all);
    case 'le':
      return opposite(above(value & all));
    case 'ge':
      return above((value & all) - 1n);
    case 'lt':
      return opposite(above((value & all) - 1n));
    case 'maskedEq':
      return equals(value & all, valueTwo);
  }
}

function opposite(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}
