/**
 * A view by system calls: which rules name each, and where in the profile the name stands.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { groupBy } from '../../abi/group-by.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import type { Node } from '../../decision/space.ts';
import { smallestArguments } from '../../decision/witness.ts';
import { OciSeccompError } from '../../errors.ts';
import { stubOn } from '../../policy/answered-by-stub.ts';
import { type ArchRule, rulesByNumber } from '../../policy/expand-policy.ts';
import type { HostView } from './host-view.ts';
import { onceAView } from './once-a-view.ts';

/** A name in a rule of the profile. */
export interface NameEntry {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** Index into the rule's names. */
  readonly at: number;
  /** The name of the system call. */
  readonly name: string;
  /** Indices into `LinuxSeccomp.syscalls`. */
  readonly origin: number;
  /**
   * The rules that the runtime makes of it, indices into `Policy.rules`, one after the other; empty if it skips the rule or the name.
   */
  readonly policyRules: readonly number[];
}

/** Whether the runtime makes a rule (index into `Policy.rules`) of a name. There can be thousands: the list is not searched. */
export function isFrom({ policyRules }: NameEntry, rule: number): boolean {
  return (policyRules[0] ?? Number.POSITIVE_INFINITY) <= rule && rule <= (policyRules.at(-1) ?? -1);
}

/** All names of the rules that count on a view, in the profile's order. */
export const nameEntries = onceAView((view): readonly NameEntry[] => {
  const { rules } = view.policy;
  const byOrigin = indicesByOrigin(view);
  const entries: NameEntry[] = [];
  const listed = view.seccomp.syscalls ?? [];
  for (let origin = 0; origin < listed.length; origin += 1) {
    const names = listed[origin]?.names ?? [];
    const rule = view.resolution.origins[origin] ?? -1;
    const all = byOrigin[origin] ?? [];
    // Policy rules are in the order of the names. An unknown name has none.
    let next = 0;
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] ?? '';
      const first = next;
      while (next < all.length && rules[all[next] ?? -1]?.syscall === name) next += 1;
      entries.push({ rule, at, name, origin, policyRules: all.slice(first, next) });
    }
  }
  return entries;
});

/** Indices into `Policy.rules` by the index into `LinuxSeccomp.syscalls` that they came from. */
function indicesByOrigin({ policy }: HostView): readonly (readonly number[] | undefined)[] {
  const byOrigin: number[][] = [];
  // `forEach`, here and where all rules or names are gone through: until V8 has optimized a loop over a list, each step makes an object.
  policy.rules.forEach(({ origin }, index) => {
    const own = byOrigin[origin];
    if (own === undefined) byOrigin[origin] = [index];
    else own.push(index);
  });
  return byOrigin;
}

/** The entries of {@link nameEntries} by the name of the call. */
export const entriesByName = onceAView((view) => groupBy(nameEntries(view), ({ name }) => name));

/** A system call of an architecture that rules name. */
export interface NamedCall {
  /** The architecture. */
  readonly arch: ArchName;
  /** Its number, as `seccomp_data.nr` holds it. */
  readonly nr: number;
  /** How many bits of an argument comparisons look at. */
  readonly bits: 32 | 64;
  /** In the order in which they are added. */
  readonly rules: readonly ArchRule[];
}

/**
 * The calls that a view's rules name, by architecture, then in the order in which rules first name them. Those that runc's stub
 * answers are left out: no rule decides about them.
 */
export const namedCalls = onceAView((view): readonly NamedCall[] => {
  const calls: NamedCall[] = [];
  for (const { arch, rules: all } of view.expanded) {
    const { bits } = architectures[arch];
    const stubbed = stubOn(view.policy, arch);
    for (const [nr, rules] of rulesByNumber(all))
      if (stubbed(nr) === undefined) calls.push({ arch, nr, bits, rules });
  }
  return calls;
});

/** The calls that a view's rules name, sorted by whether they need a closer look. */
interface SortedCalls {
  /** Calls of several rules, or of one with comparisons; in the order of {@link namedCalls}. */
  readonly shared: readonly NamedCall[];
  /** By index into `Policy.rules`: 1 if a rule without comparisons is the only one of some call. Most rules are. */
  readonly alone: Uint8Array;
}

export const sortedCalls = onceAView((view): SortedCalls => {
  const alone = new Uint8Array(view.policy.rules.length);
  const shared: NamedCall[] = [];
  for (const { arch, rules: all } of view.expanded) {
    const { bits } = architectures[arch];
    const stubbed = stubOn(view.policy, arch);
    rulesByNumber(all).forEach((rules, nr) => {
      if (stubbed(nr) !== undefined) return;
      // By position: to take the list apart makes an object for each of its parts.
      const only = rules[0];
      if (only !== undefined && rules.length === 1 && only.comparisons.length === 0) alone[only.rule] = 1;
      else shared.push({ arch, nr, bits, rules });
    });
  }
  return { shared, alone };
});

/** The calls that rules decide by arguments: a rule without comparisons alone decides. */
export const conditionalCalls = onceAView((view): readonly NamedCall[] =>
  sortedCalls(view).shared.filter(({ rules }) => !hasPlain(rules)),
);

/** Whether a rule has no comparisons. */
function hasPlain(rules: readonly ArchRule[]): boolean {
  for (const { comparisons } of rules) if (comparisons.length === 0) return true;
  return false;
}

/**
 * A call of this number for which a condition on arguments holds.
 *
 * @returns `undefined` if it holds for none
 */
export function callWhere(
  { space }: HostView,
  { arch, nr }: Pick<NamedCall, 'arch' | 'nr'>,
  condition: Node,
): SeccompData | undefined {
  return smallestArguments(space, condition, architectures[arch].auditArch, nr);
}

/** Lint's rules run one after another and wait for nothing. So what this grows by during a check belongs to that rule. */
let leftOpen = 0;

/** How many questions were too complex to answer so far. The engine reads it before and after a rule. */
export function countLeftOpen(): number {
  return leftOpen;
}

/** Counts a question that is not answered. */
export function leaveOpen(): void {
  leftOpen++;
}

/**
 * The result, or `undefined` if it needs diagrams that are too large. The rule then says nothing about it, and the engine
 * reports that the rule did not see everything.
 */
export function ifDecided<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED')) throw error;
    leaveOpen();
    return undefined;
  }
}
