/**
 * The arena of decision diagrams: reduced, ordered, hash-consed, with any number of outcomes.
 *
 * A node asks one bit of seccomp_data and leads to two others; a leaf is an outcome. Nodes are numbers and each is made
 * once, so two diagrams of one space mean the same exactly if they are the same number. (R. Bryant, Graph-Based
 * Algorithms for Boolean Function Manipulation, 1986, with more than two leaves.)
 *
 * Work is bounded: a diagram that would need more nodes at one time, or more steps, than the space allows ends in
 * `ERR_UNDECIDED`. The code that made a node frees it when it is no longer needed (node-room.ts).
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { fromZero, type OptionKinds, record, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { type ArgumentOrder, NATURAL_ORDER } from './diagram-variables.ts';
import { createWork, type Work } from './work.ts';

/** A node of a {@link Space}; comparable only within its space. */
export type Node = number;

/** What a diagram says about a call. */
export type Outcome =
  | { readonly kind: 'word'; readonly word: ReturnWord }
  /** Rules of different actions match the same call; words ascending. */
  | { readonly kind: 'conflict'; readonly words: readonly ReturnWord[] }
  /** The program computes something that is not followed here, at that instruction; without one: the rules are too complex. */
  | { readonly kind: 'undecided'; readonly instruction?: number; readonly reason: string }
  /** The two leaves of conditions. */
  | { readonly kind: 'boolean'; readonly holds: boolean };

/**
 * The arena of diagrams: nodes are numbers, and equal diagrams are the same number. Treat it as opaque;
 * `createSpace` makes one.
 */
export interface Space {
  /** By node: the bit that it asks, in the order that diagram-variables.ts gives. */
  level: Int32Array;
  /** By node: where a 0 leads. */
  low: Int32Array;
  /** By node: where a 1 leads. */
  high: Int32Array;
  /** How many nodes there are. */
  count: number;
  /** Open-addressed: node or -1. */
  unique: Int32Array;
  /** The outcomes of the leaves. */
  readonly outcomes: Outcome[];
  /** The leaf of each outcome. */
  readonly leaves: Map<string | ReturnWord, Node>;
  /** Words that the conflicts among the outcomes hold together. */
  conflictWords: number;
  /** Direct-mapped memory of {@link ifThenElse} and of operations: three numbers that ask, one that answers. */
  computed: Int32Array;
  /** Conditions of comparisons that were made, by what they compare; forgotten when nodes are moved. */
  readonly conditions: Map<string, Node>;
  /** By node: the runs of a word that it was made of last, of some words; forgotten when nodes are moved. */
  readonly joined: Map<Node, JoinedWord>;
  /** How many operations have a number for their memory so far. */
  operations: number;
  /** The steps done so far, and how many are allowed: above that, operations throw `ERR_UNDECIDED`. */
  readonly work: Work;
  /** With more nodes than this at a time, operations throw `ERR_UNDECIDED`. */
  readonly maxNodes: number;
  /** The number of new nodes after which the search for unneeded nodes starts. */
  readonly maxUnneeded: number | undefined;
  /** The order in which diagrams ask arguments. Only an empty space gets another one (argument-order.ts). */
  order: ArgumentOrder;
}

/** All values of a word in runs, and what holds for each. */
export interface JoinedWord {
  /** The word, as diagram-variables.ts numbers it. */
  readonly field: number;
  /** The last value of each run, u32, ascending. */
  readonly ends: readonly number[];
  /** Nodes that ask neither this word nor an earlier one; neighbours differ. */
  readonly nodes: readonly Node[];
}

/** The limits of a space. They count work, so that a busy machine answers as an idle one does. */
export interface SpaceOptions {
  /** At one time; default 2,000,000: about 80 MiB. */
  readonly maxNodes?: number | undefined;
  /** How many new nodes are made before unneeded ones are searched; default: as many as there are, and 65,536 more. */
  readonly maxUnneeded?: number | undefined;
  /** Steps of work for one question; default 12,000,000: two to three seconds. All questions together may take three times as many. */
  readonly maxSteps?: number | undefined;
  /** The account that steps are taken from, in place of one of `maxSteps` for this space alone. */
  readonly work?: Work | undefined;
}

export const FALSE: Node = 0;
export const TRUE: Node = 1;
/** The level of leaves: below every bit. */
export const LEAF_LEVEL = 512;

const FIRST_NODES = 1 << 12;
/** The steps of one question: two to three seconds. */
export const STEPS_A_QUESTION = 12_000_000;
/** All questions to a space together may take the steps of so many. */
const QUESTIONS = 3;
/** No filter has so many outcomes. A policy can, if hundreds of rules with different actions conflict in all ways. */
const MAX_OUTCOMES = 100_000;
const MAX_CONFLICT_WORDS = 500_000;

/** The kinds of {@link SpaceOptions}. */
export const spaceKinds: OptionKinds<SpaceOptions> = {
  ...{ maxNodes: fromZero, maxUnneeded: fromZero, maxSteps: fromZero, work: record },
};

/** The spaces that were made here: another object of this form is refused. */
const made = new WeakSet<object>();

