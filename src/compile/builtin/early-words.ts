/**
 * Words that may be asked before others: the upper half of an argument that is compared with another number in each rule.
 *
 * A diagram asks its words in one order. A word that it asks behind many values of another one has its tests there many
 * times. If it is asked before them, its tests are there once, and those of the others once for each of its answers.
 * @module
 */
import { withBits } from '../../decision/cofactor.ts';
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import {
  countStep,
  createSpace,
  highOf,
  isLeaf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  type Space,
  wordLeaf,
} from '../../decision/space.ts';

/** A word, and what is decided after it if it is asked before all others. */
export interface EarlyWord {
  readonly field: Field;
  /** A space of its own, in which each leaf is an answer of the word. */
  readonly answers: Space;
  /** Asks the word and nothing else. */
  readonly root: Node;
  /** A value of the word for each answer, u32. */
  readonly values: ReadonlyMap<Node, number>;
  /** What is decided after each answer: nodes of the diagram's space, which do not ask the word. */
  readonly rests: ReadonlyMap<Node, Node>;
}

/** The tests of other words can stand there once for each answer. */
const MOST_ANSWERS = 16;

/**
 * Finds the word that a diagram had better ask first: the one that takes the fewest nodes then.
 *
 * @returns `undefined` if it takes no fewer nodes than now with any word
 * @throws OciSeccompError `ERR_UNDECIDED` if that takes more than the space allows
 */
export function findEarlyWord(space: Space, root: Node): EarlyWord | undefined {
  let best: EarlyWord | undefined;
  let fewest = countNodes(space, [root]);
  for (const [field, places] of placesOf(space, root)) {
    const word = places.length > 1 ? earlyWord(space, root, field, places) : undefined;
    if (word === undefined) continue;
    const nodes = countNodes(word.answers, [word.root]) + countNodes(space, [...word.rests.values()]);
    if (nodes >= fewest) continue;
    [best, fewest] = [word, nodes];
  }
  return best;
}

/** Asks one word first. @returns `undefined` if the diagram does not ask it, or in too many ways */
export function askEarly(space: Space, root: Node, field: Field): EarlyWord | undefined {
  if (isLeaf(space, root)) return undefined;
  const places = fieldOf(space, root) === field ? [root] : placesOf(space, root).get(field);
  return places && earlyWord(space, root, field, places);
}

function countNodes(space: Space, roots: readonly Node[]): number {
  const seen = new Set(roots);
  for (const node of seen) {
    if (!isLeaf(space, node)) seen.add(lowOf(space, node)).add(highOf(space, node));
  }
  countStep(space, seen.size);
  return seen.size;
}

/** By word, but for the first one: the nodes by which the diagram comes to it. */
function placesOf(space: Space, root: Node): ReadonlyMap<Field, readonly Node[]> {
  const places = new Map<Field, Set<Node>>();
  const seen = new Set([root]);
  for (const node of seen) {
    if (isLeaf(space, node)) continue;
    const field = fieldOf(space, node);
    for (const next of [lowOf(space, node), highOf(space, node)]) {
      seen.add(next);
      const own = fieldOf(space, next);
      if (own === field || isLeaf(space, next)) continue;
      const known = places.get(own);
      if (known === undefined) places.set(own, new Set([next]));
      else known.add(next);
    }
  }
  countStep(space, seen.size);
  return new Map([...places].map(([field, nodes]) => [field, [...nodes]]));
}

function fieldOf(space: Space, node: Node): Field {
  return Math.floor(levelAt(space, node) / WORD_BITS);
}

function earlyWord(space: Space, root: Node, field: Field, places: readonly Node[]): EarlyWord | undefined {
  const answers = createSpace({ work: space.work });
  const values = new Map<Node, number>();
  const first = askAtOnce({ space, field, answers, values }, places);
  if (first === undefined) return undefined;
  const rests = new Map(
    [...values].map(([leaf, value]) => [leaf, withBits(space, root, field, ALL_BITS, value)]),
  );
  return { field, answers, root: first, values, rests };
}

const ALL_BITS = 0xffff_ffff;

interface Question extends Pick<EarlyWord, 'field' | 'answers'> {
  readonly space: Space;
  /** By leaf: a value that is answered so. */
  readonly values: Map<Node, number>;
}

/** The most bits asked at a place: a comparison or two. More bits are no test that the places share. */
const MOST_NODES_A_PLACE = 64;

/** Asks a word once for all places. @returns `undefined` if it has too many answers, or too many bits are asked */
function askAtOnce({ space, field, answers, values }: Question, places: readonly Node[]): Node | undefined {
  const end = firstLevel(field) + WORD_BITS;
  const known = new Map<string, Node>();
  const walk = (at: readonly Node[], value: number): Node | undefined => {
    const key = at.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (values.size === MOST_ANSWERS || known.size > MOST_NODES_A_PLACE * places.length) return undefined;
    countStep(space, at.length);
    const level = at.reduce((least, node) => Math.min(least, levelAt(space, node)), end);
    const answerTo = (bit: 0 | 1): Node | undefined => {
      const next = bit === 0 ? lowOf : highOf;
      const after = at.map((node) => (levelAt(space, node) === level ? next(space, node) : node));
      return walk(after, value + bit * 2 ** (end - 1 - level));
    };
    let node: Node;
    if (level === end) {
      node = wordLeaf(answers, values.size);
      values.set(node, value);
    } else {
      const low = answerTo(0);
      const high = low === undefined ? undefined : answerTo(1);
      if (low === undefined || high === undefined) return undefined;
      node = makeNode(answers, level, low, high);
    }
    known.set(key, node);
    return node;
  };
  return walk(places, 0);
}
