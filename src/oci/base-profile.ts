/**
 * Base profiles of Kubernetes: `baseProfileName` adds the rules of another SeccompProfile.
 *
 * Source: security-profiles-operator internal/pkg/daemon/seccompprofile/seccompprofile.go `resolveSyscallsForProfile`
 * and, since 2026, sigs.k8s.io/security-profiles-merger 0.3 `UnionSyscalls`: rules alone are merged, the rest is the
 * profile's own; a system call that both name gets the less restrictive of the two actions. Versions before that merged
 * names by action and lost comparisons and errnos on the way; they are not restated.
 * @module
 */
import { actionByOciAction, actions } from '../abi/actions.ts';
import { OciSeccompError } from '../errors.ts';
import type { Profile, ProfileRule } from './profile.ts';

/** The operator's own limit. */
export const MAX_BASE_PROFILES = 15;

/** The start of a name that means an artifact in a registry. */
const ARTIFACT = 'oci://';

/** Finds a profile by `metadata.name`; `undefined` if no profile has this name. */
export type FindBase = (name: string, from: Profile) => Profile | undefined;

/** Adds the rules of a profile's base, of that one's base, and so on. */
export function withBases(profile: Profile, find: FindBase): Profile {
  const chain = [profile.kubernetes?.name ?? ''];
  let merged = profile;
  for (let name = profile.kubernetes?.baseProfileName; name !== undefined; ) {
    const base = findBase(name, profile, chain, find);
    merged = mergeBase(merged, base);
    chain.push(name);
    name = base.kubernetes?.baseProfileName;
  }
  return merged;
}

function findBase(name: string, profile: Profile, chain: readonly string[], find: FindBase): Profile {
  const from = chain.at(-1) ?? '';
  const fail = (message: string, hint: string) =>
    new OciSeccompError('ERR_PROFILE_SEMANTICS', message, { hint, details: { base: name } });
  if (name.startsWith(ARTIFACT)) {
    const message = `${from} is built on ${name}, which is in a registry; nothing is fetched`;
    throw fail(message, 'fetch the artifact, and name the SeccompProfile in it as the base');
  }
  if (chain.includes(name)) {
    throw fail(
      `${chain[0]} is built on ${[...chain.slice(1), name].join(', that on ')}: a profile cannot be its own base`,
      'remove one of them',
    );
  }
  if (chain.length > MAX_BASE_PROFILES) {
    throw fail(
      `${chain[0]} has more than ${MAX_BASE_PROFILES} base profiles`,
      'put the rules of some of them together: the operator takes no more',
    );
  }
  const base = find(name, profile);
  if (base !== undefined) return base;
  const message = `the base profile '${name}' of ${from} is not known`;
  throw fail(message, 'put it into the same file, or give the directory it is in with --base-dir');
}

/** The union of a profile's rules and its base's. */
export function mergeBase(profile: Profile, base: Profile): Profile {
  const own = byName(profile.rules);
  const added = byName(base.rules);
  const dropped = new Map<ProfileRule, Set<string>>();
  for (const [name, ours] of own) {
    const theirs = added.get(name);
    if (theirs === undefined) continue;
    for (const rule of superseded(name, theirs, ours)) {
      const names = dropped.get(rule) ?? new Set();
      dropped.set(rule, names.add(name));
    }
  }
  const rules = [...base.rules, ...profile.rules].flatMap((rule) => {
    const without = dropped.get(rule);
    if (without === undefined) return [rule];
    const names = rule.names.filter((name) => !without.has(name));
    return names.length === 0 ? [] : [{ ...rule, names }];
  });
  const { baseProfileName: _, ...facts } = profile.kubernetes ?? { apiVersion: '', name: '' };
  const refusals = [...(profile.refusals ?? []), ...(base.refusals ?? [])];
  return { ...profile, rules, kubernetes: facts, ...(refusals.length === 0 ? {} : { refusals }) };
}

function byName(rules: readonly ProfileRule[]): Map<string, ProfileRule[]> {
  const found = new Map<string, ProfileRule[]>();
  for (const rule of rules) {
    for (const name of rule.names) {
      const list = found.get(name);
      if (list === undefined) found.set(name, [rule]);
      else if (!list.includes(rule)) list.push(rule);
    }
  }
  return found;
}

/** The rules of a base and a profile for one system call that other rules replace. */
function superseded(
  name: string,
  base: readonly ProfileRule[],
  own: readonly ProfileRule[],
): readonly ProfileRule[] {
  const all = [...base, ...own];
  const plain = all.filter(isPlain);
  const [first] = plain;
  if (first !== undefined) {
    // If actions are equal, the base's action wins, including its errno.
    const winner = plain.reduce((best, rule) => (rankOf(rule) > rankOf(best) ? rule : best), first);
    const freer = all.find((rule) => !isPlain(rule) && rankOf(rule) > rankOf(winner));
    if (freer !== undefined) throw undecided(name, freer);
    return all.filter((rule) => rule !== winner);
  }
  const repeated = own.filter((rule) => base.some((other) => sameRule(rule, other)));
  const rest = all.filter((rule) => !repeated.includes(rule));
  const results = new Set(rest.map(({ action, errnoRet }) => `${rankOf({ action })} ${errnoRet ?? 1}`));
  const single = rest.length === 1 || rest.every(({ args }) => args?.length === 1);
  const conflict = rest.at(-1);
  if (conflict !== undefined && (!single || results.size > 1)) throw undecided(name, conflict);
  return repeated;
}

function isPlain({ args }: ProfileRule): boolean {
  return args === undefined || args.length === 0;
}

const ranks = Object.keys(actions);

/** The larger, the less restrictive; -1 for an unknown action. */
function rankOf({ action }: Pick<ProfileRule, 'action'>): number {
  return ranks.indexOf(actionByOciAction(action)?.kind ?? '');
}

function sameRule(a: ProfileRule, b: ProfileRule): boolean {
  const told = ({ action, errnoRet, args = [] }: ProfileRule) =>
    [rankOf({ action }), errnoRet ?? 1, ...args.map(argText)].join();
  return told(a) === told(b);
}

function argText({ index, op, value, valueTwo }: NonNullable<ProfileRule['args']>[number]): string {
  return `${index} ${op} ${value} ${op === 'SCMP_CMP_MASKED_EQ' ? (valueTwo ?? 0n) : ''}`;
}

function undecided(name: string, { place }: ProfileRule): OciSeccompError {
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
  const message = `${where}both the profile and its base have rules for ${name} that compare arguments and differ; versions of the operator merge them differently`;
  return new OciSeccompError('ERR_PROFILE_SEMANTICS', message, {
    hint: `keep the rules for ${name} in one of the two`,
    details: { syscall: name, ...(place === undefined ? {} : { place }) },
  });
}
