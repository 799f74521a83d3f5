/**
 * How few tests tell the pieces of a word apart.
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
  readonly segments: readonly Segment[];
  /** Tests that it takes. */
  readonly tests: number;
}

/** An exception is a test that its own value alone has to pass through; a cut is better where both would do. */
const EXCEPTION = 1.000_001;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Cuts a word.
 *
 * @param pieces - ascending, together all values
 */
export function cutIntoSegments(pieces: readonly Piece[]): Segmentation {
  const columnOf = lastingCodes(pieces);
  // The last column is that of a piece's own code.
  const last = columnOf.size;
  const columns = last + 1;
  const cameFrom = new Int32Array(pieces.length * columns);
  const costs = new Float64Array(columns);
  /** By column: 1 more than the last row whose piece may get the code. */
  const fits = new Int32Array(columns);
  let best = 0;
  let bestColumn = 0;
  for (let row = 0; row < pieces.length; row++) {
    const piece = pieces[row];
    if (piece === undefined) break;
    const { codes } = piece;
    for (const code of codes ?? []) fits[columnOf.get(code) ?? last] = row + 1;
    const exception = codes === undefined ? 0 : piece.from === piece.to ? EXCEPTION : NEVER;
    const enter = row === 0 ? NEVER : best + 1;
    const start = row * columns;
    let least = codes === undefined ? NEVER : row === 0 ? 0 : enter;
    let leastColumn = last;
    costs[last] = least;
    cameFrom[start + last] = row === 0 || codes === undefined ? last : bestColumn;
    for (let column = last - 1; column >= 0; column--) {
      const isFree = codes === undefined || fits[column] === row + 1;
      let cost = (costs[column] ?? NEVER) + (isFree ? 0 : exception);
      let from = column;
      if (isFree && enter < cost) {
        cost = enter;
        from = bestColumn;
      }
      costs[column] = cost;
      cameFrom[start + column] = from;
      if (cost <= least) {
        least = cost;
        leastColumn = column;
      }
    }
    best = least;
    bestColumn = leastColumn;
  }
  return {
    segments: segmentsOf(pieces, [...columnOf.keys()], cameFrom, bestColumn),
    tests: Math.round(best),
  };
}

/**
 * Codes that may be a segment's for more than one piece, each with its column: those of several pieces, and those beside
 * values that never come. All others have a column in common: the segment of that piece alone.
 */
function lastingCodes(pieces: readonly Piece[]): ReadonlyMap<Code, number> {
  const seen = new Set<Code>();
  const columnOf = new Map<Code, number>();
  for (let row = 0; row < pieces.length; row++) {
    const besideNothing = isNothing(pieces[row - 1]) || isNothing(pieces[row + 1]);
    for (const code of pieces[row]?.codes ?? []) {
      if (columnOf.has(code)) continue;
      if (besideNothing || seen.has(code)) columnOf.set(code, columnOf.size);
      else seen.add(code);
    }
  }
  return columnOf;
}

function isNothing(piece: Piece | undefined): boolean {
  return piece !== undefined && piece.codes === undefined;
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
