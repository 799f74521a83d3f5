/**
 * What a diagram asks of one argument, as tests of its value: ranges, a mask with few values, or paths of single bits.
 * @module
 */
import { argumentOf, type Field, levelOf, WORD_BITS } from './diagram-variables.ts';
import { countStep, highOf, levelAt, lowOf, type Node, type Space } from './space.ts';

/** A condition on a value that a call brings. */
export type ValueTest =
  /** In one of the ranges, both ends included; ascending. */
  | { readonly kind: 'in'; readonly ranges: readonly (readonly [bigint, bigint])[] }
  /** `(value & mask)` is (`equal`) or is not one of `values`; ascending. */
  | {
      readonly kind: 'masked';
      readonly mask: bigint;
      readonly values: readonly bigint[];
      readonly equal: boolean;
    };

/** A value's part of the diagram: 64 bits of one argument, or 32 where only a half is looked at. */
interface Unit {
  readonly index: number | undefined;
  readonly part: 'whole' | 'low' | 'high';
  readonly fields: readonly Field[];
}

/** Values of a unit that lead to one node. */
interface Branch {
  readonly test: ValueTest;
  readonly node: Node;
}

const MAX_RANGES = 64;
const MAX_MASKED = 32;
const FEW_RANGES = 4;

/** The argument that a diagram asks first: the whole of it if the diagram asks both halves, else the half. */
export function firstUnit(space: Space, node: Node): Unit {
  const field = Math.floor(levelAt(space, node) / WORD_BITS);
  const index = argumentOf(space, field);
  const high = field % 2 === 0 ? field : field - 1;
  const low = high + 1;
  if (field === low) return { index, part: 'low', fields: [low] };
  const asksLow = reaches(space, node, (high + 1) * WORD_BITS, (low + 1) * WORD_BITS);
  return asksLow ? { index, part: 'whole', fields: [high, low] } : { index, part: 'high', fields: [high] };
}

/** Whether a diagram asks a bit of the levels from..to-1. */
function reaches(space: Space, root: Node, from: number, to: number): boolean {
  const seen = new Set<Node>();
  const walk = (node: Node): boolean => {
    const level = levelAt(space, node);
    if (level >= to || seen.has(node)) return false;
    countStep(space);
    if (level >= from) return true;
    seen.add(node);
    return walk(lowOf(space, node)) || walk(highOf(space, node));
  };
  return walk(root);
}

export function branches(space: Space, node: Node, unit: Unit, limit: number): readonly Branch[] {
  const ranges = rangesOf(space, node, unit);
  if (ranges !== undefined && ranges.length <= FEW_RANGES) return byNode(ranges).sort(fewestValuesFirst);
  const masked = maskedOf(space, node, unit);
  const values = (masked ?? []).flatMap(({ test }) => (test.kind === 'masked' ? test.values : []));
  // A mask with a few values says more than many ranges do.
  if (ranges === undefined || (masked !== undefined && 2 * values.length < ranges.length)) {
    return masked ?? cubesOf(space, node, unit, limit);
  }
  return byNode(ranges).sort(fewestValuesFirst);
}

/** A unit's values as ranges; `undefined` if they are more than MAX_RANGES. */
function rangesOf(
  space: Space,
  root: Node,
  { fields }: Unit,
): readonly { range: [bigint, bigint]; node: Node }[] | undefined {
  const levels = levelsOf(fields);
  const end = (levels.at(-1) ?? 0) + 1;
  const found: { range: [bigint, bigint]; node: Node }[] = [];
  const walk = (node: Node, from: bigint, depth: number): boolean => {
    countStep(space);
    if (levelAt(space, node) >= end) {
      const to = from + (1n << BigInt(levels.length - depth)) - 1n;
      const last = found.at(-1);
      if (last?.node === node) last.range[1] = to;
      else found.push({ range: [from, to], node });
      return found.length <= MAX_RANGES;
    }
    const asked = levelAt(space, node) === levels[depth];
    const middle = from + (1n << BigInt(levels.length - depth - 1));
    return (
      walk(asked ? lowOf(space, node) : node, from, depth + 1) &&
      walk(asked ? highOf(space, node) : node, middle, depth + 1)
    );
  };
  return walk(root, 0n, 0) ? found : undefined;
}

function levelsOf(fields: readonly Field[]): readonly number[] {
  return fields.flatMap((field) =>
    Array.from({ length: WORD_BITS }, (_, bit) => levelOf(field, WORD_BITS - 1 - bit)),
  );
}

