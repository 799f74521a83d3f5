/**
 * What profiles say of each name of a system call, for every host.
 *
 * A profile cannot say more than this: a rule applies to every architecture that has a call of its name, and it compares
 * arguments of 64 bits. What 32-bit architectures and multiplexed calls make of it shows only in the proof, which
 * decides the whole filter of each host (prove-composition.ts).
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { errnoByName } from '../abi/errno.ts';
import { multiplexedCall } from '../abi/syscall-numbers.ts';
import { decideFirst, findBetterOrder } from '../decision/argument-order.ts';
import { decideCall } from '../decision/decide-policy.ts';
import { type Node, type Space, wordLeaf } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { Dialect, Profile, ProfileRule } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { type ArchPolicy, expandPolicy } from '../policy/expand-policy.ts';
import { lowerProfile } from '../policy/lower-profile.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { SyscallTable } from '../policy/policy.ts';
import { hostArchitectures } from './arrange-architectures.ts';
import { settled } from './contradicted-rules.ts';
import { callsOfRule } from './dated/rule-facts.ts';
import { multiplexers } from './multiplexed-calls.ts';
import { collectSituations, countSituations, hostIn, type Situations, situationAt } from './situations.ts';

/** What calls of one name get: by situation, a diagram of the arguments. */
export interface CallMeaning {
  readonly situations: Situations;
  /** By index of the situation. */
  readonly nodes: readonly Node[];
}

/** What several profiles say of one call, in the same situations. */
export interface JointMeaning {
  readonly situations: Situations;
  /** By profile, by index of the situation. */
  readonly nodes: readonly (readonly Node[])[];
  /** By profile: whether its rules contradict each other for some arguments. libseccomp need not take the strictest. */
  readonly ambiguous: readonly boolean[];
}

/** What several profiles say. */
export interface Meanings {
  /** The default action of a profile. The number of an errno that it names depends on the architecture. */
  readonly defaultOf: (profile: number, arch: ArchName) => ReturnWord;
  /** By name, in the order in which the profiles name them. */
  readonly calls: ReadonlyMap<string, JointMeaning>;
}

/** Gives every name some number, so that unknown names keep their rules and are compared by name. */
const openTable: SyscallTable = {
  name: newestTable.name,
  resolve: (syscall, arch) => newestTable.resolve(syscall, arch) ?? UNKNOWN_NR,
};
/** A pseudo number that no call has. */
const UNKNOWN_NR = -100_000;

/**
 * Reads what profiles say of each call that one of them names.
 *
 * Where rules of different actions match one call, the strictest counts.
 *
 * @param space - of the diagrams; they ask arguments alone
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that its engine or libseccomp refuses; `ERR_UNDECIDED`
 */
export function readMeanings(space: Space, profiles: readonly Profile[]): Meanings {
  const rulesByName = new Map<string, number[][]>();
  for (const [which, profile] of profiles.entries()) {
    for (const [index, rule] of profile.rules.entries()) {
      for (const name of callsOfRule(rule)) {
        const own = rulesByName.get(name) ?? profiles.map(() => []);
        rulesByName.set(name, own);
        if (own[which]?.at(-1) !== index) own[which]?.push(index);
      }
    }
  }
  const defaultOf = defaultWords(profiles);
  const reading: ReadingOfCalls = { space, profiles, defaultOf, archs: errnoArchitectures(profiles) };
  const better = findBetterOrder(profiles.flatMap(rulesOnOneHost));
  return { defaultOf, calls: decideFirst(space, better, () => meaningsOf(reading, rulesByName)) };
}

function meaningsOf(
  reading: ReadingOfCalls,
  rulesByName: ReadonlyMap<string, readonly (readonly number[])[]>,
): Meanings['calls'] {
  const known = new Map<string, JointMeaning>();
  const calls = new Map<string, JointMeaning>();
  for (const [name, indices] of rulesByName) {
    // Names that stand in the same rules mean the same.
    const key = indices.map((each) => each.join()).join(';');
    const found = known.get(key) ?? meaningOf(reading, name, indices);
    known.set(key, found);
    calls.set(name, found);
  }
  return calls;
}

/** Rules that show which arguments have many values; which host they are for makes no difference. */
function rulesOnOneHost(profile: Profile): readonly ArchPolicy[] {
  const { policy } = lowerRules(bare(profile), hostOf('x86_64'));
  return expandPolicy(policy, newestTable);
}

