/**
 * Base profiles of Kubernetes objects: from the same file, and from the files of a directory.
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileWord, shellCommand } from '../abi/shell-word.ts';
import type { Hashed } from '../compile/claim.ts';
import { OciSeccompError } from '../errors.ts';
import { withBases } from '../oci/base-profile.ts';
import { isApiObject } from '../oci/dialect-rows.ts';
import type { Profile } from '../oci/profile.ts';
import type { ReadObjectResult } from '../oci/read-profiles.ts';
import { ioReason } from './files.ts';
import { hashDocument } from './hash.ts';
import { readInput } from './read-input.ts';

/** A profile with its bases in it, and the documents of a folder that these came from. */
interface Based {
  readonly profile: Profile;
  readonly documents: readonly Hashed[];
}

type Candidate = ReadObjectResult & { readonly hashed?: Hashed };

/**
 * A profile with the rules of its base profiles.
 *
 * @param siblings - what else the profile's file holds
 * @param directory - its *.yaml, *.yml and *.json files are read, but not those in folders below it
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_SEMANTICS` as {@link withBases}, and for a base that is defined in
 *   two places or cannot be read
 */
export async function addBases(
  profile: Profile,
  siblings: readonly ReadObjectResult[],
  directory: string | undefined,
): Promise<Based> {
  const files = directory === undefined ? [] : await readDirectory(directory);
  const candidates: readonly Candidate[] = [...siblings, ...files];
  const used = new Map<string, Hashed>();
  const based = withBases(profile, (name, from) => {
    const found = findBase(name, from, candidates);
    if (found?.hashed !== undefined) used.set(found.hashed.name, found.hashed);
    return found?.profile;
  });
  return { profile: based, documents: [...used.values()] };
}

async function readDirectory(directory: string): Promise<readonly Candidate[]> {
  const { readProfiles } = await import('../oci/read-profiles.ts');
  const found: Candidate[] = [];
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    const bytes = readInput(path);
    const hashed = hashDocument(path, bytes);
    const objects = await readProfiles(bytes, { name: path });
    found.push(...objects.map((object) => ({ ...object, hashed })));
  }
  return found;
}

function namesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name));
    return files.map(({ name }) => name).sort();
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `cannot read ${directory}: ${ioReason(cause)}`, { cause });
  }
}

/** Finds a base in the namespace of the object that names it, else one without a namespace, which is for all. */
function findBase(name: string, from: Profile, candidates: readonly Candidate[]): Candidate | undefined {
  const namespace = from.kubernetes?.namespace;
  const named = candidates.filter(
    ({ object, dialect }) => object?.name === name && (dialect === undefined || isApiObject(dialect)),
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
      `the base profile '${name}' is defined in ${places.join(' and ')}`,
      {
        hint: 'keep one of them',
      },
    );
  }
  if (first === undefined || first.profile !== undefined) return first;
  throw new OciSeccompError('ERR_PROFILE_SEMANTICS', `the base profile '${name}' cannot be read`, {
    hint: `${shellCommand(['oci-seccomp', 'validate', fileWord(places[0] ?? '')])} shows every problem`,
    details: { problems: first.problems.filter(({ severity }) => severity === 'error') },
  });
}
