/**
 * Texts of profiles that callers hand in: each call checks that it is a text, or bytes, and copies these.
 * @module
 */
import { takerFor, textOrBytes } from '../abi/value-shape.ts';
import {
  type ReadDocumentOptions,
  type ReadDocumentResult,
  readDocument as uncheckedReadDocument,
} from './read-json.ts';
import { type ReadProfileOptions, readProfile as uncheckedReadProfile } from './read-profile.ts';
import type { ReadProfileResult } from './read-profile-tree.ts';
import {
  type ReadFileOptions,
  type ReadObjectResult,
  readProfiles as uncheckedReadProfiles,
} from './read-profiles.ts';

/**
 * Reads JSON text. A byte-order mark is accepted. Comments and trailing commas are errors, all of them listed, and
 * the document is still returned.
 *
 * @param input - text, or bytes in UTF-8
 * @returns the document, absent if the text cannot be read, and the problems in document order
 * @throws OciSeccompError `ERR_USAGE` for what is neither text nor bytes, and for a wrong option; nothing for bad text
 */
export function readDocument(
  input: string | Uint8Array,
  options: ReadDocumentOptions = {},
): ReadDocumentResult {
  const take = takerFor('readDocument');
  return uncheckedReadDocument(take('input', textOrBytes, input), options);
}

/**
 * Reads a profile: JSON, form, meaning. All problems are returned; nothing is thrown, whatever the text.
 *
 * @throws OciSeccompError `ERR_USAGE` for what is neither text nor bytes, and for a wrong option
 *
 * @param input - text, or bytes in UTF-8; at most 1 MiB
 * @example readProfile('{"defaultAction":"SCMP_ACT_ALLOW"}').profile?.defaultAction // 'SCMP_ACT_ALLOW'
 */
export function readProfile(input: string | Uint8Array, options: ReadProfileOptions = {}): ReadProfileResult {
  const take = takerFor('readProfile');
  return uncheckedReadProfile(take('input', textOrBytes, input), options);
}

/**
 * Reads every profile of a file: a profile as `readProfile` does; SeccompProfile objects, those in lists and the profiles
 * in the texts of ConfigMaps, from JSON or a YAML stream. Other objects are passed over.
 *
 * @param input - text, or bytes in UTF-8; at most 1 MiB
 * @returns at least one result, in document order; where there is no profile, its problems say why
 * @throws OciSeccompError `ERR_USAGE` for what is neither text nor bytes, and for a wrong option; nothing for bad text
 */
export async function readProfiles(
  input: string | Uint8Array,
  options: ReadFileOptions = {},
): Promise<readonly ReadObjectResult[]> {
  const take = takerFor('readProfiles');
  return uncheckedReadProfiles(take('input', textOrBytes, input), options);
}
