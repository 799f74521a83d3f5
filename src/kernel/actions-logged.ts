/**
 * Which actions of filters the running kernel records.
 *
 * Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst of Linux 6.18 (`actions_logged`).
 * @module
 */
import { readFileSync } from 'node:fs';

/** The kernel's names: `errno`, `kill_process`; `undefined` where it does not tell (before 4.14, or no /proc). */
export function readActionsLogged(): readonly string[] | undefined {
  try {
    const text = readFileSync('/proc/sys/kernel/seccomp/actions_logged', 'utf8');
    return text.split(/\s+/).filter((word) => word !== '');
  } catch {
    return undefined;
  }
}
