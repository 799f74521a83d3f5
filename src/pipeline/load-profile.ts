/**
 * Loads what a person names (a file, standard input, a built-in) as a profile that its readers can use.
 * @module
 */
import type { Hashed } from '../compile/claim.ts';
import type { Consumer } from '../consumers.ts';
import { namesBuiltin } from '../oci/builtin/index.ts';
import type { DialectName } from '../oci/dialect-rows.ts';
import type { Document } from '../oci/document.ts';
import type { Problem } from '../oci/problems.ts';
import type { Dialect, Profile } from '../oci/profile.ts';
import type { KubernetesObject } from '../oci/read-profiles.ts';
import { usableProfile } from '../oci/usable-profile.ts';
import { findBuiltin } from './builtin-profile.ts';
import { hashBuiltin, hashDocument } from './hash.ts';
import { asciiText, displayName, readInput } from './read-input.ts';
import { type ProfileSelection, selectProfile } from './select-profile.ts';

/** A profile, and what was read for it. */
export interface LoadedProfile {
  /** As the person named it. */
  readonly operand: string;
  /** What to call it in messages. */
  readonly name: string;
  /** The profile, with the rules of its base profiles. */
  readonly profile: Profile;
  /** The profile's document, then those of its base profiles. */
  readonly documents: readonly Hashed[];
  /** Problems that do not stop the named readers. */
  readonly problems: readonly Problem[];
  /** The Kubernetes object that the profile is; absent for another file. */
  readonly object?: KubernetesObject | undefined;
  /** What was read; absent for a built-in. */
  readonly source?: { readonly bytes: Uint8Array; readonly document: Document | undefined };
}

/**
 * Reads a profile for the engine and runtime that will read it too.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_*` with every blocking problem in `details.problems`
 */
export async function loadProfile(
  operand: string,
  dialect: DialectName | undefined,
  consumers: (profileDialect: Dialect) => readonly Consumer[],
  selection: ProfileSelection = {},
): Promise<LoadedProfile> {
  // The name of a built-in wins over a file of that name, which can be given as ./docker-default.
  if (namesBuiltin(operand)) {
    const { name, profile } = await findBuiltin(operand);
    return { operand, name, profile, documents: [hashBuiltin(name, profile)], problems: [] };
  }
  return loadProfileBytes(operand, readInput(operand), dialect, consumers, selection);
}

/** As {@link loadProfile}, for bytes that have been read already. */
export async function loadProfileBytes(
  operand: string,
  bytes: Uint8Array,
  dialect: DialectName | undefined,
  consumers: (profileDialect: Dialect) => readonly Consumer[],
  selection: ProfileSelection = {},
): Promise<LoadedProfile> {
  const name = displayName(operand);
  const { readProfiles } = await import('../oci/read-profiles.ts');
  const found = await readProfiles(asciiText(bytes), { name, dialect });
  const read = selectProfile(found, name, selection);
  const written = usableProfile(read, consumers(read.dialect ?? 'oci'), name, operand, dialect);
  const own = hashDocument(name, bytes);
  const { problems, document, object } = read;
  const rest = { problems, object, source: { bytes, document } };
  if (written.kubernetes?.baseProfileName === undefined) {
    return { operand, name, profile: written, documents: [own], ...rest };
  }
  const { addBases } = await import('./base-profiles.ts');
  const { profile, documents } = await addBases(written, found, selection.baseDir);
  return { operand, name, profile, documents: [own, ...documents], ...rest };
}
