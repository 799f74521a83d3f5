/**
 * Tests of one word, the accumulator holding it: in the one of three ways that takes the fewest instructions.
 *
 * - Intervals of values, for numbers and sizes (segments.ts).
 * - Bits that have to be as asked for, for flags and masks (word-cubes.ts).
 * - One bit after the other, for anything else: a test a node of the diagram.
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import { highOf, levelAt, lowOf, type Node, type Space } from '../../decision/space.ts';
import type { FindWindows, PlantSegments, Window } from './bit-windows.ts';
import { type Code, type CodeGraph, loadCode, maskCode, testCode, type WordPlace } from './code-graph.ts';
import { type ChainManner, plantSegments } from './plant-segments.ts';
import { cutIntoSegments, type Piece, type Segment } from './segments.ts';
import { ALL_BITS, type Cube, cubesOfWord, instructionsOf, isOneTest } from './word-cubes.ts';
import { runsOfWord, type WordRun } from './word-runs.ts';

/** What code for a word is made with. */
export interface WordTask {
  readonly space: Space;
  readonly graph: CodeGraph;
  /** A diagram that asks no word before this one. */
  readonly root: Node;
  readonly field: Field;
  readonly place: WordPlace;
  readonly chains: ChainManner;
  /** Finds windows; `undefined`: they are not looked for. */
  readonly windows: FindWindows | undefined;
  /** The code of what is decided after the word. `value`: the one value of the word that leads there, if it is one. */
  readonly codeOf: (node: Node, value?: number) => Code;
  /** How often values come. */
  readonly weigh: (from: number, to: number) => number;
  /** In which order what comes behind the values gets its code: later code may be led into earlier one. */
  readonly order: (ways: readonly WeighedRun[]) => readonly WeighedRun[];
}

export interface WeighedRun extends WordRun {
  readonly weight: number;
}

/** A way to test a word. */
export interface WordPlan {
  readonly instructions: number;
  readonly plant: () => Code;
}

/** Makes the code for a word. */
export function wordCode(task: WordTask): Code {
  const bits = bitPlan(task);
  // A test ends two runs at most, so more of them take more tests than bits do.
  const runs = runsOfWord(task.space, task.root, task.field, 2 * bits.instructions + 1);
  const intervals = runs === undefined ? undefined : intervalPlan(task, runs);
  // Nothing tells so many ways apart with fewer tests.
  const ways = new Set(runs?.map(({ node }) => node)).size;
  if (intervals !== undefined && intervals.instructions === ways - 1) return intervals.plant();
  // Of plans that are as short the first one is taken.
  const most = intervals === undefined ? bits.instructions : intervals.instructions - 1;
  const plans = [intervals, cubePlan(task, most), bits];
  return fewest(plans.filter((plan) => plan !== undefined)).plant();
}

/** The first of the plans that are the shortest. */
export function fewest<Plan extends WordPlan>(plans: readonly Plan[]): Plan {
  return plans.reduce((best, plan) => (plan.instructions < best.instructions ? plan : best));
}

function intervalPlan(task: WordTask, runs: readonly WordRun[]): WordPlan {
  const pieces = runs.map(({ from, to, node }) => ({ from, to, node, weight: task.weigh(from, to) }));
  const codes = new Map(
    task
      .order(pieces)
      .map(({ from, to, node }) => [from, from === to ? task.codeOf(node, from) : task.codeOf(node)]),
  );
  return piecePlan(
    task,
    pieces.map(({ from, to, weight }) => ({ from, to, weight, codes: [codes.get(from) ?? 0] })),
  );
}

/** The plan for pieces, ascending and together all values. */
export function piecePlan(
  { graph, chains, windows }: Pick<WordTask, 'graph' | 'chains' | 'windows'>,
  pieces: readonly Piece[],
): WordPlan {
  const { segments, tests } = cutIntoSegments(pieces);
  const plant: PlantSegments = (of, parts) => plantSegments(of, parts, chains);
  if (windows === undefined) {
    return { instructions: tests, plant: () => plantSegments(graph, segments(), chains) };
  }
  const parts = windows(segments(), plant);
  return { instructions: sizeOfParts(parts) - 1, plant: () => plantSegments(graph, parts, chains) };
}

