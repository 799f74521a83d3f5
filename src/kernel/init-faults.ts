/**
 * Faults of a process that is the first of its pid namespace, as a container's program is, while it is traced.
 *
 * Signals without a handler do not reach such a process. The kernel makes an exception for faults, but not if the process
 * is traced: then the fault is dropped and made again, for ever. So it is let go, and the fault ends it.
 *
 * Sources: Linux 6.18 kernel/signal.c (force_sig_info_to_task: SIGNAL_UNKILLABLE stays if `t->ptrace`; get_signal);
 * kernel/seccomp.c (SECCOMP_RET_TRAP: syscall_rollback); pid_namespaces(7), "The namespace init process".
 * @module
 */
import { handlesSignal, readProcessStatus } from './process-status.ts';
import { isRaisedByKernel, ptrace, type TraceeReport } from './ptrace.ts';
import { repeatCall } from './restart-calls.ts';

const SIGSYS = 31;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS: numbers of x86, arm and riscv. */
const FAULTS: ReadonlySet<number> = new Set([4, 5, 7, 8, 11, SIGSYS]);

type Stop = Extract<TraceeReport, { kind: 'stopped' }>;

/** Whether a tracee is stopped for a fault that the kernel raised, and not for a signal that somebody sent. */
export function isFault({ tid, signal }: Pick<Stop, 'tid' | 'signal'>): boolean {
  return FAULTS.has(signal) && isRaisedByKernel(tid);
}

/**
 * Lets go of the first process of a pid namespace that is about to die of a fault.
 *
 * @returns whether it was let go: it is not traced any more
 */
export function letInitDie({ tid, signal }: Stop): boolean {
  if (!isFault({ tid, signal })) return false;
  const status = readProcessStatus(tid);
  if (typeof status === 'string' || status.innermostGroup !== 1 || handlesSignal(status, signal))
    return false;
  // Other faults stop at their instruction, which faults again. A call that got SIGSYS is over, and must be made again.
  if (signal === SIGSYS) repeatCall(tid);
  ptrace('PTRACE_DETACH', tid, 0, signal);
  return true;
}
