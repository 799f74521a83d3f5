/**
 * Attributes of this thread that decide whether it may filter itself.
 *
 * Sources: prctl(2), seccomp(2); Linux 6.18 include/uapi/linux/prctl.h.
 * @module
 */
import { readFileSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import { EINVAL } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import { CAP_SYS_ADMIN, hasCapability } from './capability-bits.ts';

const PR_SET_PDEATHSIG = 1;
/** Linux 6.18 include/uapi/linux/prctl.h: "Yama". */
const PR_SET_PTRACER = 0x59616d61;
/** PR_SET_PTRACER_ANY: -1 as an unsigned long. */
const ANY_PROCESS = 0xffff_ffff_ffff_ffffn;
const SIGKILL = 9;
const PR_SET_NO_NEW_PRIVS = 38;

/**
 * Sets no_new_privs on the calling thread: from its next execve(2) on, no program gains privileges by its set-user-ID
 * bit or file capabilities. It is inherited and cannot be taken back.
 *
 * @throws OciSeccompError `ERR_KERNEL`, `details.errno` EINVAL (22) before Linux 3.5; `ERR_FFI`
 */
export function setNoNewPrivs(): void {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1) === 0) return;
  const errno = loadKoffi().errno();
  const hint =
    errno === EINVAL
      ? 'it needs Linux 3.5 or newer'
      : 'a filter that this process already has denies prctl(2): run this outside of the sandbox or container';
  throw new OciSeccompError(
    'ERR_KERNEL',
    `no_new_privs could not be set: ${errnoName(errno) ?? errno} (${errno})`,
    { hint, details: { errno } },
  );
}

/**
 * Has the kernel kill this process when the thread that started it ends. An execve(2) keeps the setting, unless the
 * program gains privileges by it.
 *
 * @param parent - who started it
 * @returns whether that one still runs. If it ended before, no signal comes
 */
export function dieWithParent(parent: number): boolean {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return process.ppid === parent;
}

/**
 * Lets any process of this user trace this one, or takes that back. Only the Yama module needs it: it allows ancestors
 * alone. Without Yama the call fails, and nothing is lost. An execve(2) keeps the setting.
 */
export function allowTracers(allowed: boolean): void {
  prctl(PR_SET_PTRACER, allowed ? ANY_PROCESS : 0);
}

/** prctl(2) with one argument; the kernel wants 0 for the others. @returns 0, or -1 */
function prctl(operation: number, argument: number | bigint): number {
  const parameters = ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long'];
  return loadKoffi().load(null).func('prctl', 'int', parameters)(operation, argument, 0, 0, 0);
}

/** Whether this process may filter itself without no_new_privs: CAP_SYS_ADMIN is effective in its user namespace. */
export function hasSysAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return hasCapability(BigInt(`0x${effective}`), CAP_SYS_ADMIN);
}
