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
  /** Codes that all give the right answer, each once, the plain one first; `undefined`: these values never come here. */
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

interface Segmentation {
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
 * A code is looked at only where a piece may get it. Between two such pieces, to keep it costs an exception for each piece, and it
 * cannot be kept if one of them is more than a single value. A segment never ends with an exception, for a cut would be better.
 *
 * @param pieces - ascending, together all values
 */
export function cutIntoSegments(pieces: readonly Piece[]): Segmentation {
  const search = startSearch(pieces);
  for (let row = 0; row < pieces.length; row++) {
    const piece = pieces[row];
    if (piece === undefined) break;
    followRow(search, row, piece.codes);
    if (piece.codes !== undefined && piece.from !== piece.to) search.lastRange = row;
  }
  return { tests: Math.round(search.best), segments: () => segmentsOf(pieces, search) };
}

/** The search for the shortest path, row by row. */
interface Search {
  readonly columnOf: ReadonlyMap<Code, number>;
  /** By column. */
  readonly lasting: readonly Code[];
  /** By column: the last row whose piece may get the code, the cost there, and the first row of the segment. */
  readonly rows: Int32Array;
  readonly costs: Float64Array;
  readonly starts: Int32Array;
  /** By row: the column of the shortest path to it, or that behind all for the piece alone; the first row of its last segment. */
  readonly bestColumns: Int32Array;
  readonly bestStarts: Int32Array;
  /** The cost of the row before. */
  best: number;
  /** The last row before that is more than a single value, and comes. */
  lastRange: number;
}

function startSearch(pieces: readonly Piece[]): Search {
  const columnOf = lastingCodes(pieces);
  const { size } = columnOf;
  return {
    columnOf,
    lasting: [...columnOf.keys()],
    rows: new Int32Array(size).fill(-1),
    costs: new Float64Array(size),
    starts: new Int32Array(size),
    bestColumns: new Int32Array(pieces.length),
    bestStarts: new Int32Array(pieces.length),
    best: -1,
    lastRange: -1,
  };
}

/**
 * Keeps or enters the codes that a piece may get, whichever costs less.
 *
 * @param own - these codes; `undefined`: all
 */
function followRow(search: Search, row: number, own: readonly Code[] | undefined): void {
  const { columnOf, lasting, rows, costs, starts, best, lastRange } = search;
  const codes = own ?? lasting;
  const entered = best + 1;
  let least = own === undefined ? NEVER : entered;
  let leastColumn = lasting.length;
  let leastStart = row;
  for (let at = 0; at < codes.length; at++) {
    const column = columnOf.get(codes[at] ?? 0);
    if (column === undefined) continue;
    const before = rows[column] ?? -1;
    let cost = before < lastRange ? NEVER : (costs[column] ?? NEVER);
    for (let between = before + 1; between < row && cost <= entered; between++) cost += EXCEPTION;
    if (cost > entered) {
      cost = entered;
      starts[column] = row;
    }
    costs[column] = cost;
    rows[column] = row;
    if (cost > least || (cost === least && column > leastColumn)) continue;
    least = cost;
    leastColumn = column;
    leastStart = starts[column] ?? row;
  }
  search.best = least;
  search.bestColumns[row] = leastColumn;
  search.bestStarts[row] = leastStart;
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
  { lasting, bestColumns, bestStarts }: Search,
): readonly Segment[] {
  const segments: Segment[] = [];
  for (let end = pieces.length; end > 0; ) {
    const start = bestStarts[end - 1] ?? 0;
    const code = lasting[bestColumns[end - 1] ?? 0] ?? pieces[start]?.codes?.[0];
    if (code === undefined) throw new RangeError('values that never come are all there is');
    segments.push(segmentOf(pieces.slice(start, end), code));
    end = start;
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