export function isSpace(value: unknown): value is Space {
  return made.has(value as object);
}

/** Makes an empty space. @throws OciSeccompError `ERR_USAGE` for a wrong option */
export function createSpace(options: SpaceOptions = {}): Space {
  const taken = takeOptions('createSpace', options, spaceKinds);
  const space: Space = {
    level: new Int32Array(FIRST_NODES),
    low: new Int32Array(FIRST_NODES),
    high: new Int32Array(FIRST_NODES),
    count: 0,
    unique: new Int32Array(2 * FIRST_NODES).fill(-1),
    outcomes: [],
    leaves: new Map(),
    conflictWords: 0,
    computed: new Int32Array(4 * FIRST_NODES).fill(-1),
    conditions: new Map(),
    joined: new Map(),
    operations: 0,
    work: taken.work ?? ownWork(taken.maxSteps ?? STEPS_A_QUESTION),
    maxNodes: taken.maxNodes ?? 2_000_000,
    maxUnneeded: taken.maxUnneeded,
    order: NATURAL_ORDER,
  };
  leaf(space, { kind: 'boolean', holds: false });
  leaf(space, { kind: 'boolean', holds: true });
  made.add(space);
  return space;
}

function ownWork(maxSteps: number): Work {
  return createWork(QUESTIONS * maxSteps, maxSteps);
}

/** The leaf with an outcome. */
export function leaf(space: Space, outcome: Outcome): Node {
  const key = outcomeKey(outcome);
  const known = space.leaves.get(key);
  if (known !== undefined) return known;
  if (outcome.kind === 'conflict') space.conflictWords += outcome.words.length;
  const isTooMany = space.outcomes.length >= MAX_OUTCOMES || space.conflictWords > MAX_CONFLICT_WORDS;
  // Only conflicts can become many.
  if (isTooMany && outcome.kind === 'conflict') {
    throw tooComplex('too many different outcomes');
  }
  const node = append(space, LEAF_LEVEL, space.outcomes.length, 0);
  space.outcomes.push(outcome);
  space.leaves.set(key, node);
  return node;
}

export function wordLeaf(space: Space, word: ReturnWord): Node {
  return space.leaves.get(word) ?? leaf(space, { kind: 'word', word });
}

function outcomeKey(outcome: Outcome): string | ReturnWord {
  switch (outcome.kind) {
    case 'word':
      return outcome.word;
    case 'conflict':
      return `conflict ${outcome.words.join()}`;
    case 'undecided':
      // An instruction has one reason.
      return `undecided ${outcome.instruction ?? outcome.reason}`;
    case 'boolean':
      return `${outcome.holds}`;
  }
}

export function isLeaf(space: Space, node: Node): boolean {
  return levelAt(space, node) === LEAF_LEVEL;
}

/** The outcome of a leaf. */
export function outcomeAt(space: Space, node: Node): Outcome {
  const outcome = isLeaf(space, node) ? space.outcomes[space.low[node] ?? -1] : undefined;
  if (outcome === undefined) throw new RangeError(`node ${node} is no leaf`);
  return outcome;
}

// The arrays are longer than any node that was made, so the alternative after ?? is never taken.
export function levelAt(space: Space, node: Node): number {
  return space.level[node] ?? LEAF_LEVEL;
}

export function lowOf(space: Space, node: Node): Node {
  return space.low[node] ?? FALSE;
}

export function highOf(space: Space, node: Node): Node {
  return space.high[node] ?? FALSE;
}

