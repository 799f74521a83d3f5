/**
 * The outcomes of calls of which only some words are known.
 * @module
 */
import { isMade } from '../abi/carried-out.ts';
import { FIELD_ARCH, FIELD_COUNT, FIELD_NR, highHalf, lowHalf, WORD_BITS } from './diagram-variables.ts';
import {
  countStep,
  highOf,
  isLeaf,
  levelAt,
  lowOf,
  type Node,
  type Outcome,
  outcomeAt,
  type Space,
} from './space.ts';

/** Whether the kernel makes the call: ALLOW or LOG. */
export function isCarriedOut(outcome: Outcome): boolean {
  return outcome.kind === 'word' && isMade(outcome.word);
}

/** A call with arguments that may be unknown: `undefined` halves, the high one before the low one. */
interface HalfKnownCall {
  /** u32, `AUDIT_ARCH_*`. */
  readonly arch: number;
  /** i32; of x32 calls with bit 30. */
  readonly nr: number;
  readonly args: readonly HalfKnownArgument[];
}

/** Two halves, u32 each; what is `undefined` can be anything. */
export interface HalfKnownArgument {
  readonly high: number | undefined;
  readonly low: number | undefined;
}

/**
 * Finds all outcomes that a call can have, whatever its unknown words are (the instruction pointer is one).
 *
 * @returns at least one, each once, in no order
 */
export function possibleOutcomes(space: Space, root: Node, call: HalfKnownCall): readonly Outcome[] {
  const words: (number | undefined)[] = new Array(FIELD_COUNT).fill(undefined);
  words[FIELD_ARCH] = call.arch >>> 0;
  words[FIELD_NR] = call.nr >>> 0;
  for (const [index, { high, low }] of call.args.entries()) {
    words[highHalf(space, index)] = high;
    words[lowHalf(space, index)] = low;
  }
  return outcomesBelow(space, root, words);
}

/** All outcomes of a diagram. @returns at least one, each once, in no order */
export function leavesBelow(space: Space, root: Node): readonly Outcome[] {
  return isLeaf(space, root) ? [outcomeAt(space, root)] : outcomesBelow(space, root, []);
}

function outcomesBelow(space: Space, root: Node, words: readonly (number | undefined)[]): readonly Outcome[] {
  const seen = new Set<Node>();
  const leaves = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    countStep(space);
    if (isLeaf(space, node)) {
      leaves.add(node);
      return;
    }
    const level = levelAt(space, node);
    const word = words[Math.floor(level / WORD_BITS)];
    const bit = word === undefined ? undefined : (word >>> (WORD_BITS - 1 - (level % WORD_BITS))) & 1;
    if (bit !== 1) walk(lowOf(space, node));
    if (bit !== 0) walk(highOf(space, node));
  };
  walk(root);
  return [...leaves].map((node) => outcomeAt(space, node));
}
