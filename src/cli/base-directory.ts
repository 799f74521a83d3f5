/**
 * Base profiles of Kubernetes objects: from the same file, and from the files of a directory.
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { withBases } from '../oci/base-profile.ts';
import type { Profile } from '../oci/profile.ts';
import { type ReadObjectResult, readProfiles } from '../oci/read-profiles.ts';
import { ioReason, readInput } from './input.ts';

/**
 * A profile with the rules of its base profiles.
 *
 * @param siblings - what else the profile's file holds
 * @param directory - its *.yaml, *.yml and *.json files are read, those below it not
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_SEMANTICS` as {@link withBases}, and for a base that stands in two places
 *   or cannot be read
 */
export async function addBases(
  profile: Profile,
  siblings: readonly ReadObjectResult[],
  directory: string | undefined,
): Promise<Profile> {
  const candidates = [...siblings, ...(directory === undefined ? [] : await readDirectory(directory))];
  return withBases(profile, (name, from) => findBase(name, from, candidates));
}

async function readDirectory(directory: string): Promise<readonly ReadObjectResult[]> {
  const found: ReadObjectResult[] = [];
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    found.push(...(await readProfiles(readInput(path), { name: path })));
  }
  return found;
}

function namesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name));
    return files.map(({ name }) => name).sort();
  } catch (cause) {
    const reason = ioReason((cause as NodeJS.ErrnoException).code);
    throw new OciSeccompError('ERR_IO', `cannot read ${directory}: ${reason}`, { cause });
  }
}

/** Namespaced objects find their base in their own namespace; the object without one is for all. */
function findBase(name: string, from: Profile, candidates: readonly ReadObjectResult[]): Profile | undefined {
  const namespace = from.kubernetes?.namespace;
  const named = candidates.filter(
    ({ object, dialect }) => object?.name === name && (dialect === 'kubernetes' || dialect === undefined),
  );
  const near = named.filter(({ object }) => object?.namespace === namespace);
  const matching = near.length > 0 ? near : named.filter(({ object }) => object?.namespace === undefined);
  const [first, second] = matching;
  const places = matching.map(
    ({ document, profile }) => document?.name ?? profile?.defaultActionPlace?.file ?? '',
  );
  if (second !== undefined && new Set(places).size > 1) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      `the base profile '${name}' stands in ${places.join(' and ')}`,
      {
        hint: 'keep one of them',
      },
    );
  }
  if (first === undefined || first.profile !== undefined) return first?.profile;
  throw new OciSeccompError('ERR_PROFILE_SEMANTICS', `the base profile '${name}' cannot be read`, {
    hint: `oci-seccomp validate ${places[0]} shows every problem`,
    details: { problems: first.problems.filter(({ severity }) => severity === 'error') },
  });
}
