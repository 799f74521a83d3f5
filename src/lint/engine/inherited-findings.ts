/**
 * Findings that a profile has from the default that it is a copy of.
 *
 * The newest release of that default is linted in the same way. A finding is inherited if the default has the very same one:
 * the same rule says the same with the same proof, at a rule of the default's own, and all that either profile says of the calls
 * that the finding names is the same too. So what an author added, removed or changed is never taken for the engine's.
 * @module
 */
import { datedInForm } from '../../compose/dated/copy-form.ts';
import { newestRelease } from '../../compose/dated/releases.ts';
import { callsOfRule, type Facts, factsOf, keyOf, sameFacts } from '../../compose/dated/rule-facts.ts';
import { type NearestBase, nameOf } from '../../compose/identify-base.ts';
import { formatCall } from '../../decision/format-call.ts';
import type { Dialect, Profile } from '../../oci/profile.ts';
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { copiedBase } from '../ask/copied-base.ts';
import type { LintCompiler } from '../ask/host-view.ts';
import type { Finding, InheritedFinding } from './finding.ts';
import type { LintOptions, LintResult } from './lint-request.ts';
import { allRules } from './registry.ts';

/** Lints what was read, and keeps all findings together. */
export type FindAll = (read: ReadProfileResult, options: LintOptions) => Promise<LintResult>;

/** Takes the findings that a profile inherits from the others. */
export async function splitInherited(
  { profile, findings }: LintResult,
  options: LintOptions,
  findAll: FindAll,
): Promise<{ readonly own: readonly Finding[]; readonly inherited: readonly InheritedFinding[] }> {
  const match = profile === undefined || findings.length === 0 ? undefined : copiedBase(profile);
  if (profile === undefined || match === undefined) return { own: findings, inherited: [] };
  const release = newestRelease(match.family);
  const asked = new Set(findings.map(({ rule }) => rule));
  const linted = await findInDefault(match, profile, { options, findAll, asked });
  if (linted.profile === undefined) return { own: findings, inherited: [] };
  const [copy, original] = [sourceOf(profile), sourceOf(linted.profile)];
  const theirs = countKeys(linted.findings.map((finding) => keyOfFinding(finding, original)));
  const own: Finding[] = [];
  const inherited: InheritedFinding[] = [];
  for (const finding of findings) {
    const key = keyOfFinding(finding, copy);
    const left = theirs.get(key) ?? 0;
    if (left > 0 && isOriginal(finding, copy, original)) {
      theirs.set(key, left - 1);
      inherited.push({ ...finding, base: nameOf(release) });
    } else own.push(finding);
  }
  return { own, inherited };
}

/** A default that was linted for some rules: what one rule finds does not depend on the others. */
interface LintedDefault {
  readonly read: ReadProfileResult;
  /** By rule, once it was asked for. */
  readonly findings: Map<string, readonly Finding[]>;
}

/** Defaults by what they are linted for; of each list of compilers. */
const defaults = new WeakMap<readonly LintCompiler[], Map<string, LintedDefault>>();
const NO_COMPILERS: readonly LintCompiler[] = [];
/** Of one list of compilers; above, all are forgotten. */
const MOST_DEFAULTS = 64;

interface Asked {
  readonly options: LintOptions;
  readonly findAll: FindAll;
  /** Rules that found something in the copy: no others can find the same in the default. */
  readonly asked: ReadonlySet<string>;
}

/** Lints a default as its copy was, without rules of your own: what those find is never the engine's. */
async function findInDefault(
  match: NearestBase,
  { dialect: written, container }: Profile,
  { options, findAll, asked }: Asked,
): Promise<Pick<LintResult, 'findings' | 'profile'>> {
  const { name: _, rules = [], settings: __, compilers = NO_COMPILERS, ...rest } = options;
  const own = new Set(rules.map(({ id }) => id));
  const levels = Object.fromEntries(Object.entries(rest.levels ?? {}).filter(([id]) => !own.has(id)));
  const whole =
    match.form === 'whole' ? datedInForm(newestRelease(match.family).run.profile, 'whole') : undefined;
  const dialect = whole?.dialect ?? dialectOfResolved(written);
  const key = JSON.stringify([match.family, match.form, dialect, container, { ...rest, levels }]);
  const known = defaults.get(compilers) ?? new Map<string, LintedDefault>();
  defaults.set(compilers, known);
  let found = known.get(key);
  if (found === undefined) {
    const original = whole ?? datedInForm(newestRelease(match.family).run.profile, match.form);
    found = { read: await readAgain({ ...original, dialect }, container), findings: new Map() };
    if (known.size >= MOST_DEFAULTS) known.clear();
    known.set(key, found);
  }
  const { read, findings } = found;
  const missing = [...asked].filter((id) => !own.has(id) && !findings.has(id));
  if (missing.length > 0) {
    const others = allRules.filter(({ id }) => !missing.includes(id)).map(({ id }) => [id, 'off' as const]);
    const only = { ...levels, ...Object.fromEntries(others) };
    const linted = await findAll(read, { ...rest, levels: only, compilers, dialect });
    for (const id of missing)
      findings.set(
        id,
        linted.findings.filter(({ rule }) => rule === id),
      );
  }
  return { profile: read.profile, findings: [...asked].flatMap((id) => findings.get(id) ?? []) };
}

