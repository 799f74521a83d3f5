/**
 * The part of two policies that tells them apart: a proof about an edit of one call need not decide all others.
 *
 * A rule becomes rules for numbers without regard to the others (policy/expand-policy.ts), and what a number means follows from its
 * rules alone (decision/decide-policy.ts). So a number with the same rules in the same order means the same in both.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy, PolicyRule } from '../policy/policy.ts';

/** Two policies. */
export type PolicyPair = readonly [Policy, Policy];

/**
 * Makes a question that leaves out of two policies the rules of all numbers that both treat in the same way.
 *
 * @param asked - a call whose rules stay, and those of its multiplexers
 * @returns policies that differ for the same calls as the two that are given, and decide the asked call as these do
 */
export function touchedBy(asked: string): (pair: PolicyPair) => PolicyPair {
  const known = new Map<string, (syscall: string) => boolean>();
  return ([old, now]) => {
    const isForAll =
      old.defaultAction !== now.defaultAction ||
      old.badArchAction !== now.badArchAction ||
      old.architectures.join() !== now.architectures.join();
    if (isForAll) return [old, now];
    const touched = [asked, ...(old === now ? [] : namesThatDiffer(old.rules, now.rules))];
    const key = touched.join(' ');
    const meets = known.get(key) ?? sharesNumberWith(touched);
    known.set(key, meets);
    const part = (policy: Policy): Policy => ({
      ...policy,
      rules: policy.rules.filter(({ syscall }) => meets(syscall)),
    });
    const first = part(old);
    return [first, old === now ? first : part(now)];
  };
}

/** The calls of all rules between the first and the last that differ. All other rules are the same, in the same order. */
function namesThatDiffer(old: readonly PolicyRule[], now: readonly PolicyRule[]): readonly string[] {
  const most = Math.min(old.length, now.length);
  let first = 0;
  while (first < most && isSame(old[first], now[first])) first += 1;
  let last = 0;
  while (last < most - first && isSame(old.at(-1 - last), now.at(-1 - last))) last += 1;
  const between = [old, now].flatMap((rules) => rules.slice(first, rules.length - last));
  return [...new Set(between.map(({ syscall }) => syscall))];
}

function isSame(a: PolicyRule | undefined, b: PolicyRule | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    a.syscall === b.syscall &&
    a.nr === b.nr &&
    a.returnWord === b.returnWord &&
    a.comparisons.length === b.comparisons.length &&
    a.comparisons.every((one, at) => {
      const other = b.comparisons[at];
      return (
        one.index === other?.index &&
        one.op === other.op &&
        one.value === other.value &&
        one.valueTwo === other.valueTwo
      );
    })
  );
}

/** Whether rules for a call meet, at some number, rules for one of the calls: through a multiplexer they do. */
function sharesNumberWith(calls: readonly string[]): (syscall: string) => boolean {
  const numbers = new Set(calls.flatMap(numbersOf));
  const known = new Map<string, boolean>(calls.map((call) => [call, true]));
  return (syscall) => {
    const found = known.get(syscall) ?? numbersOf(syscall).some((each) => numbers.has(each));
    known.set(syscall, found);
    return found;
  };
}

/** Of calls that the table has. */
const numbersKnown = new Map<string, readonly string[]>();

/** The numbers that a rule for a call becomes rules for, on all architectures. */
function numbersOf(syscall: string): readonly string[] {
  const known = numbersKnown.get(syscall);
  if (known !== undefined) return known;
  const architectures = allArchitectures.map(({ name }) => name) as [ArchName, ...ArchName[]];
  const nr = newestTable.resolve(syscall, architectures[0]);
  // No policy has a rule for a call that no architecture has.
  if (nr === undefined) return [];
  const rules = [{ syscall, nr, comparisons: [], returnWord: 0, origin: 0 }];
  const found = expandPolicy({ architectures, rules }, newestTable).flatMap((each) =>
    each.rules.map((rule) => `${each.arch} ${rule.nr}`),
  );
  numbersKnown.set(syscall, found);
  return found;
}
