/**
 * A view by system calls: which rules name each, and where in the profile the name stands.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { equals } from '../../decision/condition-diagrams.ts';
import { FIELD_ARCH, FIELD_NR } from '../../decision/diagram-variables.ts';
import { and, type Node } from '../../decision/space.ts';
import { findWitness } from '../../decision/witness.ts';
import { OciSeccompError } from '../../errors.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { groupBy } from '../engine/group-by.ts';
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
  /** What the runtime hands over for it, indices into `Policy.rules`; none if it skips the rule or the name. */
  readonly policyRules: readonly number[];
}

/** All names of the rules that count on a view, in the profile's order. */
export const nameEntries = onceAView((view): readonly NameEntry[] => {
  const indices = [...view.policy.rules.keys()];
  const byOrigin = groupBy(indices, (index) => view.policy.rules[index]?.origin ?? -1);
  return (view.seccomp.syscalls ?? []).flatMap(({ names }, origin) => {
    const rule = view.resolution.origins[origin] ?? -1;
    const all = byOrigin.get(origin) ?? [];
    // Rules stand in the order of the names; those of a name that is not known were left out.
    let next = 0;
    return names.map((name, at) => {
      const from = next;
      while (next < all.length && view.policy.rules[all[next] ?? -1]?.syscall === name) next++;
      return { rule, at, name, origin, policyRules: all.slice(from, next) };
    });
  });
});

/** Whether a rule that counts on a view names a call. */
export function isNamed(view: HostView, syscall: string): boolean {
  return entriesByName(view).has(syscall);
}

/** The names of the rules that count on a view, those of each call together. */
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

/** The calls that a view's rules name, by architecture, then as they are first named. */
export const namedCalls = onceAView((view): readonly NamedCall[] =>
  view.expanded.flatMap(({ arch, rules }) => {
    const groups = groupBy(rules, ({ nr }) => nr);
    return [...groups].map(([nr, group]) => ({ arch, nr, bits: architectures[arch].bits, rules: group }));
  }),
);

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
  const { auditArch } = architectures[arch];
  const here = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, nr));
  return findWitness(space, and(space, here, condition), [arch]);
}

/** Rules are checked one after another, without waiting: what this grew by during a check is that rule's. */
let leftOpen = 0;

/** How many questions were too complex to answer so far. The engine reads it before and after a rule. */
export function countLeftOpen(): number {
  return leftOpen;
}

/**
 * The result, or `undefined` where the diagrams that it needs are too large. The rule then says nothing about it, and the
 * engine says that the rule did not see everything.
 */
export function ifDecided<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED')) throw error;
    leftOpen++;
    return undefined;
  }
}
