/**
 * Trees of tests that other code may be led into: what tells the numbers of one architecture apart does the same for most
 * numbers of another one.
 * @module
 */
import { type Code, type CodeGraph, codeAt } from './code-graph.ts';
import type { Piece } from './segments.ts';

/** Where a tree of tests of one word leads, for all values, u32: from each start to the next one. */
interface Answers {
  /** Ascending, the first is 0. */
  readonly starts: number[];
  /** By start; {@link UNKNOWN}: that is not known. Neighbours differ. */
  readonly codes: Code[];
}

const UNKNOWN: Code = -1;

/** The trees that are known, each by its first test. */
export interface SharedTrees {
  readonly trees: ReadonlyMap<Code, Answers>;
}

const LAST = 0xffff_ffff;
/** Trees that tell fewer pieces apart cost as much as they save. */
const FEWEST_BORDERS = 2;
/** The search takes time for each tree and piece. Of a usual profile all trees are offered. */
const MOST_OFFERS = 131_072;
const FEWEST_OFFERED = 32;

export const NO_TREES: SharedTrees = { trees: new Map() };

/**
 * Makes a tree known, and all trees in it.
 *
 * @param isEnd - whether code is what the tree leads to
 * @returns the trees that are known then
 */
export function shareTree(
  known: SharedTrees,
  graph: CodeGraph,
  root: Code,
  isEnd: (code: Code) => boolean,
): SharedTrees {
  const trees = new Map(known.trees);
  const done = new Map<Code, Answers>();
  const walk = (code: Code): Answers => {
    const walked = done.get(code);
    if (walked !== undefined) return walked;
    const node = codeAt(graph, code);
    let answers: Answers;
    const window = graph.windows.get(code);
    if (isEnd(code)) answers = { starts: [0], codes: [code] };
    else if (node.kind === 'test' && node.test === 'set' && window !== undefined) {
      answers = answersOfBits(node.operand, walk(node.yes), walk(node.no), window);
    } else if (node.kind !== 'test' || (node.test !== 'eq' && node.test !== 'ge')) {
      answers = { starts: [0], codes: [UNKNOWN] };
    } else {
      const { operand } = node;
      const [yes, no] = [walk(node.yes), walk(node.no)];
      const end = node.test === 'eq' ? operand : LAST;
      answers = { starts: [], codes: [] };
      addPart(answers, no, 0, operand - 1);
      addPart(answers, yes, operand, end);
      addPart(answers, no, end + 1, LAST);
      if (answers.starts.length > FEWEST_BORDERS && !trees.has(code)) trees.set(code, answers);
    }
    done.set(code, answers);
    return answers;
  };
  walk(root);
  return { trees };
}

/** The answers of a test of bits for the values that it was made for. */
function answersOfBits(
  mask: number,
  yes: Answers,
  no: Answers,
  { from, to }: { readonly from: number; readonly to: number },
): Answers {
  const unknown: Answers = { starts: [0], codes: [UNKNOWN] };
  const answers: Answers = { starts: [], codes: [] };
  addPart(answers, unknown, 0, from - 1);
  for (let value = from; value <= to; value += 1) {
    addPart(answers, (value & mask) !== 0 ? yes : no, value, value);
  }
  addPart(answers, unknown, to + 1, LAST);
  return answers;
}

/** Adds the answers to from..to; those to all values below are there. */
function addPart({ starts, codes }: Answers, part: Answers, from: number, to: number): void {
  if (from > to) return;
  let last = codes.length === 0 ? undefined : codes[codes.length - 1];
  for (let at = placeOf(part, from); at < part.starts.length; at += 1) {
    const start = part.starts[at] ?? 0;
    if (start > to) break;
    const code = part.codes[at] ?? UNKNOWN;
    if (code === last) continue;
    starts.push(start > from ? start : from);
    codes.push(code);
    last = code;
  }
}

/** The place of the answer to a value. */
function placeOf({ starts }: Answers, value: number): number {
  let at = 0;
  for (let end = starts.length - 1; at < end; ) {
    const middle = (at + end + 1) >>> 1;
    if ((starts[middle] ?? LAST) <= value) at = middle;
    else end = middle - 1;
  }
  return at;
}

