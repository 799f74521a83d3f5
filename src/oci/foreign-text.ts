/**
 * Texts that are profiles in a language of their own.
 * @module
 */
import {
  type DialectName,
  dialectOf,
  type ForeignDialect,
  isForeign,
  type SystemdRelease,
  systemdReleaseOf,
} from './dialect-rows.ts';
import { foreignDialect } from './file-kind.ts';
import type { DecodedInput } from './read-json.ts';

/** Such a text, and how it is read. */
interface ForeignText {
  readonly text: string;
  readonly dialect: ForeignDialect;
  /** For systemd: the release whose sets of calls apply. */
  readonly release: SystemdRelease;
}

/** A text in a language of its own; `undefined` for JSON, and for bytes that are no text. */
export function foreignText(decoded: DecodedInput, asked: DialectName | undefined): ForeignText | undefined {
  const wanted = asked === undefined ? undefined : dialectOf(asked);
  if (wanted !== undefined && !isForeign(wanted)) return undefined;
  if (decoded.problem !== undefined) return undefined;
  const { text, hadMark } = decoded;
  const dialect = wanted ?? foreignDialect(text);
  if (dialect === undefined) return undefined;
  // systemd skips a byte-order mark, LXC does not.
  return {
    text: dialect === 'lxc' && hadMark === true ? `\ufeff${text}` : text,
    dialect,
    release: systemdReleaseOf(asked),
  };
}
