/**
 * Which texts are profiles in a language of their own.
 * @module
 */
import { type ForeignDialect, isForeign } from './dialect-rows.ts';
import { foreignDialect } from './file-kind.ts';
import type { Dialect } from './profile.ts';
import { decodeInput } from './read-json.ts';

/** A text in a language of its own; `undefined` for JSON, and for what is no text. */
export function foreignText(
  input: string | Uint8Array,
  wanted: Dialect | undefined,
): { readonly text: string; readonly dialect: ForeignDialect } | undefined {
  if (wanted !== undefined && !isForeign(wanted)) return undefined;
  const { text, problem } = decodeInput(input);
  if (problem !== undefined) return undefined;
  const dialect = wanted ?? foreignDialect(text);
  return dialect === undefined ? undefined : { text, dialect };
}
