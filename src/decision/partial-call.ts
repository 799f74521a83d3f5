/**
 * Calls of which a part is known.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { isFlagSet, type KnownArgument } from '../abi/flag-sets.ts';
import { type Field, highHalf, lowHalf, WORD_BITS } from './diagram-variables.ts';
import { highOf, isLeaf, levelAt, lowOf, makeNode, type Node, type Space } from './space.ts';
import { nodeOfCall } from './witness.ts';

/** A call, or all calls that agree with it where it is known. */
export interface PartialCall {
  /** The architecture of the call. */
  readonly arch: ArchName;
  /** i32; of x32 calls with bit 30. */
  readonly nr: number;
  /** u64 by index; `undefined` or missing: any value. */
  readonly args: readonly (bigint | undefined)[];
}

/** The same with arguments of which perhaps only flags are known. */
export interface KnownCall extends Omit<PartialCall, 'args'> {
  readonly args: readonly KnownArgument[];
}

/** What remains of a diagram when some words have values: it no longer asks them. */
function fixWords(space: Space, root: Node, values: ReadonlyMap<Field, number>): Node {
  if (values.size === 0) return root;
  const done = new Map<Node, Node>();
  const fix = (node: Node): Node => {
    if (isLeaf(space, node)) return node;
    const known = done.get(node);
    if (known !== undefined) return known;
    const level = levelAt(space, node);
    const value = values.get(Math.floor(level / WORD_BITS));
    const bit = WORD_BITS - 1 - (level % WORD_BITS);
    const [low, high] = [lowOf(space, node), highOf(space, node)];
    const result =
      value === undefined
        ? makeNode(space, level, fix(low), fix(high))
        : fix(((value >>> bit) & 1) === 1 ? high : low);
    done.set(node, result);
    return result;
  };
  return fix(root);
}

/**
 * What remains of a diagram for the calls that agree with `call`: it asks unknown arguments and the instruction pointer. Flags do not
 * count here: `underFlags` is for them.
 */
export function restrictCall(space: Space, root: Node, { arch, nr, args }: KnownCall): Node {
  return fixWords(space, nodeOfCall(space, root, arch, nr), argumentWords(space, args));
}

/** The words of the arguments whose values are known. */
export function argumentWords(space: Space, args: KnownCall['args']): ReadonlyMap<Field, number> {
  const values = new Map<Field, number>();
  for (const [index, value] of args.entries()) {
    if (value === undefined || isFlagSet(value)) continue;
    values.set(highHalf(space, index), Number(value >> 32n));
    values.set(lowHalf(space, index), Number(value & 0xffff_ffffn));
  }
  return values;
}
