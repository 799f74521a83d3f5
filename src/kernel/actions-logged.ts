/**
 * Which actions of filters the running kernel records.
 *
 * Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst of Linux 6.18 (`actions_logged`).
 * @module
 */
import { readFileSync } from 'node:fs';
import { splitWords } from '../abi/split-words.ts';
import { OciSeccompError } from '../errors.ts';

const FILE = '/proc/sys/kernel/seccomp/actions_logged';

/** The kernel's names: `errno`, `kill_process`; `undefined` where it does not tell (before 4.14, or no /proc). */
export function readActionsLogged(): readonly string[] | undefined {
  try {
    return splitWords(readFileSync(FILE, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Whether the kernel records calls that get LOG. The file and the action came with the same release.
 *
 * @throws OciSeccompError `ERR_KERNEL` if the kernel is not known to have LOG: it would kill for an unknown action
 */
export function recordsLog(): boolean {
  const logged = readActionsLogged();
  if (logged !== undefined) return logged.includes('log');
  throw new OciSeccompError(
    'ERR_KERNEL',
    `${FILE} cannot be read: Linux before 4.14 cannot log a call and carry it out`,
    {
      hint: '--observe needs Linux 4.14 and /proc/sys',
    },
  );
}

/** @throws OciSeccompError `ERR_KERNEL` if the kernel does not record calls that get LOG */
export function requireLogRecorded(): void {
  if (recordsLog()) return;
  const words = [...(readActionsLogged() ?? []), 'log'].join(' ');
  throw new OciSeccompError('ERR_KERNEL', `the kernel logs nothing of a trial: log is not in ${FILE}`, {
    hint: `sysctl kernel.seccomp.actions_logged="${words}"`,
  });
}
