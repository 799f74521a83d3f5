/**
 * The part of a diagram after architecture and number are known, as conditions on arguments that people can read.
 *
 * The cases are exact: a call gets the outcome of the first case whose tests it meets, of the last, which has none, if of
 * no other. A diagram too entangled for a short list is described as far as the limit goes, and says so.
 * @module
 */
import { argumentOf, type Field, levelOf, WORD_BITS } from './diagram-variables.ts';
import { mapLeaves } from './relate.ts';
import {
  countStep,
  FALSE,
  highOf,
  isLeaf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  type Outcome,
  outcomeAt,
  type Space,
  TRUE,
} from './space.ts';

/** A condition on one argument, or on the instruction pointer. */
export interface ArgumentTest {
  /** 0..5; `undefined`: the instruction pointer. */
  readonly index: number | undefined;
  /** All 64 bits, or one half: what the filter looks at. */
  readonly part: 'whole' | 'low' | 'high';
  /** What must hold of it. */
  readonly test: ValueTest;
}

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

/** What calls get for which all tests hold, and not all of an earlier case. */
export interface Case {
  /** The tests, all of which must hold. */
  readonly tests: readonly ArgumentTest[];
  /** What such calls get. */
  readonly outcome: Outcome;
}

/** What happens to a call by its arguments, in cases that are read from top to bottom. */
export interface Description {
  /** The last has no test and stands for all other calls, unless there are more cases. */
  readonly cases: readonly Case[];
  /** More cases than these exist; the list says nothing about calls that meet none of these. */
  readonly truncated: boolean;
}

/** A value's part of the diagram: 64 bits of one argument, or 32 where only a half is looked at. */
interface Unit {
  readonly index: number | undefined;
  readonly part: ArgumentTest['part'];
  readonly fields: readonly Field[];
}

/** Values of a unit that lead to one node. */
interface Branch {
  readonly test: ValueTest;
  readonly node: Node;
}

const MAX_CASES = 24;
const MAX_RANGES = 64;
const MAX_MASKED = 32;
const FEW_RANGES = 4;

/**
 * Describes a diagram that depends on arguments (and the instruction pointer) alone.
 *
 * @param limit - cases at most, 24 by default
 */
export function describeArguments(space: Space, root: Node, limit = MAX_CASES): Description {
  const all = casesOf(space, root, limit);
  const direct: Description = {
    cases: all.truncated ? all.cases : simplify(all.cases),
    truncated: all.truncated,
  };
  if (!direct.truncated && direct.cases.length <= FEW_CASES) return direct;
  const inTurn = describeInTurn(space, root, limit);
  if (inTurn === undefined) return direct;
  return direct.truncated || effortOf(inTurn) < effortOf(direct.cases)
    ? { cases: inTurn, truncated: false }
    : direct;
}

/** A list so short needs no second try. */
const FEW_CASES = 4;

/** Every way through the diagram, argument by argument: cases that exclude each other. */
function casesOf(space: Space, root: Node, limit: number): Description {
  const cases: Case[] = [];
  let truncated = false;
  const walk = (node: Node, tests: readonly ArgumentTest[]): void => {
    if (truncated) return;
    if (isLeaf(space, node)) {
      if (cases.length >= limit) truncated = true;
      else cases.push({ tests, outcome: outcomeAt(space, node) });
      return;
    }
    const unit = firstUnit(space, node);
    for (const { test, node: next } of branches(space, node, unit, limit)) {
      const here = isEverything(test) ? [] : [{ index: unit.index, part: unit.part, test }];
      walk(next, [...tests, ...here]);
    }
  };
  walk(root, []);
  return { cases, truncated };
}

/**
 * One outcome after the other, that which is said shortest first; what has been said is then free to be anything, which
 * makes the others short.
 *
 * @returns `undefined` if some outcome cannot be said within the limit
 */
function describeInTurn(space: Space, root: Node, limit: number): readonly Case[] | undefined {
  const cases: Case[] = [];
  let node = root;
  while (!isLeaf(space, node)) {
    let best: { leaf: Node; cases: readonly Case[]; effort: number } | undefined;
    for (const leaf of leavesOf(space, node)) {
      const condition = mapLeaves(space, node, (each) => (each === leaf ? TRUE : FALSE));
      // Half of these cases, or more, are those where the condition does not hold.
      const { cases: found, truncated } = casesOf(space, condition, 4 * limit);
      if (truncated) continue;
      const own = found
        .filter(({ outcome }) => outcome.kind === 'boolean' && outcome.holds)
        .map(({ tests }) => ({ tests, outcome: outcomeAt(space, leaf) }));
      const effort = effortOf(own);
      if (best === undefined || effort < best.effort) best = { leaf, cases: own, effort };
    }
    if (best === undefined || cases.length + best.cases.length >= limit) return undefined;
    cases.push(...best.cases);
    node = withoutLeaf(space, node, best.leaf);
  }
  return [...cases, { tests: [], outcome: outcomeAt(space, node) }];
}

