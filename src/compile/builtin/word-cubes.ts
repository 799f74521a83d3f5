/**
 * Sets of a word's values as cubes: some bits have to be as asked for, the others may be anything. Flags and masks are few
 * cubes and many intervals.
 *
 * The paths of a diagram are cubes already. Each is made as large as its set allows, bit by bit, and of the larger ones
 * few are taken that cover the set (as W. Quine and E. McCluskey do it, but that the best choice is not searched for).
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import { countStep, FALSE, type Node, type Space } from '../../decision/space.ts';

/** The values whose bits of `mask` are `value`; u32 both. */
export interface Cube {
  readonly mask: number;
  readonly value: number;
}

export const ALL_BITS = 0xffff_ffff;
/** A set of more paths is better told apart bit by bit. */
const MAX_PATHS = 64;

/** A word, and the diagram that asks it first. */
interface AskedWord {
  readonly space: Space;
  readonly root: Node;
  readonly field: Field;
}

/** A set of more paths, and of so many times those of all others together, is not worth a cover: it is the rest. */
const UNCOVERED_PATHS = 16;
const UNCOVERED_SHARE = 4;

/**
 * Covers the values of a word by cubes, for each way that the diagram goes on. A way with by far the most paths, which
 * is what remains when the others are told apart, keeps its paths.
 *
 * @param most - the most cubes that can be shorter than another plan
 * @returns `undefined` if there are more, or too many paths
 */
export function cubesOfWord(word: AskedWord, most: number): ReadonlyMap<Node, readonly Cube[]> | undefined {
  const paths = pathsOf(word);
  if (paths === undefined || leastCubes([...paths.values()]) > most) return undefined;
  let count = 0;
  for (const cubes of paths.values()) count += cubes.length;
  const covers = new Map<Node, readonly Cube[]>();
  for (const [node, cubes] of paths) {
    const { length } = cubes;
    const isRest = length > UNCOVERED_PATHS && length > UNCOVERED_SHARE * (count - length);
    covers.set(node, isRest ? cubes : coverOf(word, node, cubes));
  }
  return covers;
}

/** The fewest cubes that tell ways apart: one for a way, or two if its values are not one cube. The costliest way is the rest. */
function leastCubes(ways: readonly (readonly Cube[])[]): number {
  const least = ways.map((paths) => (isCube(paths) ? 1 : 2));
  return least.reduce((sum, each) => sum + each, 0) - Math.max(...least);
}

/** Whether the values of some paths are one cube. No two paths have a value in common. */
function isCube(paths: readonly Cube[]): boolean {
  const [first] = paths;
  let common = ALL_BITS;
  let values = 0;
  for (const { mask, value } of paths) {
    common &= mask & ~(value ^ (first?.value ?? 0));
    values += valuesOf(mask);
  }
  return values === valuesOf(common);
}

function valuesOf(mask: number): number {
  let values = 2 ** WORD_BITS;
  for (let left = mask; left !== 0; left &= left - 1) values /= 2;
  return values;
}

function pathsOf({ space, root, field }: AskedWord): ReadonlyMap<Node, readonly Cube[]> | undefined {
  const { level: levels, low, high } = space;
  const end = firstLevel(field) + WORD_BITS;
  const paths = new Map<Node, Cube[]>();
  let count = 0;
  const walk = (node: Node, mask: number, value: number): void => {
    if (count > MAX_PATHS) return;
    const level = levels[node] ?? end;
    if (level >= end) {
      count++;
      const cubes = paths.get(node);
      if (cubes === undefined) paths.set(node, [{ mask, value }]);
      else cubes.push({ mask, value });
      return;
    }
    const bit = 2 ** (end - 1 - level);
    walk(low[node] ?? FALSE, mask + bit, value);
    walk(high[node] ?? FALSE, mask + bit, value + bit);
  };
  walk(root, 0, 0);
  countStep(space, 2 * count);
  return count > MAX_PATHS ? undefined : paths;
}

