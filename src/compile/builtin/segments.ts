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
  const codes = lastingCodes(pieces);
  const columnOf = new Map(codes.map((code, column) => [code, column]));
  const columns = codes.length + 1;
  const cameFrom = new Int32Array(pieces.length * columns);
  let before = new Float64Array(columns);
  let best = { cost: 0, column: 0 };
  for (const [row, piece] of pieces.entries()) {
    const costs = costsOf(piece, columnOf);
    for (let column = 0; column < columns; column++) {
      const here = costs[column] ?? NEVER;
      const stay = column === codes.length && row > 0 ? NEVER : (before[column] ?? NEVER) + here;
      const enter = row > 0 && here === 0 ? best.cost + 1 : NEVER;
      costs[column] = stay <= enter ? stay : enter;
      cameFrom[row * columns + column] = stay <= enter ? column : best.column;
    }
    best = cheapest(costs);
    before = costs;
  }
  return { segments: segmentsOf(pieces, codes, cameFrom, best.column), tests: Math.round(best.cost) };
}

/**
 * Codes that may be a segment's for more than one piece: those of several pieces, and those beside values that never
 * come. All others have a column in common: the segment of that piece alone.
 */
function lastingCodes(pieces: readonly Piece[]): readonly Code[] {
  const seen = new Set<Code>();
  const lasting = new Set<Code>();
  for (const [row, { codes }] of pieces.entries()) {
    const besideNothing = [row - 1, row + 1].some(
      (other) => pieces[other] !== undefined && pieces[other].codes === undefined,
    );
    for (const code of codes ?? []) {
      if (seen.has(code) || besideNothing) lasting.add(code);
      seen.add(code);
    }
  }
  return [...lasting];
}

/** What each column's code costs for a piece; the last column is that of its own code. */
function costsOf({ codes, from, to }: Piece, columnOf: ReadonlyMap<Code, number>): Float64Array<ArrayBuffer> {
  const last = columnOf.size;
  const costs = new Float64Array(last + 1);
  if (codes === undefined) costs[last] = NEVER;
  else {
    costs.fill(from === to ? EXCEPTION : NEVER, 0, last);
    for (const code of codes) {
      const column = columnOf.get(code);
      if (column !== undefined) costs[column] = 0;
    }
  }
  return costs;
}

function cheapest(costs: Float64Array): { readonly cost: number; readonly column: number } {
  let column = 0;
  for (let i = 1; i < costs.length; i++) if ((costs[i] ?? NEVER) < (costs[column] ?? NEVER)) column = i;
  return { cost: costs[column] ?? NEVER, column };
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
