/**
 * Trees of tests that other code may be led into: what tells the numbers of one architecture apart does the same for most
 * numbers of another one.
 * @module
 */
import { type Code, type CodeGraph, codeAt } from './code-graph.ts';
import type { Piece } from './segments.ts';

/** Values, both ends included, u32, and where a tree leads with them; `undefined`: that is not known. */
interface Answer {
  readonly from: number;
  readonly to: number;
  readonly code: Code | undefined;
}

/** The targets of a tree of tests of one word, ascending, for all values. */
type Answers = readonly Answer[];

/** The trees that are known, each by its first test. */
export interface SharedTrees {
  readonly trees: ReadonlyMap<Code, Answers>;
}

const LAST = 0xffff_ffff;
/** Trees that tell fewer pieces apart cost as much as they save. */
const FEWEST_BORDERS = 2;
/** The search takes time for each tree. */
const MOST_OFFERED = 32;

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
  const found = new Map<Code, Answers>();
  const done = new Map<Code, Answers>();
  const walk = (code: Code): Answers => {
    const walked = done.get(code);
    if (walked !== undefined) return walked;
    const node = codeAt(graph, code);
    let answers: Answers;
    const window = graph.windows.get(code);
    if (isEnd(code)) answers = [{ from: 0, to: LAST, code }];
    else if (node.kind === 'test' && node.test === 'set' && window !== undefined) {
      answers = answersOfBits(node.operand, walk(node.yes), walk(node.no), window);
    } else if (node.kind !== 'test' || (node.test !== 'eq' && node.test !== 'ge')) {
      answers = [{ from: 0, to: LAST, code: undefined }];
    } else {
      const { operand } = node;
      const [yes, no] = [walk(node.yes), walk(node.no)];
      const end = node.test === 'eq' ? operand : LAST;
      answers = joined([clip(no, 0, operand - 1), clip(yes, operand, end), clip(no, end + 1, LAST)]);
      if (answers.length > FEWEST_BORDERS && !known.trees.has(code)) found.set(code, answers);
    }
    done.set(code, answers);
    return answers;
  };
  walk(root);
  return { trees: new Map([...known.trees, ...found]) };
}

/** The answers of a test of bits for the values that it was made for. */
function answersOfBits(
  mask: number,
  yes: Answers,
  no: Answers,
  { from, to }: { readonly from: number; readonly to: number },
): Answers {
  const inside = Array.from({ length: to - from + 1 }, (_, at) => {
    const value = from + at;
    return clip((value & mask) !== 0 ? yes : no, value, value);
  });
  const unknown = [{ from: 0, to: LAST, code: undefined }];
  return joined([clip(unknown, 0, from - 1), ...inside, clip(unknown, to + 1, LAST)]);
}

function clip(answers: Answers, from: number, to: number): Answers {
  return answers
    .filter((answer) => answer.from <= to && answer.to >= from)
    .map((answer) => ({
      from: Math.max(answer.from, from),
      to: Math.min(answer.to, to),
      code: answer.code,
    }));
}

function joined(parts: readonly Answers[]): Answers {
  const answers: Answer[] = [];
  for (const answer of parts.flat()) {
    const last = answers.at(-1);
    if (last !== undefined && last.code === answer.code)
      answers[answers.length - 1] = { ...last, to: answer.to };
    else answers.push(answer);
  }
  return answers;
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
  const borders = new Set(pieces.map(({ from }) => from));
  for (const [, answers] of trees) for (const { from } of answers) borders.add(from);
  const starts = Float64Array.from(borders).sort();
  const walkers = trees.map(([tree, answers]) => ({ tree, answers, at: 0 }));
  const offered: Piece[] = [];
  let at = 0;
  for (let i = 0; i < starts.length; i++) {
    const from = starts[i] ?? 0;
    const to = (starts[i + 1] ?? LAST + 1) - 1;
    while ((pieces[at]?.to ?? LAST) < from) at++;
    const own = pieces[at]?.codes;
    const codes = own === undefined ? undefined : [...own];
    for (const walker of walkers) {
      while ((walker.answers[walker.at]?.to ?? LAST) < from) walker.at++;
      const answer = walker.answers[walker.at]?.code;
      if (answer !== undefined && own?.includes(answer) === true) codes?.push(walker.tree);
    }
    addPiece(offered, { from, to, codes, weight: weigh(from, to) });
  }
  return offered;
}

/** The trees that tell the most pieces apart as these want it. */
function mostUseful({ trees }: SharedTrees, pieces: readonly Piece[]): readonly (readonly [Code, Answers])[] {
  return [...trees]
    .map((entry) => ({ entry, borders: commonBorders(entry[1], pieces) }))
    .filter(({ borders }) => borders >= FEWEST_BORDERS)
    .sort((a, b) => b.borders - a.borders)
    .slice(0, MOST_OFFERED)
    .map(({ entry }) => entry);
}

/** Neighbouring pieces of which a tree gives the end of the one and the start of the other their answers. */
function commonBorders(answers: Answers, pieces: readonly Piece[]): number {
  let count = 0;
  let at = 0;
  let before = false;
  for (const { from, to, codes } of pieces) {
    while ((answers[at]?.to ?? LAST) < from) at++;
    const first = answers[at]?.code;
    if (before && (codes === undefined || (first !== undefined && codes.includes(first)))) count++;
    while ((answers[at]?.to ?? LAST) < to) at++;
    const last = answers[at]?.code;
    before = codes === undefined || (last !== undefined && codes.includes(last));
  }
  return count;
}

/** Adds a piece behind the last one, or makes that one longer. */
function addPiece(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last !== undefined && areSame(last.codes, piece.codes)) {
    pieces[pieces.length - 1] = { ...last, to: piece.to, weight: last.weight + piece.weight };
  } else pieces.push(piece);
}

function areSame(a: readonly Code[] | undefined, b: readonly Code[] | undefined): boolean {
  return a === b || (a?.length === b?.length && a?.every((code, at) => code === b?.[at]) === true);
}