/** Larger cubes that together are the paths to a node. */
function coverOf(word: AskedWord, target: Node, paths: readonly Cube[]): readonly Cube[] {
  // A larger cube than an only path would have a second one.
  if (paths.length === 1) return paths;
  const upwards = bitsBetween(paths);
  const orders = [upwards, upwards.toReversed()];
  const larger = paths.flatMap((path) => orders.map((bits) => grow(word, target, path, bits)));
  const left = new Set(paths);
  const cover: Cube[] = [];
  while (left.size > 0) {
    let best: { readonly cube: Cube; readonly paths: readonly Cube[] } | undefined;
    for (const cube of larger) {
      const covered = [...left].filter((path) => contains(cube, path));
      const isBetter =
        best === undefined ||
        covered.length > best.paths.length ||
        (covered.length === best.paths.length && instructionsOf(cube) < instructionsOf(best.cube));
      if (isBetter) best = { cube, paths: covered };
    }
    if (best === undefined || best.paths.length === 0) throw new RangeError('a path is in no cube');
    cover.push(best.cube);
    for (const path of best.paths) left.delete(path);
  }
  return cover;
}

/** The bits, ascending, by which two paths alone differ: no other bit can be dropped, whatever was dropped before. */
function bitsBetween(paths: readonly Cube[]): readonly number[] {
  let all = 0;
  for (let a = 1; a < paths.length; a += 1) {
    for (let b = 0; b < a; b += 1) {
      const differ = differenceOf(paths[a], paths[b]);
      if ((differ & (differ - 1)) === 0) all |= differ;
    }
  }
  const bits: number[] = [];
  for (let left = all; left !== 0; left &= left - 1) bits.push((left & -left) >>> 0);
  return bits;
}

/** The bits that two cubes ask, and ask otherwise. */
function differenceOf(a: Cube | undefined, b: Cube | undefined): number {
  return a === undefined || b === undefined ? 0 : (a.value ^ b.value) & a.mask & b.mask;
}

/** Drops the bits that need not be asked. */
function grow(word: AskedWord, target: Node, path: Cube, bits: readonly number[]): Cube {
  return bits.reduce((cube, bit) => {
    if ((cube.mask & bit) === 0) return cube;
    // One value often shows that a bit matters.
    if (endOf(word, cube.value ^ bit) !== target) return cube;
    const larger: Cube = { mask: (cube.mask & ~bit) >>> 0, value: (cube.value & ~bit) >>> 0 };
    return leadsOnlyTo(word, larger, target) ? larger : cube;
  }, path);
}

/** Where one value of the word leads. */
function endOf({ space, root, field }: AskedWord, value: number): Node {
  const { level: levels, low, high } = space;
  const last = firstLevel(field) + WORD_BITS - 1;
  let node = root;
  for (let level = levels[node] ?? last; level <= last; level = levels[node] ?? last) {
    node = (((value >>> (last - level)) & 1) === 0 ? low[node] : high[node]) ?? FALSE;
  }
  return node;
}

function leadsOnlyTo({ space, root, field }: AskedWord, { mask, value }: Cube, target: Node): boolean {
  const { level: levels, low, high } = space;
  const end = firstLevel(field) + WORD_BITS;
  const seen = new Set<Node>([root]);
  for (const node of seen) {
    const level = levels[node] ?? end;
    if (level >= end) {
      if (node !== target) return false;
      continue;
    }
    const bit = 1 << (end - 1 - level);
    if ((mask & bit) === 0 || (value & bit) === 0) seen.add(low[node] ?? FALSE);
    if ((mask & bit) === 0 || (value & bit) !== 0) seen.add(high[node] ?? FALSE);
  }
  countStep(space, seen.size);
  return true;
}

function contains(cube: Cube, part: Cube): boolean {
  return (cube.mask & part.mask) === (cube.mask | 0) && (part.value & cube.mask) === (cube.value | 0);
}

/** Whether a cube is one test of the word as it is. */
export function isOneTest({ mask, value }: Cube): boolean {
  return mask === ALL_BITS || value === 0 || (mask & (mask - 1)) === 0;
}

/** A test; before it the other bits have to be taken away, and after it the word is no longer there. */
export function instructionsOf(cube: Cube): number {
  return isOneTest(cube) ? 1 : 3;
}
