/**
 * Profiles that people wrote: simplified, each means the same and has no more rules, nor more text, and all beside its rules
 * stays; within Docker's default, each is at least as strict as both.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { intersectProfiles, simplifyProfile } from '../../src/compose/index.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { ProfileText } from '../../src/lint/edit/call-edits.ts';
import { textWithRules } from '../../src/lint/edit/text-with-rules.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

const corpus = `${import.meta.dirname}/../../../shared/data/corpus`;
const good = `${import.meta.dirname}/../../fixtures/profiles/good`;
const files = [good, ...(existsSync(corpus) ? [corpus] : [])].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name): [string, string] => [name, `${folder}/${name}`]),
);

/** `undefined` for a text that is no filter for its engine. */
function read(path: string): ProfileText | undefined {
  const { profile, document } = readProfile(readFileSync(path, 'utf8'), { name: path });
  if (profile === undefined || profile.kubernetes?.baseProfileName !== undefined) return undefined;
  try {
    simplifyProfile({ ...profile, rules: [] });
    return document === undefined ? undefined : { profile, document };
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE')) return undefined;
    throw error;
  }
}

const count = ({ rules }: Profile): number =>
  rules.filter(({ names, name }) => name || names.length > 0).length;

/** All that a text holds beside its rules. */
function withoutRules(text: string): unknown {
  return JSON.parse(text, (key, value) => (/^syscalls$/i.test(key) ? [] : value));
}

function said(rules: Profile['rules'] = []): readonly object[] {
  return rules.map(({ place: _, name, names, args = [], comment = '', ...rule }) => {
    const { caps = [], arches = [], minKernel = '' } = rule.includes ?? {};
    const { caps: without = [], arches: not = [], minKernel: before = '' } = rule.excludes ?? {};
    const conditions = [caps, arches, minKernel, without, not, before];
    return { names: names.length > 0 ? names : [name], args, comment, action: rule.action, conditions };
  });
}

const docker = builtinProfiles['docker-default']();

/** Rules of one call each that could be one rule. */
function lonely({ rules }: Profile): readonly string[] {
  const bodies = said(rules.filter(({ names }) => names.length === 1)).map((rule) =>
    JSON.stringify({ ...rule, names: [] }, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  return bodies.filter((body, at) => bodies.indexOf(body) < at);
}

it('conditions on architectures stay apart where that takes fewer rules', () => {
  // clone has its flags in argument 1 on s390, and in argument 0 elsewhere.
  const logging: Profile = { ...docker, defaultAction: 'SCMP_ACT_LOG', rules: [] };
  const ofClone = ({ rules }: Profile) => rules.filter(({ names }) => names.includes('clone')).length;
  expect(ofClone(intersectProfiles([logging, docker]).profile)).toBe(ofClone(docker));
});

describe('profiles of people', () => {
  const seen = { simplified: 0, within: 0, refused: [] as string[] };

  it.each(files)('%s', (name, path) => {
    const before = read(path);
    if (before === undefined) return;
    const { profile } = before;
    try {
      // What the proof does not hold for is thrown.
      const { profile: simple, proof } = simplifyProfile(profile);
      expect(proof.stricter.length + proof.wrong.length).toBe(0);
      expect(count(simple)).toBeLessThanOrEqual(count(profile));
      seen.simplified++;
      const { text } = before.document;
      const after = textWithRules(before, simple.rules);
      expect(after.length).toBeLessThanOrEqual(text.length);
      expect(withoutRules(after)).toEqual(withoutRules(text));
      expect(said(readProfile(after, { name: path }).profile?.rules)).toEqual(said(simple.rules));
      const { profile: within } = intersectProfiles([profile, docker], { allowStricter: true });
      expect(lonely(within)).toEqual([]);
      seen.within++;
    } catch (error) {
      if (!(error instanceof OciSeccompError)) throw error;
      seen.refused.push(`${name}: ${error.code} ${error.message}`);
    }
  });

  it('are mostly simplified and intersected', () => {
    expect(seen.refused.filter((each) => !each.includes('ERR_INEXPRESSIBLE'))).toEqual([]);
    expect(seen.within).toBeGreaterThan(files.length / 3);
  });
});
