/**
 * Several filters that together do not mean a policy: finds the one that makes the difference.
 * @module
 */
import { strictestOf } from '../decision/relate.ts';
import type { Node, Outcome, Space } from '../decision/space.ts';
import { evaluate } from '../decision/witness.ts';
import { OciSeccompError } from '../errors.ts';
import { type Counterexample, type DecidedPair, proveDecision } from './prove.ts';

/** What several filters do, one by one. */
export interface Deviation {
  /** What each filter answers to the counterexample, the oldest first. */
  readonly answers: readonly Outcome[];
  /** The index of the filter whose answer the kernel uses there; `undefined` if an answer cannot be followed. */
  readonly winner: number | undefined;
  /** The indexes of filters that alone mean the policy; `undefined` if that is too complex to decide. */
  readonly right: readonly number[] | undefined;
  /** The index of the only filter without which the others mean the policy; `undefined` if there is not exactly one. */
  readonly deviating: number | undefined;
}

/**
 * Looks for the filter that makes the difference.
 *
 * @param filters - diagrams of the space, the oldest first, two or more
 */
export function findDeviation(
  space: Space,
  filters: readonly Node[],
  claim: Omit<DecidedPair, 'done'>,
  { call, done }: Counterexample,
): Deviation {
  const answers = filters.map((filter) => evaluate(space, filter, call));
  // Of equal words the newest filter's is taken.
  const winner =
    done.kind === 'word'
      ? answers.findLastIndex((answer) => answer.kind === 'word' && answer.word === done.word)
      : -1;
  const means = (done: Node): boolean => proveDecision(space, { ...claim, done }).equal;
  const indexes = filters.map((_, index) => index);
  try {
    const right = indexes.filter((index) => means(filters[index] as Node));
    const without = indexes.filter((index) =>
      means(
        strictestOf(
          space,
          filters.filter((_, other) => other !== index),
        ),
      ),
    );
    const deviating = without.length === 1 ? without[0] : undefined;
    return { answers, winner: winner < 0 ? undefined : winner, right, deviating };
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    return { answers, winner: winner < 0 ? undefined : winner, right: undefined, deviating: undefined };
  }
}
