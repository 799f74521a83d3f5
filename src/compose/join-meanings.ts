/**
 * Several meanings made one: on every call the strictest answer, or the loosest.
 * @module
 */
import { precedenceOf } from '../abi/return-word.ts';
import { combine, strictestOf } from '../decision/relate.ts';
import { type Node, outcomeAt, type Space } from '../decision/space.ts';

/**
 * Makes one meaning of several.
 *
 * @param nodes - at least one; outcomes `word`
 */
export type Join = (space: Space, nodes: readonly Node[]) => Node;

/** The strictest answer; of equal actions the data of the first. */
export const strictest: Join = (space, nodes) =>
  // Of equal actions, the kernel takes the newest filter's: the first has to be that.
  strictestOf(space, [...nodes].reverse());

/** The loosest answer; of equal actions the data of the first. */
export const loosest: Join = (space, nodes) => {
  const [first, ...others] = nodes;
  if (first === undefined) throw new RangeError('nothing to join');
  return others.reduce(
    (sum, each) => combine(space, sum, each, (a, b) => (severityAt(space, b) > severityAt(space, a) ? b : a)),
    first,
  );
};

/** What one profile says. */
export const only: Join = (_, [first, ...others]) => {
  if (first === undefined || others.length > 0) throw new RangeError('one meaning is wanted');
  return first;
};

function severityAt(space: Space, leaf: Node): number {
  const outcome = outcomeAt(space, leaf);
  if (outcome.kind !== 'word') throw new RangeError(`a call does not get '${outcome.kind}'`);
  return precedenceOf(outcome.word);
}
