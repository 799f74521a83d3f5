/**
 * The order of names in the lists of profiles.
 * @module
 */

/** The orders that people use: as programs sort, and as in Docker's default, where `_` does not count. */
const orders: readonly ((name: string) => string)[] = [(name) => name, (name) => name.replaceAll('_', '')];

/** One name in so many may be out of order: Docker's default, sorted by hand, has `timerfd_create` behind `timer_settime`. */
const NAMES_A_FAULT = 50;

/**
 * Puts more names into a list: each into its place if the list is sorted in an order that people use, else at the end.
 *
 * @param more - other names than those of the list
 */
export function insertNames(names: readonly string[], more: readonly string[]): readonly string[] {
  const key = orderOf(names);
  if (key === undefined) return [...names, ...more];
  return more.reduce((list, name) => list.toSpliced(placeOf(list.map(key), key(name)), 0, name), names);
}

/** Whether a list is sorted in an order that people use. */
export function isInOrder(names: readonly string[]): boolean {
  return orderOf(names) !== undefined;
}

function orderOf(names: readonly string[]): ((name: string) => string) | undefined {
  const faults = (key: (name: string) => string): number =>
    names.filter((name, at) => at > 0 && key(names[at - 1] ?? '') > key(name)).length;
  const [best] = orders.map((key) => ({ key, faults: faults(key) })).toSorted((a, b) => a.faults - b.faults);
  return best === undefined || best.faults * NAMES_A_FAULT > names.length ? undefined : best.key;
}

/** The last of the places with the fewest larger names before it and smaller names behind it. */
function placeOf(keys: readonly string[], key: string): number {
  let wrong = keys.filter((each) => each < key).length;
  let best = { at: 0, wrong };
  for (const [at, each] of keys.entries()) {
    wrong += each > key ? 1 : each < key ? -1 : 0;
    if (wrong <= best.wrong) best = { at: at + 1, wrong };
  }
  return best.at;
}
