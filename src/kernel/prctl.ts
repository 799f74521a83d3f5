/**
 * Attributes of this thread that decide whether it may filter itself.
 *
 * Sources: prctl(2), seccomp(2); Linux 6.18 include/uapi/linux/prctl.h.
 * @module
 */
import { readFileSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const PR_SET_PDEATHSIG = 1;
/** Linux 6.18 include/uapi/linux/prctl.h: "Yama". */
const PR_SET_PTRACER = 0x59616d61;
const SIGKILL = 9;
const PR_SET_NO_NEW_PRIVS = 38;
const CAP_SYS_ADMIN = 21n;

/**
 * Sets no_new_privs on the calling thread: from its next execve(2) on, no program gains privileges by its set-user-ID
 * bit or file capabilities. It is inherited and cannot be taken back.
 *
 * @throws OciSeccompError `ERR_KERNEL`, `details.errno` EINVAL (22) before Linux 3.5; `ERR_FFI`
 */
export function setNoNewPrivs(): void {
  const koffi = loadKoffi();
  const parameters = ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long'];
  const prctl = koffi.load(null).func('prctl', 'int', parameters);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) === 0) return;
  const errno = koffi.errno();
  throw new OciSeccompError(
    'ERR_KERNEL',
    `no_new_privs could not be set: ${errnoName(errno) ?? errno} (${errno})`,
    { hint: 'it needs Linux 3.5 or newer', details: { errno } },
  );
}

/** Has the kernel kill this process when the thread that started it ends; execve(2) keeps it, unless it gives privileges. */
export function dieWithParent(): void {
  const parameters = ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long'];
  loadKoffi().load(null).func('prctl', 'int', parameters)(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/**
 * Lets any process of this user trace this one, where the Yama module allows that to ancestors alone; execve(2) keeps it.
 * Without Yama the kernel refuses, and nothing is needed.
 */
export function allowTracers(allowed: boolean): void {
  const parameters = ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long'];
  const any = 0xffff_ffff_ffff_ffffn;
  loadKoffi().load(null).func('prctl', 'int', parameters)(PR_SET_PTRACER, allowed ? any : 0, 0, 0, 0);
}

/** Whether this process may filter itself without no_new_privs: CAP_SYS_ADMIN is effective in its user namespace. */
export function hasSysAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}
