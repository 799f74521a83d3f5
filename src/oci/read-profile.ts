/**
 * The main entrance of this room: from a text to a typed profile, and everything that is wrong with it.
 * @module
 */
import { takeOptions } from '../abi/take-options.ts';
import { dialectOf } from './dialect-rows.ts';
import { readForeign } from './foreign/read-foreign.ts';
import { foreignText } from './foreign-text.ts';
import { decodeInput, readText } from './read-json.ts';
import { type ReadProfileOptions, type ReadProfileResult, readRoot } from './read-profile-tree.ts';
import { readingKinds } from './reading-kinds.ts';
import { markFindings } from './source-text.ts';

export type { ReadProfileOptions, ReadProfileResult } from './read-profile-tree.ts';

/** Reads a profile: JSON, form, meaning. */
export function readProfile(input: string | Uint8Array, options: ReadProfileOptions = {}): ReadProfileResult {
  const { name: file = '<input>', dialect } = takeOptions('readProfile', options, readingKinds);
  const decoded = decodeInput(input);
  const foreign = foreignText(decoded, dialect);
  if (foreign !== undefined) return readForeign(foreign.text, file, foreign.dialect, foreign.release);
  const { document, findings } = readText(input, file);
  const all = document === undefined ? findings : [...markFindings(decoded), ...findings];
  return readRoot(document, all, file, dialect === undefined ? undefined : dialectOf(dialect));
}
