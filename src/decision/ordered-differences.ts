/**
 * Differences of filters whose arguments were asked in another order (argument-order.ts).
 * @module
 */
import { type ArgumentOrder, callInNaturalOrder } from './argument-order.ts';
import type { Description } from './describe.ts';
import type { ArchDifference } from './difference.ts';

/** Differences that were found with each argument at its place. */
export function differencesInNaturalOrder(
  differences: readonly ArchDifference[],
  order: ArgumentOrder | undefined,
): readonly ArchDifference[] {
  if (order === undefined) return differences;
  const described = ({ cases, truncated }: Description): Description => ({
    cases: cases.map(({ tests, outcome }) => ({
      tests: tests.map((each) => ({
        ...each,
        index: each.index === undefined ? undefined : order[each.index],
      })),
      outcome,
    })),
    truncated,
  });
  return differences.map((each) => ({
    ...each,
    changes: each.changes.map(({ sightings, descriptions: [first, second], ...change }) => ({
      ...change,
      sightings: sightings.map((one) => ({ ...one, call: callInNaturalOrder(one.call, order) })),
      descriptions: [described(first), described(second)] as const,
    })),
  }));
}
