/**
 * Neighbouring segments of few values that bits tell apart with fewer tests than borders do.
 *
 * A test of bits parts the values of a window in two; each part is cut into segments, or parted once more. All masks are
 * tried, so this is for programs that are made once and kept.
 * @module
 */
import { type Code, type CodeGraph, testCode } from './code-graph.ts';
import { cutIntoSegments, type Piece, type Segment } from './segments.ts';

/** Segments that are told apart by bits, not by borders. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /** Tests that it takes. */
  readonly tests: number;
  readonly plant: (graph: CodeGraph) => Code;
}

/** Replaces segments by windows where that saves the most tests. */
export type FindWindows = (
  segments: readonly Segment[],
  plant: PlantSegments,
) => readonly (Segment | Window)[];

/** Makes a tree of segments. */
export type PlantSegments = (graph: CodeGraph, segments: readonly Segment[]) => Code;

/** Windows of more values almost never save a test. */
const MOST_VALUES = 64;
/** Tests of bits one after the other. */
const DEPTH = 2;
/** Windows of more values are parted once only: the search takes time by the square of the masks. */
const MOST_PARTED_TWICE = 40;

interface Search {
  readonly mostPartedTwice: number;
  /** What was found, by window: one that comes again, in another plan or policy, is not searched again. */
  readonly found: Map<string, Shape | undefined>;
}

/** Makes a finder of windows, which remembers what it found. */
export function createWindowFinder(mostPartedTwice = MOST_PARTED_TWICE): FindWindows {
  const search: Search = { mostPartedTwice, found: new Map() };
  return (segments, plant) => findWindows(search, segments, plant);
}

function findWindows(
  search: Search,
  segments: readonly Segment[],
  plant: PlantSegments,
): readonly (Segment | Window)[] {
  const count = segments.length;
  /** By the first segment: the tests of it and all behind it, cuts before each included. */
  const costs = new Float64Array(count + 1);
  const choices: (Segment | Window)[] = [];
  const next = new Int32Array(count);
  for (let first = count - 1; first >= 0; first--) {
    const segment = segments[first];
    if (segment === undefined) break;
    costs[first] = testsOf([segment]) + (costs[first + 1] ?? 0);
    choices[first] = segment;
    next[first] = first + 1;
    for (let end = first + 2; end <= count; end++) {
      const inside = segments.slice(first, end);
      if ((inside.at(-1)?.to ?? 0) - segment.from >= MOST_VALUES) break;
      const window = windowOf(search, inside, plant);
      const cost = window === undefined ? Number.POSITIVE_INFINITY : window.tests + 1 + (costs[end] ?? 0);
      if (window === undefined || cost >= (costs[first] ?? 0)) continue;
      costs[first] = cost;
      choices[first] = window;
      next[first] = end;
    }
  }
  const parts: (Segment | Window)[] = [];
  for (let at = 0; at < count; at = next[at] ?? count) parts.push(...choices.slice(at, at + 1));
  return parts;
}

/** A cut before each segment, and its exceptions. */
function testsOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { exceptions }) => sum + 1 + exceptions.length, 0);
}

interface Point {
  readonly value: number;
  readonly code: Code;
  readonly weight: number;
}

/** How values are parted by a bit of a mask; a part without a shape is cut into segments. */
interface Shape {
  readonly tests: number;
  readonly mask: number;
  readonly set: Shape | undefined;
  readonly clear: Shape | undefined;
}

/** @returns `undefined` where bits save nothing */
function windowOf(
  { found, mostPartedTwice }: Search,
  segments: readonly Segment[],
  plant: PlantSegments,
): Window | undefined {
  const least = testsOf(segments) - 1;
  const from = segments[0]?.from ?? 0;
  const to = segments.at(-1)?.to ?? 0;
  const points = segments.flatMap(pointsOf);
  const numbers = new Map<Code, number>();
  const codes = points.map(({ code }) => {
    const number = numbers.get(code) ?? numbers.size;
    numbers.set(code, number);
    return number;
  });
  // A test of bits, and then as many as there are codes but two.
  if (least <= numbers.size - 1 || least < FEWEST) return undefined;
  const key = `${from} ${least} ${codes.join(' ')}`;
  if (!found.has(key)) {
    const values = points.map(({ value }) => value);
    found.set(key, partByBits(values, codes, values.length > mostPartedTwice ? 1 : DEPTH, least));
  }
  const shape = found.get(key);
  if (shape === undefined) return undefined;
  const weight = segments.reduce((sum, segment) => sum + segment.weight, 0);
  const plantWindow = (graph: CodeGraph): Code => {
    const code = plantShape(graph, shape, points, plant);
    if (!graph.windows.has(code)) graph.windows.set(code, { from, to });
    return code;
  };
  return { from, to, weight, tests: shape.tests, plant: plantWindow };
}