function leavesOf(space: Space, root: Node): readonly Node[] {
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    countStep(space);
    seen.add(node);
    if (isLeaf(space, node)) return;
    walk(lowOf(space, node));
    walk(highOf(space, node));
  };
  walk(root);
  return [...seen].filter((node) => isLeaf(space, node));
}

/** A smaller diagram that is the same wherever this one does not lead to `free`. */
function withoutLeaf(space: Space, root: Node, free: Node): Node {
  const joined = new Map<string, Node | undefined>();
  // What agrees with both wherever neither is free.
  const join = (a: Node, b: Node): Node | undefined => {
    if (a === b || b === free) return a;
    if (a === free) return b;
    if (isLeaf(space, a) && isLeaf(space, b)) return undefined;
    const key = `${a} ${b}`;
    if (joined.has(key)) return joined.get(key);
    countStep(space);
    const level = Math.min(levelAt(space, a), levelAt(space, b));
    const part = (node: Node, of: typeof lowOf): Node =>
      levelAt(space, node) === level ? of(space, node) : node;
    const low = join(part(a, lowOf), part(b, lowOf));
    const high = low === undefined ? undefined : join(part(a, highOf), part(b, highOf));
    const result = low === undefined || high === undefined ? undefined : makeNode(space, level, low, high);
    joined.set(key, result);
    return result;
  };
  const done = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    if (isLeaf(space, node)) return node;
    const known = done.get(node);
    if (known !== undefined) return known;
    countStep(space);
    const low = walk(lowOf(space, node));
    const high = walk(highOf(space, node));
    const result = join(low, high) ?? makeNode(space, levelAt(space, node), low, high);
    done.set(node, result);
    return result;
  };
  return walk(root);
}

/** The argument a diagram asks first, whole if it asks both halves. */
function firstUnit(space: Space, node: Node): Unit {
  const field = Math.floor(levelAt(space, node) / WORD_BITS);
  const index = argumentOf(field);
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

function branches(space: Space, node: Node, unit: Unit, limit: number): readonly Branch[] {
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

/** A unit's values as at most MAX_RANGES ranges. */
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

/** The case with the most values comes last, where "otherwise" says it. */
function fewestValuesFirst(a: Branch, b: Branch): number {
  const [x, y] = [countValues(a.test), countValues(b.test)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function countValues(test: ValueTest): bigint {
  if (test.kind === 'masked') return BigInt(test.values.length);
  return test.ranges.reduce((sum, [from, to]) => sum + to - from + 1n, 0n);
}

/** All bits that are asked as one mask, if few of its values differ from the rest. */
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
 * Path by path, each with the bits it asks: always possible, seldom short.
 *
 * @param limit - one branch more than these is made, so that the caller sees that it was reached
 */
function cubesOf(space: Space, root: Node, { fields }: Unit, limit: number): readonly Branch[] {
  const levels = levelsOf(fields);
  const end = (levels.at(-1) ?? 0) + 1;
  const cubes: Branch[] = [];
  const walk = (node: Node, mask: bigint, value: bigint): void => {
    if (cubes.length > limit) return;
    countStep(space);
    const level = levelAt(space, node);
    if (level >= end) {
      cubes.push({ node, test: { kind: 'masked', mask, values: [value], equal: true } });
      return;
    }
    const bit = bitAt(levels, levels.indexOf(level));
    walk(lowOf(space, node), mask | bit, value);
    walk(highOf(space, node), mask | bit, value | bit);
  };
  walk(root, 0n, 0n);
  return cubes;
}

function isEverything(test: ValueTest): boolean {
  return test.kind === 'masked' && test.mask === 0n;
}

/** All cases of one outcome, that which leaves the least to say, become the last one: all other calls. */
function simplify(cases: readonly Case[]): readonly Case[] {
  const outcomes = [...new Set(cases.map(({ outcome }) => outcome))];
  let [best, least] = [cases.at(-1)?.outcome, Number.POSITIVE_INFINITY];
  // If several are equal, the last one: it has the most values.
  for (const outcome of outcomes.reverse()) {
    const effort = effortOf(cases.filter((each) => each.outcome !== outcome));
    if (effort < least) [best, least] = [outcome, effort];
  }
  if (best === undefined) return cases;
  return [...cases.filter(({ outcome }) => outcome !== best), { tests: [], outcome: best }];
}

/** How much there is to read. */
function effortOf(cases: readonly Case[]): number {
  return cases.reduce(
    (sum, { tests }) => sum + tests.reduce((length, { test }) => length + sizeOf(test), 1),
    0,
  );
}

function sizeOf(test: ValueTest): number {
  if (test.kind === 'masked') return test.values.length + (test.equal ? 0 : 1);
  return test.ranges.reduce((size, [from, to]) => size + (from === to ? 1 : 2), 0);
}
