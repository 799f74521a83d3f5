/**
 * Actions in every spelling that people meet: of profiles, of the kernel's headers, of audit records, of listings.
 *
 * Sources: runtime-spec 1.3 config-linux.md#seccomp (`SCMP_ACT_*`, errno EPERM where none is given), Linux 6.18
 * include/uapi/linux/seccomp.h (`SECCOMP_RET_*`), kernel/auditsc.c `audit_seccomp` (`code=0x%x`, the action alone).
 * @module
 */
import { type ActionInfo, actions, parseReturnWord, type ReturnWord } from './actions.ts';
import { errnoByName, MAX_ERRNO } from './errno.ts';
import { EPERM } from './errno-constants.ts';
import { parseNumber } from './parse-number.ts';

/** An action as it was written. */
interface SpelledAction {
  readonly action: ActionInfo;
  /** The data; `undefined` if the text names none. */
  readonly data: number | undefined;
}

const byLabel = new Map<string, ActionInfo>(Object.values(actions).map((row) => [row.label, row]));
byLabel.set('KILL', actions.killThread);
byLabel.set('NOTIFY', actions.notify);

/** The names of actions, `ERRNO` and `TRACE` with their data. */
export const actionForms =
  'ALLOW, LOG, TRACE(n), USER_NOTIF, ERRNO(EPERM), TRAP, KILL_THREAD and KILL_PROCESS';

const NAME = /^(SECCOMP_RET_|SCMP_ACT_)?([A-Z_]+)(?:\(\s*([A-Za-z0-9]+)\s*\))?$/;
/** A return word: with `code=` as audit records have it, or alone in hexadecimal. */
const WORD = /^(?:code=)?(0x[0-9a-f]{1,8})$/i;
const MAX_DATA = 0xffff;

/**
 * Reads the name of an action, `ERRNO`, `SECCOMP_RET_ERRNO`, `SCMP_ACT_ERRNO`, with data `ERRNO(EPERM)`, `TRACE(7)`, or a
 * return word, `0x00050001`, `code=0x50000`.
 *
 * @returns `undefined` for anything else, and for data that the action does not take
 */
export function parseSpelledAction(text: string): SpelledAction | undefined {
  const word = WORD.exec(text)?.[1];
  if (word !== undefined) {
    const { action, data } = parseReturnWord(Number(word));
    return action === undefined ? undefined : { action, data };
  }
  const [, , label = '', written] = NAME.exec(text) ?? [];
  const action = byLabel.get(label);
  if (action === undefined || written === undefined) {
    return action === undefined ? undefined : { action, data: undefined };
  }
  const { kind } = action;
  const data = kind === 'errno' ? (errnoByName(written) ?? parseNumber(written)) : parseNumber(written);
  const takesData = kind === 'errno' || kind === 'trace' || kind === 'trap';
  const limit = kind === 'errno' ? MAX_ERRNO : MAX_DATA;
  return !takesData || data === undefined || data > limit ? undefined : { action, data };
}

/**
 * Reads an action as its return word. Without data `SECCOMP_RET_ERRNO` is the constant of C, with data 0, and
 * `SCMP_ACT_ERRNO` what a profile means by it, EPERM; the bare names `ERRNO` and `TRACE` need their data.
 *
 * @returns `undefined` for an unknown action
 */
export function parseAction(text: string): ReturnWord | undefined {
  const word = WORD.exec(text)?.[1];
  if (word !== undefined) return Number(word) >>> 0;
  const spelled = parseSpelledAction(text);
  if (spelled === undefined) return undefined;
  const { action, data } = spelled;
  if (data !== undefined) return (action.word | data) >>> 0;
  if (action.kind !== 'errno' && action.kind !== 'trace') return action.word;
  if (text.startsWith('SECCOMP_RET_')) return action.word;
  return text.startsWith('SCMP_ACT_') ? (action.word | EPERM) >>> 0 : undefined;
}