/** The node that asks the bit at `level`: `low` if it is 0, `high` if it is 1. Both lie below `level`. */
export function makeNode(space: Space, level: number, low: Node, high: Node): Node {
  if (low === high) return low;
  if (2 * space.count > space.unique.length) growUnique(space);
  const { unique, level: levels, low: lows, high: highs } = space;
  const mask = unique.length - 1;
  let at = hash(level, low, high) & mask;
  for (;;) {
    const node = unique[at] ?? -1;
    if (node < 0) break;
    if (lows[node] === low && highs[node] === high && levels[node] === level) return node;
    at = (at + 1) & mask;
  }
  const node = space.count;
  // Not by a call where it can be helped: most nodes are made before V8 has optimized any.
  if (node === levels.length || node >= space.maxNodes) append(space, level, low, high);
  else {
    levels[node] = level;
    lows[node] = low;
    highs[node] = high;
    space.count = node + 1;
  }
  unique[at] = node;
  return node;
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

function append(space: Space, level: number, low: Node, high: Node): Node {
  const node = space.count;
  if (node >= space.maxNodes) {
    throw tooComplex(`more than ${space.maxNodes} nodes at one time`, 'too many nodes');
  }
  if (node === space.level.length) {
    space.level = grown(space.level);
    space.low = grown(space.low);
    space.high = grown(space.high);
  }
  space.level[node] = level;
  space.low[node] = low;
  space.high[node] = high;
  space.count = node + 1;
  return node;
}

function grown(words: Int32Array): Int32Array {
  const longer = new Int32Array(2 * words.length);
  longer.set(words);
  return longer;
}

function growUnique(space: Space): void {
  space.unique = new Int32Array(2 * space.unique.length);
  // More diagrams need more room for what is remembered.
  space.computed = new Int32Array(2 * space.unique.length);
  rehash(space);
}

/** Finds the nodes anew after they were moved, and forgets what was remembered of them. */
export function rehash(space: Space): void {
  const { unique } = space;
  unique.fill(-1);
  space.computed.fill(-1);
  space.conditions.clear();
  space.joined.clear();
  const mask = unique.length - 1;
  for (let node = 0; node < space.count; node++) {
    const level = levelAt(space, node);
    if (level === LEAF_LEVEL) continue;
    let at = hash(level, lowOf(space, node), highOf(space, node)) & mask;
    while ((unique[at] ?? -1) >= 0) at = (at + 1) & mask;
    unique[at] = node;
  }
}

/** Counts the steps of the work that comes next. @throws OciSeccompError `ERR_UNDECIDED` if they are too many; then none is counted */
export function countStep({ work }: Space, steps = 1): void {
  if (work.steps + steps > work.limit) throw tooComplex('it takes more steps than are allowed');
  work.steps += steps;
}

/** @param reason - `details.reason` */
export function tooComplex(what: string, reason = 'too complex'): OciSeccompError {
  return new OciSeccompError('ERR_UNDECIDED', `too complex to decide: ${what}`, {
    hint: 'rules that compare two or more arguments of one system call with many values make a filter complex: compare fewer arguments in one rule, or give the rules of such a call one argument in common',
    details: { reason },
  });
}

export function isTooComplex(error: unknown): error is OciSeccompError {
  return error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED';
}

/**
 * The diagram that is `then` where `condition` (leaves TRUE and FALSE) holds, and `otherwise` elsewhere.
 *
 * A decision spends most of its time here, and ends before V8 has optimized the code. So it reads the arrays itself instead of
 * calling functions.
 */
export function ifThenElse(space: Space, condition: Node, then: Node, otherwise: Node): Node {
  if (condition === TRUE || then === otherwise) return then;
  if (condition === FALSE) return otherwise;
  if (then === TRUE && otherwise === FALSE) return condition;
  const { computed, level, low, high, work } = space;
  let slot = 4 * (hash(condition, then, otherwise) & (computed.length / 4 - 1));
  if (computed[slot] === condition && computed[slot + 1] === then && computed[slot + 2] === otherwise) {
    return computed[slot + 3] ?? FALSE;
  }
  if (++work.steps > work.limit) countStep(space, 0);
  const c = level[condition] ?? LEAF_LEVEL;
  const t = level[then] ?? LEAF_LEVEL;
  const e = level[otherwise] ?? LEAF_LEVEL;
  const first = c < t ? (c < e ? c : e) : t < e ? t : e;
  const zero = ifThenElse(
    space,
    c === first ? (low[condition] ?? FALSE) : condition,
    t === first ? (low[then] ?? FALSE) : then,
    e === first ? (low[otherwise] ?? FALSE) : otherwise,
  );
  const one = ifThenElse(
    space,
    c === first ? (high[condition] ?? FALSE) : condition,
    t === first ? (high[then] ?? FALSE) : then,
    e === first ? (high[otherwise] ?? FALSE) : otherwise,
  );
  const result = makeNode(space, first, zero, one);
  const now = space.computed;
  if (now !== computed) slot = 4 * (hash(condition, then, otherwise) & (now.length / 4 - 1));
  now[slot] = condition;
  now[slot + 1] = then;
  now[slot + 2] = otherwise;
  now[slot + 3] = result;
  return result;
}

function slotOf(space: Space, a: number, b: number, c: number): number {
  return 4 * (hash(a, b, c) & (space.computed.length / 4 - 1));
}

function remember(space: Space, a: number, b: number, c: number, result: Node): void {
  const { computed } = space;
  const slot = slotOf(space, a, b, c);
  computed[slot] = a;
  computed[slot + 1] = b;
  computed[slot + 2] = c;
  computed[slot + 3] = result;
}

/** An operation on diagrams other than {@link ifThenElse}, whose results are cached in the same memory. */
interface Operation {
  /** The result for two nodes; -1 if it was never computed, or was overwritten. */
  readonly recall: (a: Node, b: Node) => Node;
  readonly remember: (a: Node, b: Node, result: Node) => void;
}

export function newOperation(space: Space): Operation {
  // Smaller than any node, and than the -1 of an empty entry.
  const name = -2 - space.operations++;
  return {
    recall: (a, b) => {
      const { computed } = space;
      const slot = slotOf(space, name, a, b);
      const known = computed[slot] === name && computed[slot + 1] === a && computed[slot + 2] === b;
      return known ? (computed[slot + 3] ?? -1) : -1;
    },
    remember: (a, b, result) => remember(space, name, a, b, result),
  };
}

export function and(space: Space, a: Node, b: Node): Node {
  return ifThenElse(space, a, b, FALSE);
}

export function or(space: Space, a: Node, b: Node): Node {
  return ifThenElse(space, a, TRUE, b);
}

export function not(space: Space, a: Node): Node {
  return ifThenElse(space, a, FALSE, TRUE);
}
