/**
 * Every profile of fixtures/profiles/good and every built-in one, compiled for every runtime on every architecture that a
 * libseccomp knows: each program means what the profile says. How many programs that are is pinned, so that none drops out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinProfiles, type Profile } from 'oci-seccomp';
import { expect, it } from 'vitest';
import { findLibrary } from '../../tools/defects/asked-options.ts';
import { hasAllSamples } from '../support/samples.ts';
import { readText } from './support/ours.ts';
import { proveEverywhere } from './support/proofs.ts';
import { describeWith, type Requirement } from './support/require.ts';

const root = `${import.meta.dirname}/../..`;
const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;

/** Per version: programs proven, and how often a runtime refuses the profile or the library the architecture. */
type Pinned = Readonly<Record<string, { readonly proven: number; readonly refused?: number }>>;
const pinned = JSON.parse(readFileSync(`${root}/fixtures/proofs.json`, 'utf8')) as Readonly<
  Record<string, Pinned>
>;

function readFile(path: string): Profile {
  return readText(readFileSync(path, 'utf8'), path);
}

const good = `${root}/fixtures/profiles/good`;
const profiles: readonly (readonly [string, () => Profile])[] = [
  ...Object.entries(builtinProfiles),
  ...readdirSync(good).map((name): [string, () => Profile] => [name, () => readFile(`${good}/${name}`)]),
];

/** Refusals, with their reasons: other byte orders in one filter, flags that a runtime does not know, old libraries. */
const refusals = /: (ERR_PROFILE_SEMANTICS|ERR_LIBSECCOMP_TOO_OLD)$/;

const needed = versions.map((version): Requirement => `libseccomp ${version}`);

describeWith(['built', ...needed], 'programs of the fixtures', () => {
  it('are all pinned', () => {
    expect(Object.keys(pinned).toSorted()).toEqual(profiles.map(([name]) => name).toSorted());
  });

  it.each(profiles)('%s means what it says, on every architecture', async (name, make) => {
    const found: Record<string, Pinned[string]> = {};
    for (const version of versions) {
      const { proven, others } = await proveEverywhere(make(), findLibrary(version).path);
      expect(others.filter((line) => !refusals.test(line))).toEqual([]);
      found[version] = { proven, ...(others.length === 0 ? {} : { refused: others.length }) };
    }
    expect(found).toEqual(pinned[name]);
  });
});

/** Profiles collected from public projects; kept beside the checkout, not in it. */
const corpus = `${root}/../shared/data/corpus`;
const collected = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.json')) : [];

describeWith(['built', ...needed], 'programs of profiles from public projects', () => {
  const absent = collected.length === 0;
  it.skipIf(absent)(
    `mean what they say, on architectures of every kind${absent ? ' [skipped, needs ../shared/data/corpus]' : ''}`,
    async () => {
      let proven = 0;
      const wrong: string[] = [];
      for (const [at, name] of collected.entries()) {
        const profile = readableProfile(`${corpus}/${name}`);
        if (profile === undefined) continue;
        // The fixtures are proven with each version; of so many profiles, each version gets some.
        for (const version of hasAllSamples ? versions : versions.slice(at % 3, (at % 3) + 1)) {
          const archs = ['x86_64', 'aarch64', 's390x', 'mips'] as const;
          const results = await proveEverywhere(profile, findLibrary(version).path, archs);
          proven += results.proven;
          wrong.push(
            ...results.others.filter((line) => !refusals.test(line)).map((line) => `${name} ${line}`),
          );
        }
      }
      expect(wrong).toEqual([]);
      expect(proven).toBeGreaterThan(hasAllSamples ? 1_000 : 300);
    },
  );
});

/** Some of the collected files are no profiles: error pages, comments, YAML. */
function readableProfile(path: string): Profile | undefined {
  try {
    return readFile(path);
  } catch {
    return undefined;
  }
}