function byNode(ranges: readonly { range: [bigint, bigint]; node: Node }[]): Branch[] {
  const groups = new Map<Node, [bigint, bigint][]>();
  for (const { range, node } of ranges) {
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [range]);
    else group.push(range);
  }
  return [...groups].map(([node, group]) => ({ node, test: { kind: 'in', ranges: group } }));
}

/** The case with the most values comes last, as "otherwise". */
function fewestValuesFirst(a: Branch, b: Branch): number {
  const [x, y] = [countValues(a.test), countValues(b.test)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function countValues(test: ValueTest): bigint {
  if (test.kind === 'masked') return BigInt(test.values.length);
  return test.ranges.reduce((sum, [from, to]) => sum + to - from + 1n, 0n);
}

/** All bits that are asked, as one mask; `undefined` if more than MAX_MASKED of its values differ from the rest. */
function maskedOf(space: Space, root: Node, { fields }: Unit): readonly Branch[] | undefined {
  const levels = levelsOf(fields);
  const end = (levels.at(-1) ?? 0) + 1;
  const asked = askedLevels(space, root, end);
  const mask = levels.reduce((sum, level, at) => (asked.has(level) ? sum | bitAt(levels, at) : sum), 0n);
  const points: { value: bigint; node: Node }[] = [];
  let rest: Node | undefined;
  // One path of the diagram is one value of the mask if it asks every bit; shorter paths are "all others".
  const walk = (node: Node, at: number, value: bigint, full: boolean): boolean => {
    countStep(space);
    let next = at;
    let complete = full;
    while (next < levels.length && (levels[next] ?? 0) < levelAt(space, node)) {
      if (asked.has(levels[next] ?? 0)) complete = false;
      next++;
    }
    if (levelAt(space, node) >= end) {
      if (complete) points.push({ value, node });
      else if (rest === undefined || rest === node) rest = node;
      else return false;
      return points.length <= MAX_MASKED;
    }
    return (
      walk(lowOf(space, node), next + 1, value, complete) &&
      walk(highOf(space, node), next + 1, value | bitAt(levels, next), complete)
    );
  };
  if (!walk(root, 0, 0n, true)) return undefined;
  const others = rest ?? points.at(-1)?.node;
  if (others === undefined) return undefined;
  const groups = new Map<Node, bigint[]>();
  for (const { value, node } of points) {
    if (node !== others) groups.set(node, [...(groups.get(node) ?? []), value]);
  }
  const special: Branch[] = [...groups].map(([node, values]) => ({
    node,
    test: { kind: 'masked', mask, values, equal: true },
  }));
  const named = [...groups.values()].flat().sort((a, b) => (a < b ? -1 : 1));
  return [...special, { node: others, test: { kind: 'masked', mask, values: named, equal: false } }];
}

function bitAt(levels: readonly number[], at: number): bigint {
  return 1n << BigInt(levels.length - 1 - at);
}

function askedLevels(space: Space, root: Node, end: number): ReadonlySet<number> {
  const asked = new Set<number>();
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (levelAt(space, node) >= end || seen.has(node)) return;
    countStep(space);
    seen.add(node);
    asked.add(levelAt(space, node));
    walk(lowOf(space, node));
    walk(highOf(space, node));
  };
  walk(root);
  return asked;
}

/**
 * One branch for each path, with the bits that it asks. This always works, but is seldom short.
 *
 * @param limit - it stops after one branch more, so that the caller sees that there are more
 */
function cubesOf(space: Space, root: Node, { fields }: Unit, limit: number): readonly Branch[] {
  const levels = levelsOf(fields);
  const end = (levels.at(-1) ?? 0) + 1;
  const whole = 2n ** BigInt(levels.length) - 1n;
  const cubes: Branch[] = [];
  const walk = (node: Node, mask: bigint, value: bigint): void => {
    if (cubes.length > limit) return;
    countStep(space);
    const level = levelAt(space, node);
    if (level >= end) {
      const test: ValueTest =
        mask === whole
          ? { kind: 'in', ranges: [[value, value]] }
          : { kind: 'masked', mask, values: [value], equal: true };
      cubes.push({ node, test });
      return;
    }
    const bit = bitAt(levels, levels.indexOf(level));
    walk(lowOf(space, node), mask | bit, value);
    walk(highOf(space, node), mask | bit, value | bit);
  };
  walk(root, 0n, 0n);
  return cubes;
}

export function isEverything(test: ValueTest): boolean {
  return test.kind === 'masked' && test.mask === 0n;
}
