/**
 * The order in which a space's diagrams ask arguments.
 *
 * Usually it is from the first to the last. If the last one tells hundreds of rules apart, a diagram asks bounds of the others
 * before it, and remembers for each part of them which rules are left: so many nodes are too many. If that argument is asked
 * first, the same question is easy. All calls of a space have one order.
 * @module
 */
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../policy/expand-policy.ts';
import { type ArgumentOrder, NATURAL_ORDER } from './diagram-variables.ts';
import { clearRoom, openRoom, tryWithin } from './node-room.ts';
import { createSpace, type Space, type SpaceOptions } from './space.ts';
import { askWithin, workLeft } from './work.ts';

/** Fewer values of an argument do not make a diagram complex. */
const FEWEST_VALUES = 16;

/** An order that is better than the natural one. */
export interface BetterOrder {
  readonly order: ArgumentOrder;
  /** Steps that a question may take in the natural order before it is asked in this one. */
  readonly patience: number;
}

/** If bounds are asked first, a meaning that takes more steps is seldom decided, or has a program with room. */
export const STEPS_BEHIND_BOUNDS = 1_000_000;

/**
 * Finds a better order than the natural one: arguments with many values, each of another rule, come first.
 *
 * @returns `undefined` if the natural order is as good
 */
export function findBetterOrder(expanded: readonly ArchPolicy[]): BetterOrder | undefined {
  const most = NATURAL_ORDER.map(() => 0);
  let first: number = NATURAL_ORDER.length;
  for (const { rules } of expanded) {
    for (const own of rulesByNumber(rules).values()) {
      if (own.length < FEWEST_VALUES) continue;
      for (const index of NATURAL_ORDER) most[index] = Math.max(most[index] ?? 0, countValues(own, index));
      for (const { comparisons } of own) for (const { index } of comparisons) first = Math.min(first, index);
    }
  }
  const order = manyValuesFirst(most);
  if (order === undefined) return undefined;
  const isBehindBounds = (most[first] ?? 0) < FEWEST_VALUES;
  return { order, patience: isBehindBounds ? STEPS_BEHIND_BOUNDS : Number.POSITIVE_INFINITY };
}

function countValues(rules: readonly ArchRule[], index: number): number {
  const compared = rules.flatMap(({ comparisons }) => comparisons.filter((each) => each.index === index));
  return new Set(compared.flatMap(({ op, value }) => (op === 'eq' ? value : []))).size;
}

/** @param counts - by argument: its values. @returns `undefined` for the natural order */
export function manyValuesFirst(counts: readonly number[]): ArgumentOrder | undefined {
  const values = (index: number): number => {
    const count = counts[index] ?? 0;
    return count < FEWEST_VALUES ? 0 : count;
  };
  const order = NATURAL_ORDER.toSorted((a, b) => values(b) - values(a));
  return order.every((index, place) => index === place) ? undefined : order;
}

/** A space whose diagrams ask arguments in an order. */
export function spaceInOrder(order: ArgumentOrder, options: SpaceOptions): Space {
  const space = createSpace(options);
  space.order = order;
  return space;
}

/**
 * Asks a question in the natural order of arguments, and if that is too complex, in a better one.
 *
 * @param space - an empty one. The other order may take as many steps as the question has left in the natural one
 * @param better - absent: the natural order is as good
 * @param ask - called with an empty space for each order
 * @throws OciSeccompError `ERR_UNDECIDED` if the question is too complex in both orders
 */
export function askInBestOrder<Answer>(
  space: Space,
  better: BetterOrder | undefined,
  ask: (space: Space) => Answer,
): Answer {
  if (better === undefined) return ask(space);
  const most = workLeft(space.work);
  const natural = tryWithin(space, better.patience, () => ask(space));
  if (natural !== undefined) return natural;
  const { work, maxNodes, maxUnneeded } = space;
  const other = spaceInOrder(better.order, { work, maxNodes, maxUnneeded });
  const answer = askWithin(work, most, () => tryWithin(other, most, () => ask(other)));
  return answer ?? ask(space);
}

/** Usual meanings take fewer steps in the natural order. */
const STEPS_OF_USUAL = 300_000;
/** The share of the steps that are left for the better order. The rest is for the natural one. */
const SHARE_OF_BETTER = 0.75;

/**
 * Decides what comes first in a space. If that is too complex in the natural order of arguments, the space gets a better one.
 *
 * @param better - absent: the natural order is as good
 * @param otherwise - if it is too complex in both orders, or the order is settled; default: `decide`
 */
export function decideFirst<Answer>(
  space: Space,
  better: BetterOrder | undefined,
  decide: () => Answer,
  otherwise: () => Answer = decide,
): Answer {
  const isEmpty = space.count === space.leaves.size;
  if (better === undefined || !isEmpty || space.order !== NATURAL_ORDER) return otherwise();
  const room = openRoom(space);
  const attempt = (order: ArgumentOrder, most: number): Answer | undefined => {
    space.order = order;
    const decided = tryWithin(space, most, decide);
    if (decided === undefined) clearRoom(room, []);
    return decided;
  };
  const decided =
    attempt(NATURAL_ORDER, Math.min(STEPS_OF_USUAL, workLeft(space.work) / 2)) ??
    attempt(better.order, SHARE_OF_BETTER * workLeft(space.work));
  if (decided !== undefined) return decided;
  space.order = NATURAL_ORDER;
  return otherwise();
}