/**
 * Lets pieces be answered by the trees that are known: each is cut where a tree's answers change, and gets the trees that
 * give its answer beside its own code.
 *
 * @param pieces - ascending, with one code each; the weight goes to the parts by `weigh`
 */
export function offerTrees(
  known: SharedTrees,
  pieces: readonly Piece[],
  weigh: (from: number, to: number) => number,
): readonly Piece[] {
  const trees = mostUseful(known, pieces);
  if (trees.length === 0) return pieces;
  const borders = new Set<number>();
  // `forEach`: until V8 has optimized a loop over a list, each step makes an object.
  pieces.forEach(({ from }) => {
    borders.add(from);
  });
  for (const [, { starts }] of trees) {
    starts.forEach((start) => {
      borders.add(start);
    });
  }
  const starts = new Float64Array([...borders]).sort();
  const parts = cutAt(pieces, starts);
  const kept: Places[] = [];
  const changes = noPlaces(starts.length);
  for (const [tree, answers] of trees) {
    const places = placesFor(parts, answers);
    // A better one that is right wherever this one is would always be taken.
    if (kept.some((better) => holdsAll(better, places))) addChanges(changes, places);
    else {
      kept.push(places);
      addTree(parts, tree, places);
    }
  }
  const offered: Piece[] = [];
  for (let at = 0; at < starts.length; at += 1) {
    const from = starts[at] ?? 0;
    const to = (starts[at + 1] ?? LAST + 1) - 1;
    const codes = parts.codes[at];
    const weight = weigh(from, to);
    const last = offered.at(-1);
    if (last !== undefined && !isIn(changes, at) && areSame(last.codes, codes)) {
      offered[offered.length - 1] = { ...last, to, weight: last.weight + weight };
    } else offered.push({ from, to, codes, weight });
  }
  return offered;
}

/** Parts as a set: a bit each. */
type Places = Int32Array;

interface Parts {
  /** Of each part, what gives its answer. */
  readonly codes: (Code[] | undefined)[];
  /** By the value that a part starts with. */
  readonly placeAt: ReadonlyMap<number, number>;
  /** By code: the parts that it is right for. */
  readonly rightFor: ReadonlyMap<Code, Places>;
}

/** Cuts pieces at values which all their starts are among. */
function cutAt(pieces: readonly Piece[], starts: Float64Array): Parts {
  const codes: (Code[] | undefined)[] = [];
  const placeAt = new Map<number, number>();
  const rightFor = new Map<Code, Places>();
  let piece = 0;
  for (let at = 0; at < starts.length; at += 1) {
    const from = starts[at] ?? 0;
    placeAt.set(from, at);
    if ((pieces[piece]?.to ?? LAST) < from) piece += 1;
    const own = pieces[piece]?.codes;
    codes.push(own === undefined ? undefined : [...own]);
    if (own === undefined) continue;
    for (let next = 0; next < own.length; next += 1) {
      const code = own[next] ?? UNKNOWN;
      let places = rightFor.get(code);
      if (places === undefined) {
        places = noPlaces(starts.length);
        rightFor.set(code, places);
      }
      places[at >>> 5] = (places[at >>> 5] ?? 0) | (1 << (at & 31));
    }
  }
  return { codes, placeAt, rightFor };
}

function noPlaces(count: number): Places {
  return new Int32Array((count + 31) >>> 5);
}

/** The parts whose answers a tree gives. */
function placesFor({ codes, placeAt, rightFor }: Parts, answers: Answers): Places {
  const found = noPlaces(codes.length);
  let from = 0;
  for (let at = 0; at < answers.codes.length; at += 1) {
    const start = answers.starts[at + 1];
    const end = (start === undefined ? undefined : placeAt.get(start)) ?? codes.length;
    const right = rightFor.get(answers.codes[at] ?? UNKNOWN);
    if (right !== undefined) addRange(found, right, from, end - 1);
    from = end;
  }
  return found;
}

