/**
 * The part of a diagram after architecture and number are known, as conditions on arguments that people can read.
 *
 * The cases are exact: a call gets the outcome of the first case whose tests it meets. The last case has no tests, and is for all
 * other calls. If a diagram is too complex for a short list, the list is cut at the limit and marked as truncated.
 * @module
 */
import { branches, firstUnit, isEverything, type ValueTest } from './argument-values.ts';
import { tryWithin } from './node-room.ts';
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
import { workLeft } from './work.ts';

/** A condition on one argument, or on the instruction pointer. */
export interface ArgumentTest {
  /** 0..5; `undefined`: the instruction pointer. */
  readonly index: number | undefined;
  /** All 64 bits, or one half: what the filter looks at. */
  readonly part: 'whole' | 'low' | 'high';
  /** What must hold of it. */
  readonly test: ValueTest;
}

/** What a call gets if all these tests hold, and those of no earlier case. */
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

const MAX_CASES = 24;

/** Describes a diagram that depends only on arguments and the instruction pointer. */
export function describeArguments(space: Space, root: Node, limit = MAX_CASES): Description {
  const all = tryWithin(space, SHARE_A_TRY * workLeft(space.work), () => casesOf(space, root, limit));
  if (all === undefined) return { cases: [], truncated: true };
  const direct: Description = {
    cases: all.truncated ? all.cases : simplify(all.cases),
    truncated: all.truncated,
  };
  if (!direct.truncated && direct.cases.length <= FEW_CASES) return direct;
  const inTurn = tryWithin(space, SHARE_A_TRY * workLeft(space.work), () =>
    describeInTurn(space, root, limit),
  );
  if (inTurn === undefined) return direct;
  return direct.truncated || effortOf(inTurn) < effortOf(direct.cases)
    ? { cases: inTurn, truncated: false }
    : direct;
}

/** Share of the steps that are left: descriptions that people can read take few. */
const SHARE_A_TRY = 1 / 4;

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
 * Describes one outcome after the other, the one with the shortest description first. Calls that are described no longer count,
 * which makes the other descriptions short.
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

/** Makes one outcome the last case, for all other calls: the outcome whose cases are the longest. */
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