/** A default as a file has it. */
async function readAgain(original: Profile, container: Profile['container']): Promise<ReadProfileResult> {
  const { dialect } = original;
  const [read] = await readProfiles(serializeProfile(original), { name: '<default>', dialect });
  if (read === undefined) throw new TypeError('readProfiles returns at least one result');
  const { profile } = read;
  return profile === undefined || container === undefined
    ? read
    : { ...read, profile: { ...profile, container } };
}

/** Resolved defaults stand in files of several dialects, and are read as their copies are. */
function dialectOfResolved(dialect: Dialect): Dialect {
  return dialect === 'docker' || dialect === 'podman' ? dialect : 'oci';
}

function countKeys(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** A profile as places and texts of findings are looked up in it. */
interface Source {
  readonly profile: Profile;
  readonly facts: Facts;
  /** All but the rules. */
  readonly head: string;
  readonly ruleAt: ReadonlyMap<string, Profile['rules'][number]>;
}

const sources = new WeakMap<Profile, Source>();

/** Made once: a default has many copies. */
function sourceOf(profile: Profile): Source {
  const source = sources.get(profile) ?? makeSource(profile);
  sources.set(profile, source);
  return source;
}

function makeSource(profile: Profile): Source {
  const { defaultAction, defaultErrno, defaultErrnoRet = 1, architectures = [], archMap = [] } = profile;
  const { flags = [], listenerPath } = profile;
  const maps = archMap.map(({ architecture, subArchitectures = [] }) => [architecture, subArchitectures]);
  return {
    profile,
    facts: factsOf(profile),
    head: JSON.stringify([
      defaultAction,
      defaultErrno ?? defaultErrnoRet,
      [...architectures].sort(),
      maps,
      flags,
      listenerPath,
    ]),
    ruleAt: new Map(profile.rules.map((rule, at) => [rule.place?.pointer ?? `/syscalls/${at}`, rule])),
  };
}

interface Anchor {
  readonly rule: Profile['rules'][number] | undefined;
  /** The call, if the place is one name of the rule. */
  readonly call: string | undefined;
}

function anchorOf(pointer: string, { ruleAt }: Source): Anchor {
  const [, place = '', index] = /^(.*?\/syscalls\/\d+)(?:\/names\/(\d+))?(?=\/|$)/.exec(pointer) ?? [];
  const rule = ruleAt.get(place);
  return { rule, call: index === undefined ? undefined : rule?.names[Number(index)] };
}

/** What makes two findings the same: all but positions. */
function keyOfFinding(finding: Finding, source: Source): string {
  const { rule, level, message, witness, hosts, range, related = [] } = finding;
  const call = witness === undefined ? undefined : { ...witness, call: callText(witness.call) };
  return JSON.stringify(
    [
      [rule, level, message, hosts, placeText(range.pointer, source)],
      call,
      related.map((each) => [each.message, placeText(each.range.pointer, source)]).sort(),
    ],
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value),
  );
}

function callText({ arch, nr, args }: NonNullable<Finding['witness']>['call']): string {
  return [arch, nr, ...args].join(' ');
}

function placeText(pointer: string, source: Source): string {
  const { rule, call } = anchorOf(pointer, source);
  return rule === undefined ? `head ${source.head}` : `${keyOf(rule)} ${call ?? ''}`;
}

/** Whether all that a finding is about stands in the original as it stands in the copy. */
function isOriginal(finding: Finding, copy: Source, original: Source): boolean {
  const { message, range, related = [], witness } = finding;
  // Of a list that is cut off, the rest may differ.
  if (/\d more\b/.test(message) && anchorOf(range.pointer, copy).rule === undefined) {
    return isSame(copy, original, [...copy.facts.keys(), ...original.facts.keys()]);
  }
  const proof = witness === undefined ? [] : [formatCall(witness.call)];
  const texts = [message, ...proof, ...related.map((each) => each.message)];
  const named = texts.flatMap((text) => text.match(/[a-z_][a-z0-9_]*/g) ?? []);
  const calls = new Set([...named, ...callsAt(range.pointer, copy)]);
  for (const { range: place } of related) {
    const there = callsAt(place.pointer, copy);
    // What else a rule names that stands against a call has nothing to do with it.
    if (!there.some((call) => named.includes(call))) for (const call of there) calls.add(call);
  }
  return isSame(copy, original, [...calls]);
}

/** The name at a place, or all names of the rule there. */
function callsAt(pointer: string, source: Source): readonly string[] {
  const { rule, call } = anchorOf(pointer, source);
  if (call !== undefined) return [call];
  return rule === undefined ? [] : callsOfRule(rule);
}

function isSame(copy: Source, original: Source, calls: readonly string[]): boolean {
  return calls.every((call) => sameFacts(copy.facts.get(call), original.facts.get(call)));
}