/** Adds what another set has of first..last. */
function addRange(places: Places, other: Places, first: number, last: number): void {
  const end = last >>> 5;
  let wanted = -1 << (first & 31);
  for (let word = first >>> 5; word <= end; word += 1) {
    if (word === end) wanted &= -1 >>> (31 - (last & 31));
    places[word] = (places[word] ?? 0) | ((other[word] ?? 0) & wanted);
    wanted = -1;
  }
}

function holdsAll(all: Places, places: Places): boolean {
  for (let at = 0; at < places.length; at += 1) {
    if (((places[at] ?? 0) & ~(all[at] ?? 0)) !== 0) return false;
  }
  return true;
}

function isIn(places: Places, place: number): boolean {
  return (((places[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
}

/** Adds the parts that are in a set where the part before is not, or the other way round. */
function addChanges(changes: Places, places: Places): void {
  let before = 0;
  for (let word = 0; word < places.length; word += 1) {
    const own = places[word] ?? 0;
    changes[word] = (changes[word] ?? 0) | (own ^ ((own << 1) | (before >>> 31)));
    before = own;
  }
}

function addTree({ codes }: Parts, tree: Code, places: Places): void {
  for (let word = 0; word < places.length; word += 1) {
    for (let left = places[word] ?? 0; left !== 0; left &= left - 1) {
      codes[32 * word + 31 - Math.clz32(left & -left)]?.push(tree);
    }
  }
}

/** The trees that tell the most pieces apart as these want it. */
function mostUseful({ trees }: SharedTrees, pieces: readonly Piece[]): readonly (readonly [Code, Answers])[] {
  if (trees.size === 0) return [];
  const borders = bordersOf(pieces);
  return [...trees]
    .map((entry) => ({ entry, common: commonBorders(entry[1], pieces, borders) }))
    .filter(({ common }) => common >= FEWEST_BORDERS)
    .sort((a, b) => b.common - a.common)
    .slice(0, Math.max(FEWEST_OFFERED, Math.floor(MOST_OFFERS / pieces.length)))
    .map(({ entry }) => entry);
}

interface Borders {
  /** By value: the piece that starts with it. */
  readonly pieceAt: ReadonlyMap<number, number>;
  /** The pieces for which a code is right that is right for the one before too. */
  readonly open: readonly number[];
}

function bordersOf(pieces: readonly Piece[]): Borders {
  const pieceAt = new Map<number, number>();
  const open: number[] = [];
  let before: Piece | undefined;
  for (let at = 0; at < pieces.length; at += 1) {
    const piece = pieces[at];
    if (piece === undefined) break;
    pieceAt.set(piece.from, at);
    const shared =
      before?.codes === undefined || (piece.codes?.some((code) => before?.codes?.includes(code)) ?? true);
    if (before !== undefined && shared) open.push(at);
    before = piece;
  }
  return { pieceAt, open };
}

/** Neighbouring pieces of which a tree gives the end of the one and the start of the other their answers. */
function commonBorders(answers: Answers, pieces: readonly Piece[], { pieceAt, open }: Borders): number {
  const { starts, codes } = answers;
  let count = 0;
  for (let at = 1; at < starts.length; at += 1) {
    const piece = pieceAt.get(starts[at] ?? 0);
    if (piece === undefined) continue;
    if (isRight(pieces[piece - 1], codes[at - 1]) && isRight(pieces[piece], codes[at])) count += 1;
  }
  // Elsewhere a tree gives both one answer.
  for (const piece of open) {
    const from = pieces[piece]?.from ?? 0;
    const at = placeOf(answers, from);
    if (starts[at] === from) continue;
    if (isRight(pieces[piece - 1], codes[at]) && isRight(pieces[piece], codes[at])) count += 1;
  }
  return count;
}

function isRight(piece: Piece | undefined, code: Code | undefined): boolean {
  return piece?.codes === undefined || (code !== undefined && piece.codes.includes(code));
}

function areSame(a: readonly Code[] | undefined, b: readonly Code[] | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return a === b;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
