/**
 * Profiles that people wrote: simplified, each means the same and has no more rules; within Docker's default, each is at
 * least as strict as both.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { intersectProfiles, simplifyProfile } from '../../src/compose/index.ts';
import { OciSeccompError } from '../../src/errors.ts';
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
function read(path: string): Profile | undefined {
  const { profile } = readProfile(readFileSync(path, 'utf8'), { name: path });
  if (profile === undefined || profile.kubernetes?.baseProfileName !== undefined) return undefined;
  try {
    simplifyProfile({ ...profile, rules: [] });
    return profile;
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE')) return undefined;
    throw error;
  }
}

const count = ({ rules }: Profile): number =>
  rules.filter(({ names, name }) => name || names.length > 0).length;

describe('profiles of people', () => {
  const seen = { simplified: 0, within: 0, refused: [] as string[] };

  it.each(files)('%s', (name, path) => {
    const profile = read(path);
    if (profile === undefined) return;
    try {
      // What the proof does not hold for is thrown.
      const { profile: simple, proof } = simplifyProfile(profile);
      expect(proof.stricter.length + proof.wrong.length).toBe(0);
      expect(count(simple)).toBeLessThanOrEqual(count(profile));
      seen.simplified++;
      intersectProfiles([profile, builtinProfiles['docker-default']()], { allowStricter: true });
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
