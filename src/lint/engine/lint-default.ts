/**
 * The newest default of an engine, linted as a copy of it was.
 * @module
 */
import { datedInForm } from '../../compose/dated/copy-form.ts';
import { newestRelease } from '../../compose/dated/releases.ts';
import type { NearestBase } from '../../compose/identify-base.ts';
import type { Profile } from '../../oci/profile.ts';
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import type { LintCompiler } from '../ask/host-view.ts';
import type { Finding } from './finding.ts';
import type { LintOptions, LintResult } from './lint-request.ts';
import { allRules } from './registry.ts';
import { dialectOfResolved } from './shipped-keys.ts';

/** Lints what was read, and keeps all findings together. */
export type FindAll = (read: ReadProfileResult, options: LintOptions) => Promise<LintResult>;

/** A default that was linted for some rules. What one rule finds does not depend on the other rules. */
interface LintedDefault {
  readonly read: ReadProfileResult;
  /** By rule, once it was asked for. */
  readonly findings: Map<string, readonly Finding[]>;
}

/** For each list of compilers: defaults by the options that they are linted with. */
const defaults = new WeakMap<readonly LintCompiler[], Map<string, LintedDefault>>();
const NO_COMPILERS: readonly LintCompiler[] = [];
/** For one list of compilers. If there are more, all are forgotten. */
const MOST_DEFAULTS = 64;

export interface DefaultQuestion {
  readonly options: LintOptions;
  readonly findAll: FindAll;
  /** Rules that found something in the copy. Only these can have a finding in common with the default. */
  readonly asked: ReadonlySet<string>;
}

/** Lints a default as its copy was linted. Rules of your own do not run, because what they find is never the engine's. */
export async function findInDefault(
  match: Pick<NearestBase, 'family' | 'form'>,
  { dialect: written, container }: Pick<Profile, 'dialect' | 'container'>,
  { options, findAll, asked }: DefaultQuestion,
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