/** With fewer tests than these, nothing can be saved. */
const FEWEST = 3;

function pointsOf({ from, to, code, exceptions, weight }: Segment): readonly Point[] {
  const codes = new Map(exceptions.map((each) => [each.from, each.codes?.[0] ?? code]));
  const count = to - from + 1;
  return Array.from({ length: count }, (_, at) => ({
    value: from + at,
    code: codes.get(from + at) ?? code,
    weight: weight / count,
  }));
}

/**
 * Finds the best way to part values by bits.
 *
 * @param codes - of the values, numbered from 0
 * @returns `undefined` if none takes fewer tests than `limit`
 */
function partByBits(
  values: readonly number[],
  codes: readonly number[],
  depth: number,
  limit: number,
): Shape | undefined {
  const bits = values.reduce((sum, value) => sum | (value ^ (values[0] ?? 0)), 0);
  let best: Shape | undefined;
  for (let mask = bits; mask > 0; mask = (mask - 1) & bits) {
    const most = (best?.tests ?? limit) - 1;
    const set = partOf(values, codes, mask, true, depth, most);
    if (set === undefined) continue;
    const clear = partOf(values, codes, mask, false, depth, most - set.tests);
    if (clear === undefined) continue;
    best = { tests: 1 + set.tests + clear.tests, mask, set: set.shape, clear: clear.shape };
  }
  return best;
}

interface Part {
  readonly tests: number;
  readonly shape: Shape | undefined;
}

/** @returns `undefined` if it takes `limit` tests or more, or there is nothing to part */
function partOf(
  values: readonly number[],
  codes: readonly number[],
  mask: number,
  isSet: boolean,
  depth: number,
  limit: number,
): Part | undefined {
  const own: number[] = [];
  const ownCodes: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if ((((values[at] ?? 0) & mask) !== 0) !== isSet) continue;
    own.push(values[at] ?? 0);
    ownCodes.push(codes[at] ?? 0);
  }
  if (own.length === 0 || own.length === values.length) return undefined;
  const tests = fewestTests(ownCodes);
  const shape = depth > 1 && tests >= 2 ? partByBits(own, ownCodes, depth - 1, tests) : undefined;
  const part = { tests: shape?.tests ?? tests, shape };
  return part.tests < limit ? part : undefined;
}

/** What segments.ts counts, of values each with a code. */
function fewestTests(codes: readonly number[]): number {
  const costs: number[] = [];
  let best = 0;
  for (let at = 0; at < codes.length; ) {
    const code = codes[at] ?? 0;
    let next = at + 1;
    while (next < codes.length && codes[next] === code) next++;
    const stay = costs[code];
    const enter = at === 0 ? 0 : best + 1;
    const own = stay !== undefined && stay < enter ? stay : enter;
    best = own;
    for (let other = 0; other < costs.length; other++) {
      const cost =
        next - at === 1 ? (costs[other] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY;
      costs[other] = cost;
      if (cost < best) best = cost;
    }
    costs[code] = own;
    at = next;
  }
  return best;
}

function plantShape(
  graph: CodeGraph,
  { mask, set, clear }: Shape,
  points: readonly Point[],
  plant: PlantSegments,
): Code {
  const plantPart = (isSet: boolean, shape: Shape | undefined): Code => {
    const own = points.filter(({ value }) => ((value & mask) !== 0) === isSet);
    if (shape !== undefined) return plantShape(graph, shape, own, plant);
    return plant(graph, cutIntoSegments(piecesOf(own)).segments());
  };
  return testCode(graph, 'set', mask, plantPart(true, set), plantPart(false, clear));
}

/** Values in between do not come here. */
function piecesOf(points: readonly Point[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const { value, code, weight } of points) {
    const last = pieces.at(-1);
    if (last?.codes?.[0] === code) {
      pieces[pieces.length - 1] = { ...last, to: value, weight: last.weight + weight };
    } else pieces.push({ from: value, to: value, codes: [code], weight });
  }
  return pieces;
}
