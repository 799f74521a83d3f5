/**
 * The system calls a process makes to put itself under a filter, and what their failure means.
 *
 * Sources: seccomp(2), prctl(2); Linux 6.18 kernel/seccomp.c, include/uapi/linux/seccomp.h.
 * @module
 */
import { formatErrno, MAX_ERRNO } from '../abi/errno.ts';
import { EACCES, EBUSY, EINVAL, ENOMEM, ENOSYS, EPERM } from '../abi/errno-constants.ts';
import { SOCK_FILTER_SIZE } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { CAP_SYS_ADMIN, hasCapability } from './capability-bits.ts';
import { type ProcessStatus, readProcessStatus } from './process-status.ts';
import type { InjectedCall } from './registers.ts';

/**
 * When no_new_privs is set on the process: `auto` if it lacks CAP_SYS_ADMIN in its user namespace, without which the
 * kernel takes no filter; `always`; `never`, which then fails.
 */
export type NoNewPrivileges = 'auto' | 'always' | 'never';

export const noNewPrivilegesChoices = [
  'auto',
  'always',
  'never',
] as const satisfies readonly NoNewPrivileges[];

export interface FilterRequest {
  /** sock_filter[] in this machine's byte order. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* bits, without NEW_LISTENER. */
  readonly flags: number;
  readonly noNewPrivileges: NoNewPrivileges;
  /**
   * Whether a filter will do that the kernel does not let us read back. Whoever can write the memory of the process can
   * put another program in the place of ours in the moment before the kernel reads it; only what is read back shows it.
   */
  readonly allowUnverified?: boolean;
  /** The bounding set that the filter was made for; not set if it does not depend on it. */
  readonly boundingSet?: readonly string[];
  /** Called with the listener, in this process, once the process has it no more; makes the filter one with a listener. */
  readonly takeListener?: (fd: number) => void;
}

const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
/** Without it TSYNC's return value could not be told from a listener's. */
const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;
/** struct sock_fprog: len u16 @0, filter u64 @8. */
const SOCK_FPROG_SIZE = 16;

export interface PlannedCall {
  readonly name: InjectedCall;
  readonly args: readonly number[];
}

/** `struct sock_fprog` and the program behind it, for a process that has them at an address. */
export function filterMemory(program: Uint8Array, at: number): Uint8Array {
  const bytes = new Uint8Array(SOCK_FPROG_SIZE + program.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, program.length / SOCK_FILTER_SIZE, true);
  view.setBigUint64(8, BigInt(at + SOCK_FPROG_SIZE), true);
  bytes.set(program, SOCK_FPROG_SIZE);
  return bytes;
}

/** Bytes that {@link filterMemory} takes. */
export function filterMemorySize(program: Uint8Array): number {
  return SOCK_FPROG_SIZE + program.length;
}

/**
 * The calls to make, one after the other; each gets the result of the one before.
 *
 * @param at - where the process has {@link filterMemory}
 * @param status - of the process, at the end of execve(2)
 * @param installed - called at once when seccomp(2) has succeeded, with what it returned: the number of the listener in
 *   the process, if there is one. If it throws, no further call is made
 * @throws OciSeccompError `ERR_KERNEL` with `details: {pid, call, errno}` if a call failed
 */
export function* filterCalls(
  pid: number,
  at: number,
  status: ProcessStatus,
  request: FilterRequest,
  installed: (result: number) => void,
): Generator<PlannedCall, void, number> {
  if (wantsNoNewPrivileges(status, request.noNewPrivileges)) {
    const result = yield { name: 'prctl', args: [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0] };
    if (result !== 0) throw callError(pid, 'prctl(PR_SET_NO_NEW_PRIVS)', result);
  }
  const listening = request.takeListener !== undefined;
  const flags = listening ? listenerFlags(request.flags) : request.flags;
  const result = yield { name: 'seccomp', args: [SECCOMP_SET_MODE_FILTER, flags, at] };
  // TSYNC without TSYNC_ESRCH answers with the thread that could not be synchronised.
  if (listening ? result < 0 : result !== 0) throw callError(pid, 'seccomp', result);
  installed(result);
  if (!listening) return;
  const closed = yield { name: 'close', args: [result] };
  if (closed !== 0) throw callError(pid, 'close of the listener', closed);
}

function wantsNoNewPrivileges(status: ProcessStatus, choice: NoNewPrivileges): boolean {
  if (status.noNewPrivileges || choice === 'never') return false;
  return choice === 'always' || !hasCapability(status.effectiveCapabilities, CAP_SYS_ADMIN);
}

function listenerFlags(flags: number): number {
  const together = (flags & SECCOMP_FILTER_FLAG_TSYNC) === 0 ? 0 : SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  return flags | SECCOMP_FILTER_FLAG_NEW_LISTENER | together;
}

const denied =
  "a filter it has already, the runtime's own or that of an outer container, denies the call, and filters can be suspended only by a process with CAP_SYS_ADMIN in the initial user namespace that has none itself";

const seccompHints: Readonly<Record<number, string>> = {
  [EACCES]:
    'it has neither no_new_privs nor CAP_SYS_ADMIN: take --no-new-privs auto or always, or set process.noNewPrivileges in config.json',
  [EINVAL]:
    'the kernel rejects the program or one of its flags; oci-seccomp doctor lists the flags that it knows',
  [ENOMEM]: 'its filters are longer in total than the kernel allows (32768 instructions), or memory is short',
  [EBUSY]: 'the process already has a filter with a listener, and it can have only one',
};

function callError(pid: number, call: string, result: number): OciSeccompError {
  const errno = result < 0 && result >= -MAX_ERRNO ? -result : 0;
  // If a filter kills or traps for a call, the call is skipped and the registers stay as they were.
  const reason = errno === 0 ? `skipped, or answered with ${result}` : formatErrno(errno);
  const byFilter = [0, EPERM, ENOSYS].includes(errno) ? denied : undefined;
  const hint = call === 'seccomp' ? (seccompHints[errno] ?? byFilter) : byFilter;
  return new OciSeccompError('ERR_KERNEL', `${call} in process ${pid}: ${reason}`, {
    hint,
    details: { pid, call, errno },
  });
}

/**
 * Reads the status of a process that has to be there.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function statusOf(pid: number): ProcessStatus {
  const status = readProcessStatus(pid);
  if (typeof status !== 'string') return status;
  throw new OciSeccompError('ERR_KERNEL', `process ${pid} is gone`, { details: { pid } });
}
