/**
 * The fewest tests that tell the pieces of a word apart.
 *
 * The values of a word are cut into segments. All values of a segment get the code of the segment, but for single values
 * that are asked one by one before it. A cut is a test, a single value is a test: the least sum of both is the shortest
 * path through pieces and codes (A. Viterbi, 1967), found in one pass: to stay with the code of the segment costs nothing
 * where the piece may get it, and 1 where the piece is a single value; another code costs 1.
 * @module
 */
import type { Code } from './code-graph.ts';

/** Values of a word, both ends included, u32, that get the same answer. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Codes that all give the right answer, the plain one first; `undefined`: these values never come here. */
  readonly codes: readonly Code[] | undefined;
  /** How often these values come, against those of other pieces. */
  readonly weight: number;
}

/** Neighbouring pieces with one code for all but the exceptions. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly code: Code;
  /** Single values. */
  readonly exceptions: readonly Piece[];
  readonly weight: number;
}

export interface Segmentation {
  /** Tests that it takes. */
  readonly tests: number;
  /** Made when they are asked for: most plans are dropped when their tests are counted. */
  readonly segments: () => readonly Segment[];
}

/** An exception is a test that its own value alone has to pass through; a cut is better where both would do. */
const EXCEPTION = 1.000_001;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Cuts a word.
 *
 * Of the codes only those are followed from piece to piece that cost at most one test more than the best: to come back
 * to another one is as cheap.
 *
 * @param pieces - ascending, together all values
 */
export function cutIntoSegments(pieces: readonly Piece[]): Segmentation {
  const columnOf = lastingCodes(pieces);
  const search = startSearch(pieces.length, columnOf.size);
  for (let row = 0; row < pieces.length; row++) {
    const piece = pieces[row];
    if (piece === undefined) break;
    const { codes } = piece;
    const columns = codes === undefined ? search.all : columnsOf(codes, columnOf);
    followRow(search, row, columns, codes !== undefined, piece.from === piece.to ? EXCEPTION : NEVER);
  }
  return {
    tests: Math.round(search.best),
    segments: () => segmentsOf(pieces, [...columnOf.keys()], search.cameFrom, search.bestColumn),
  };
}

/** The columns of codes that have one of their own. */
function columnsOf(codes: readonly Code[], columnOf: ReadonlyMap<Code, number>): readonly number[] {
  const columns: number[] = [];
  for (let at = 0; at < codes.length; at++) {
    const column = columnOf.get(codes[at] ?? 0);
    if (column !== undefined) columns.push(column);
  }
  return columns;
}

/** The search for the shortest path, row by row. */
interface Search {
  /** The last column, that of a piece's own code. */
  readonly last: number;
  /** All other columns. */
  readonly all: readonly number[];
  /** By row and column: 1 more than the column of the row before; 0: the same column. */
  readonly cameFrom: Int32Array;
  /** By column; of those that are followed. */
  readonly costs: Float64Array;
  /** By column: 1 more than the last row whose piece may get the code. */
  readonly fits: Int32Array;
  readonly followed: Int32Array;
  followedCount: number;
  /** After the row before. */
  best: number;
  bestColumn: number;
}

function startSearch(rows: number, last: number): Search {
  const columns = last + 1;
  const all: number[] = [];
  for (let column = 0; column < last; column++) all.push(column);
  const followed = new Int32Array(columns);
  followed.set(all);
  return {
    ...{ last, all },
    cameFrom: new Int32Array(rows * columns),
    costs: new Float64Array(columns),
    fits: new Int32Array(columns),
    followed,
    followedCount: last,
    best: -1,
    bestColumn: last,
  };
}

/**
 * Goes on with the codes that are followed, and enters those that the piece may get.
 *
 * @param columns - of the codes that the piece may get
 * @param hasCode - whether there is any
 * @param exception - what it costs to go on with a code that the piece may not get
 */
function followRow(
  search: Search,
  row: number,
  columns: readonly number[],
  hasCode: boolean,
  exception: number,
): void {
  const { last, costs, fits, followed, followedCount, cameFrom, best, bestColumn } = search;
  const start = row * (last + 1);
  const entered = best + 1;
  let least = hasCode ? entered : NEVER;
  let leastColumn = last;
  cameFrom[start + last] = bestColumn + 1;
  for (let at = 0; at < columns.length; at++) fits[columns[at] ?? last] = row + 1;
  let kept = 0;
  for (let at = 0; at < followedCount; at++) {
    const column = followed[at] ?? 0;
    let cost = costs[column] ?? NEVER;
    if (cost > entered) cost = NEVER;
    else if (fits[column] !== row + 1) cost += exception;
    costs[column] = cost;
    if (cost === NEVER) continue;
    followed[kept++] = column;
    if (cost > least || (cost === least && column > leastColumn)) continue;
    least = cost;
    leastColumn = column;
  }
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] ?? last;
    if (costs[column] !== NEVER) continue;
    costs[column] = entered;
    cameFrom[start + column] = bestColumn + 1;
    followed[kept++] = column;
    if (entered > least || (entered === least && column > leastColumn)) continue;
    least = entered;
    leastColumn = column;
  }
  search.followedCount = kept;
  search.best = least;
  search.bestColumn = leastColumn;
}

/**
 * Codes that may be a segment's for more than one piece, each with its column: those of several pieces, and those beside
 * values that never come. All others have a column in common: the segment of that piece alone.
 */
function lastingCodes(pieces: readonly Piece[]): ReadonlyMap<Code, number> {
  const seen = new Set<Code>();
  const columnOf = new Map<Code, number>();
  let wasNothing = false;
  for (let row = 0; row < pieces.length; row++) {
    const codes = pieces[row]?.codes;
    if (codes !== undefined) {
      const next = pieces[row + 1];
      const besideNothing = wasNothing || (next !== undefined && next.codes === undefined);
      for (let at = 0; at < codes.length; at++) {
        const code = codes[at] ?? 0;
        if (columnOf.has(code)) continue;
        if (besideNothing || seen.has(code)) columnOf.set(code, columnOf.size);
        else seen.add(code);
      }
    }
    wasNothing = codes === undefined;
  }
  return columnOf;
}

/** Follows the path from its end to its start. */
function segmentsOf(
  pieces: readonly Piece[],
  codes: readonly Code[],
  cameFrom: Int32Array,
  end: number,
): readonly Segment[] {
  const columns = codes.length + 1;
  const segments: Segment[] = [];
  let column = end;
  let last = pieces.length - 1;
  for (let row = last; row >= 0; row--) {
    const cameFromColumn = cameFrom[row * columns + column] ?? 0;
    const previous = cameFromColumn === 0 ? column : cameFromColumn - 1;
    const isFirst = row === 0 || previous !== column || column === codes.length;
    if (!isFirst) continue;
    const code = codes[column] ?? pieces[row]?.codes?.[0];
    if (code === undefined) throw new RangeError('values that never come are all there is');
    segments.push(segmentOf(pieces.slice(row, last + 1), code));
    last = row - 1;
    column = previous;
  }
  return segments.reverse();
}

function segmentOf(pieces: readonly Piece[], code: Code): Segment {
  return {
    from: pieces[0]?.from ?? 0,
    to: pieces.at(-1)?.to ?? 0,
    code,
    exceptions: pieces.filter(({ codes }) => codes !== undefined && !codes.includes(code)),
    weight: pieces.reduce((sum, { weight }) => sum + weight, 0),
  };
}