/** A cut before each part, and the tests in it. */
function sizeOfParts(parts: readonly (Segment | Window)[]): number {
  return parts.reduce((sum, part) => sum + 1 + ('plant' in part ? part.tests : part.exceptions.length), 0);
}

function cubePlan(task: WordTask, most: number): WordPlan | undefined {
  const ways = cubesOfWord(task, most);
  if (ways === undefined) return undefined;
  const sizes = new Map([...ways].map(([node, cubes]) => [node, sizeOf(cubes)]));
  // The rest, if no cube of the others has the value: the way that needs the longest test.
  const [rest] = [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a));
  const tests = [...ways].flatMap(([node, cubes]) =>
    node === rest ? [] : cubes.map((cube) => ({ cube, node })),
  );
  return {
    // The first mask finds the word still there.
    instructions: Math.max(0, sizeOf(tests.map(({ cube }) => cube)) - (tests.every(isPlain) ? 0 : 1)),
    plant: () => plantCubes(task, tests, rest),
  };
}

function sizeOf(cubes: readonly Cube[]): number {
  return cubes.reduce((sum, cube) => sum + instructionsOf(cube), 0);
}

interface CubeTest {
  readonly cube: Cube;
  /** What is decided after the word. */
  readonly node: Node;
}

function isPlain({ cube }: CubeTest): boolean {
  return isOneTest(cube);
}

/** From the last test to the first: those that leave the word in the accumulator come before those that do not. */
function plantCubes({ graph, place, codeOf }: WordTask, tests: readonly CubeTest[], rest: Node): Code {
  let next = codeOf(rest);
  const masked = tests.filter((test) => !isPlain(test));
  for (const [at, { cube, node }] of masked.toReversed().entries()) {
    const { mask, value } = cube;
    next = maskCode(graph, mask, testCode(graph, 'eq', value, codeOf(node), next));
    const isFirst = at === masked.length - 1;
    if (!isFirst) next = loadCode(graph, place, next);
  }
  for (const { cube, node } of tests.filter(isPlain).toReversed()) {
    const { mask, value } = cube;
    const yes = codeOf(node);
    if (mask === ALL_BITS) next = testCode(graph, 'eq', value, yes, next);
    else if (value === 0) next = testCode(graph, 'set', mask, next, yes);
    else next = testCode(graph, 'set', mask, yes, next);
  }
  return next;
}

/**
 * The plan that asks one bit after the other.
 *
 * @returns `undefined` if it takes more instructions than `most`
 */
export function bitPlan(task: WordTask): WordPlan;
export function bitPlan(task: WordTask, most: number): WordPlan | undefined;
export function bitPlan(
  { space, graph, root, field, codeOf }: WordTask,
  most = Number.POSITIVE_INFINITY,
): WordPlan | undefined {
  const end = firstLevel(field) + WORD_BITS;
  const inside = new Set([root]);
  const { level: levels, low: lows, high: highs } = space;
  for (const node of inside) {
    if (inside.size > most) return undefined;
    const low = lows[node] ?? root;
    const high = highs[node] ?? root;
    if ((levels[low] ?? end) < end) inside.add(low);
    if ((levels[high] ?? end) < end) inside.add(high);
  }
  const plant = (): Code => {
    const done = new Map<Node, Code>();
    const walk = (node: Node): Code => {
      const level = levelAt(space, node);
      if (level >= end) return codeOf(node);
      const known = done.get(node);
      if (known !== undefined) return known;
      const bit = 2 ** (end - 1 - level);
      const code = testCode(graph, 'set', bit, walk(highOf(space, node)), walk(lowOf(space, node)));
      done.set(node, code);
      return code;
    };
    return walk(root);
  };
  return { instructions: inside.size, plant };
}
