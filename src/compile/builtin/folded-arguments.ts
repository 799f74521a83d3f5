/**
 * Arguments of 64 bits for which one word is enough.
 *
 * If the upper half of an argument is not 0, the argument is above every bound of 32 bits. A lower half of 0xffffffff is above
 * the same bounds, so it can stand for all such arguments. If all bounds have another upper half, 0 stands for the arguments
 * below it.
 *
 * The program first makes one word of each argument, in a cell of scratch memory, and then compares the words. Without that,
 * each upper half doubles the code behind it: 2, 4, 8 copies of the comparisons.
 * @module
 */
import { withBits } from '../../decision/cofactor.ts';
import { highHalf, lowHalf } from '../../decision/diagram-variables.ts';
import { isLeaf, type Node, type Space } from '../../decision/space.ts';
import { askEarly, type EarlyWord } from './early-words.ts';

export interface FoldedArgument {
  readonly index: number;
  /** Asks the upper half. */
  readonly upper: EarlyWord;
  /** An upper half for which the lower half matters, u32. */
  readonly usual: number;
  /** The answers for which the lower half does not matter, each with a lower half that stands for all of them. */
  readonly standIns: ReadonlyMap<Node, number>;
}

interface FoldedCall {
  readonly folded: readonly FoldedArgument[];
  /** What is decided when the upper halves are those for which the lower halves matter. */
  readonly rest: Node;
}

const ALL_BITS = 0xffff_ffff;

/**
 * Finds the arguments of a call for which one word is enough.
 *
 * @throws OciSeccompError `ERR_UNDECIDED` if that takes more than the space allows
 */
export function foldArguments(space: Space, root: Node): FoldedCall {
  const folded: FoldedArgument[] = [];
  let rest = root;
  for (const index of space.order) {
    const upper = askEarly(space, rest, highHalf(space, index));
    if (upper === undefined) continue;
    // Mostly the first one, that of small numbers; bounds of 2^32 and more matter behind another upper half.
    for (const [answer, open] of upper.rests) {
      const standIns = isLeaf(space, open) ? undefined : standInsFor(space, index, upper, open);
      if (standIns === undefined) continue;
      folded.push({ index, upper, usual: upper.values.get(answer) ?? 0, standIns });
      rest = open;
      break;
    }
  }
  return { folded, rest };
}

/** The largest lower half passes every bound from below, and the smallest every bound from above. */
const CANDIDATES = [ALL_BITS, 0];

function standInsFor(
  space: Space,
  index: number,
  { rests }: EarlyWord,
  usual: Node,
): FoldedArgument['standIns'] | undefined {
  const ends = CANDIDATES.map((value) => withBits(space, usual, lowHalf(space, index), ALL_BITS, value));
  const standIns = new Map<Node, number>();
  for (const [answer, rest] of rests) {
    if (rest === usual || isLeaf(space, rest)) continue;
    const standIn = CANDIDATES[ends.indexOf(rest)];
    if (standIn === undefined) return undefined;
    standIns.set(answer, standIn);
  }
  return standIns;
}