/** @throws OciSeccompError `ERR_PROFILE_SEMANTICS` without a default action: seccomp is off, or the profile is no filter */
function defaultWords(profiles: readonly Profile[]): Meanings['defaultOf'] {
  const known = new Map<string, ReturnWord>();
  return (which, arch) => {
    const key = `${which} ${arch}`;
    const profile = profiles[which];
    if (profile === undefined) throw new RangeError(`there is no profile ${which}`);
    const word =
      known.get(key) ?? lowerRules({ ...bare(profile), rules: [] }, hostOf(arch)).policy.defaultAction;
    known.set(key, word);
    return word;
  };
}

function hostOf(arch: ArchName): Host {
  return { arch, kernel: { kernel: 0, major: 0 }, capabilities: [] };
}

/** The architectures on which an errno that a profile names has another number than on most. */
function errnoArchitectures(profiles: readonly Profile[]): readonly ArchName[] {
  const texts = profiles.flatMap(({ defaultErrno, rules }) => [
    defaultErrno,
    ...rules.map(({ errno }) => errno),
  ]);
  const names = [...new Set(texts)].flatMap((text) => (text ? [text] : []));
  return hostArchitectures(profiles).filter((arch) =>
    names.some((name) => errnoByName(name, arch) !== errnoByName(name)),
  );
}

interface ReadingOfCalls extends Pick<Meanings, 'defaultOf'> {
  readonly space: Space;
  readonly profiles: readonly Profile[];
  /** Architectures to tell apart in any case. */
  readonly archs: readonly ArchName[];
}

function meaningOf(
  { space, profiles, defaultOf, archs }: ReadingOfCalls,
  name: string,
  indices: readonly (readonly number[])[],
): JointMeaning {
  const own = profiles.map((profile, which) =>
    (indices[which] ?? []).flatMap((index) => profile.rules[index] ?? []),
  );
  const mentioned = own.flatMap((rules, which) =>
    rules.map((rule) => ({ rule, dialect: profiles[which]?.dialect ?? 'oci' })),
  );
  const situations = collectSituations(mentioned, archs);
  const ambiguous = profiles.map(() => false);
  const nodes = profiles.map((profile, which) => {
    const rules = (own[which] ?? []).map(({ name: _, ...rule }) => ({ ...rule, names: [name] }));
    const part: Profile = { ...bare(profile), rules };
    return Array.from({ length: countSituations(situations) }, (_, index) => {
      const host = hostIn(situations, situationAt(situations, index));
      const { policy } = lowerRules(part, host);
      const numbered = policy.rules.map((rule, at) => ({ ...rule, nr: 0, rule: at }));
      const decided = decideCall(space, numbered, 64, wordLeaf(space, defaultOf(which, host.arch)));
      const node = settled(space, decided);
      if (node !== decided) ambiguous[which] = true;
      return node;
    });
  });
  return { situations, nodes, ambiguous };
}

/** The profile without what is about the filter as a whole. */
function bare({
  architectures: _,
  archMap: __,
  refusals: ___,
  flags: ____,
  container: _____,
  ...profile
}: Profile): Profile {
  return profile;
}

function lowerRules(profile: Profile, host: Host) {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      'a profile has no default action and no rules: seccomp is off, there is nothing to compose',
    );
  }
  return lowerProfile(seccomp, { runtime: 'plain', arch: host.arch, table: openTable });
}

/** The situations that rules of some profile tell apart, call by call; calls with the same conditions share them. */
export function situationsOfCalls(profiles: readonly Profile[]): readonly Situations[] {
  const rulesByName = new Map<string, { readonly rule: ProfileRule; readonly dialect: Dialect }[]>();
  for (const { rules, dialect } of profiles) {
    for (const rule of rules.filter(({ includes, excludes }) => includes ?? excludes)) {
      for (const name of callsOfRule(rule)) {
        const own = rulesByName.get(name) ?? [];
        rulesByName.set(name, own);
        own.push({ rule, dialect });
      }
    }
  }
  const texts = new Map([...rulesByName.values()].map((rules) => [conditionsKey(rules), rules]));
  return [...texts.values()].map((rules) => collectSituations(rules));
}

function conditionsKey(rules: readonly { readonly rule: ProfileRule }[]): string {
  return JSON.stringify(rules.map(({ rule: { includes, excludes } }) => [includes, excludes]));
}

/**
 * The situations of calls that 32-bit architectures make through one multiplexer, where the rules of all of them meet at one
 * number.
 */
export function multiplexedSituations(profiles: readonly Profile[]): readonly Situations[] {
  return multiplexers.map((multiplexer) => {
    const isOwn = (name: string): boolean =>
      name === multiplexer || multiplexedCall(name, 'x86')?.multiplexer === multiplexer;
    const mentioned = profiles.flatMap(({ rules, dialect }) =>
      rules.filter((rule) => callsOfRule(rule).some(isOwn)).map((rule) => ({ rule, dialect })),
    );
    return collectSituations(mentioned);
  });
}
