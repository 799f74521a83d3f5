/**
 * Which texts are profiles in a language of their own.
 * @module
 */
import { type ForeignDialect, isForeign } from './dialect-rows.ts';
import { foreignDialect } from './file-kind.ts';
import type { Dialect } from './profile.ts';
import type { DecodedInput } from './read-json.ts';

/** A text in a language of its own; `undefined` for JSON, and for what is no text. */
export function foreignText(
  decoded: DecodedInput,
  wanted: Dialect | undefined,
): { readonly text: string; readonly dialect: ForeignDialect } | undefined {
  if (wanted !== undefined && !isForeign(wanted)) return undefined;
  if (decoded.problem !== undefined) return undefined;
  const { text, hadMark } = decoded;
  const dialect = wanted ?? foreignDialect(text);
  if (dialect === undefined) return undefined;
  // systemd skips a byte-order mark, LXC does not.
  return { text: dialect === 'lxc' && hadMark === true ? `\ufeff${text}` : text, dialect };
}
