/**
 * Numbers as people write them in programs: `0x50001`, `-1`, `AUDIT_ARCH_X86_64`, `ERRNO(EPERM)`.
 * @module
 */
import { type ActionInfo, actions } from '../abi/actions.ts';
import { auditArchByName } from '../abi/audit-arch.ts';
import { errnoByName } from '../abi/errno.ts';

const NUMBER = /^(?:0x([0-9a-f]{1,16})|([0-9]{1,16}))$/i;

/** Reads a decimal or hexadecimal number, 0..2^53-1; `undefined` for anything else. */
export function parseNumber(text: string): number | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, hexadecimal, decimal] = match;
  const value = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

const MAX_U32 = 0xffffffff;

/** Reads a u32, or a negative i32 as its two's complement; `undefined` for anything else or out of range. */
export function parseWord(text: string): number | undefined {
  if (text.startsWith('-')) {
    const value = parseNumber(text.slice(1));
    return value === undefined || value > 0x80000000 ? undefined : -value >>> 0;
  }
  const value = parseNumber(text);
  return value === undefined || value > MAX_U32 ? undefined : value;
}

const byLabel = new Map<string, ActionInfo>(Object.values(actions).map((row) => [row.label, row]));
byLabel.set('KILL', actions.killThread);
byLabel.set('NOTIFY', actions.notify);

/** The names of actions, `ERRNO` and `TRACE` with their data. */
export const actionForms =
  'ALLOW, LOG, TRACE(n), USER_NOTIF, ERRNO(EPERM), TRAP, KILL_THREAD and KILL_PROCESS';

const ACTION = /^(?:SECCOMP_RET_|SCMP_ACT_)?([A-Z_]+)(?:\(\s*([A-Za-z0-9]+)\s*\))?$/;
const MAX_ERRNO = 4095;
const MAX_DATA = 0xffff;

/**
 * Reads an action as `ALLOW`, `ERRNO(EPERM)`, `ERRNO(1)`, `TRACE(7)`, `TRAP(3)`; with libseccomp's names `KILL` and
 * `NOTIFY` and the prefixes of C too.
 *
 * @returns its return word, or `undefined`
 */
export function parseAction(text: string): number | undefined {
  const match = ACTION.exec(text);
  const row = byLabel.get(match?.[1] ?? '');
  if (match === null || row === undefined) return undefined;
  const data = match[2];
  const takesData = row.kind === 'errno' || row.kind === 'trace' || row.kind === 'trap';
  if (data === undefined) return row.kind === 'errno' || row.kind === 'trace' ? undefined : row.word;
  const value = row.kind === 'errno' ? (errnoByName(data) ?? parseNumber(data)) : parseNumber(data);
  const limit = row.kind === 'errno' ? MAX_ERRNO : MAX_DATA;
  return !takesData || value === undefined || value > limit ? undefined : (row.word | value) >>> 0;
}

/** Reads any of these as a u32: a number, an `AUDIT_ARCH_*` name, an action. */
export function parseSymbol(text: string): number | undefined {
  return parseWord(text) ?? auditArchByName(text) ?? parseAction(text);
}
