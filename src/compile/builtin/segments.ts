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
    if (codes !== undefined) {
      for (let at = 0; at < codes.length; at++) {
        search.fits[columnOf.get(codes[at] ?? 0) ?? search.last] = row + 1;
      }
    }
    startRow(search, row, codes !== undefined);
    stay(search, row, codes === undefined ? 0 : piece.from === piece.to ? EXCEPTION : NEVER);
    if (codes === undefined) for (let column = 0; column < search.last; column++) enter(search, row, column);
    else for (let at = 0; at < codes.length; at++) enter(search, row, columnOf.get(codes[at] ?? 0));
    search.best = search.least;
    search.bestColumn = search.leastColumn;
  }
  return {
    tests: Math.round(search.best),
    segments: () => segmentsOf(pieces, [...columnOf.keys()], search.cameFrom, search.bestColumn),
  };
}

/** The search for the shortest path, row by row. Its steps are short functions, which V8 optimizes in little time. */
interface Search {
  /** The last column, that of a piece's own code. */
  readonly last: number;
  /** By row and column: the column of the row before. */
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
  /** After this row, as far as it is known. */
  least: number;
  leastColumn: number;
}

function startSearch(rows: number, last: number): Search {
  const columns = last + 1;
  const followed = new Int32Array(columns);
  for (let column = 0; column < last; column++) followed[column] = column;
  return {
    last,
    cameFrom: new Int32Array(rows * columns),
    costs: new Float64Array(columns),
    fits: new Int32Array(columns),
    followed,
    followedCount: last,
    best: -1,
    bestColumn: last,
    least: 0,
    leastColumn: last,
  };
}

/** @param ownCode - whether the piece has a code */
function startRow(search: Search, row: number, ownCode: boolean): void {
  const { last, best, bestColumn, cameFrom } = search;
  search.least = ownCode ? best + 1 : NEVER;
  search.leastColumn = last;
  cameFrom[row * (last + 1) + last] = bestColumn;
}

/** Goes on with the codes that are followed. @param exception - what it costs where the piece may not get the code */
function stay(search: Search, row: number, exception: number): void {
  const { last, costs, fits, followed, followedCount, cameFrom, best } = search;
  const start = row * (last + 1);
  let { least, leastColumn } = search;
  let kept = 0;
  for (let at = 0; at < followedCount; at++) {
    const column = followed[at] ?? 0;
    let cost = costs[column] ?? NEVER;
    if (cost > best + 1) {
      costs[column] = NEVER;
      continue;
    }
    if (exception > 0 && fits[column] !== row + 1) {
      cost += exception;
      costs[column] = cost;
    }
    cameFrom[start + column] = column;
    followed[kept++] = column;
    if (cost < least || (cost === least && column < leastColumn)) {
      least = cost;
      leastColumn = column;
    }
  }
  search.followedCount = kept;
  search.least = least;
  search.leastColumn = leastColumn;
}

/** Goes on with one more code. @param column - `undefined`: that of a piece's own code */
function enter(search: Search, row: number, column: number | undefined): void {
  const { last, costs, followed, cameFrom, best, bestColumn } = search;
  if (column === undefined || (costs[column] ?? 0) < NEVER) return;
  costs[column] = best + 1;
  cameFrom[row * (last + 1) + column] = bestColumn;
  followed[search.followedCount++] = column;
  if (best + 1 < search.least || (best + 1 === search.least && column < search.leastColumn)) {
    search.least = best + 1;
    search.leastColumn = column;
  }
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
      for (const code of codes) {
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
    const previous = cameFrom[row * columns + column] ?? column;
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
