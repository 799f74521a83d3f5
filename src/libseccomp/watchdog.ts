/**
 * An end for a process in which libseccomp may not return.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

/** Linux 6.18 include/uapi/linux/time.h */
const ITIMER_PROF = 2;

/** The limits of a process, counted from now on. */
export interface ProcessLimits {
  /** Processor time in milliseconds, 1 or more. Then SIGPROF ends the process. */
  readonly cpuMs: number;
  /** Time by the clock in whole seconds, 1 or more. Then SIGALRM ends the process. */
  readonly wallSeconds: number;
}

/**
 * Makes the kernel end this process after a time. Its signals also end a loop in native code, and need no parent process that
 * watches. Wraps setitimer(2) and alarm(2).
 *
 * The processor time counts from this call on, of all threads, in user and kernel mode. RLIMIT_CPU would count whole
 * seconds, and the start of the process with them. A process that sleeps or waits for the processor uses no processor time.
 * The limit by the clock ends it; set it far above the other.
 *
 * @throws OciSeccompError `ERR_KERNEL` if the kernel refuses the timer
 */
export function endProcessAfter({ cpuMs, wallSeconds }: ProcessLimits): void {
  const libc = loadKoffi().load(null);
  libc.func('alarm', 'unsigned int', ['unsigned int'])(wallSeconds);
  // struct itimerval: how often (never again), then when; seconds and microseconds each.
  const value = [0, 0, Math.floor(cpuMs / 1000), Math.max(1, Math.round((cpuMs % 1000) * 1000))];
  const failed = libc.func('setitimer', 'int', ['int', 'long *', 'void *'])(ITIMER_PROF, value, null);
  if (failed !== 0) throw new OciSeccompError('ERR_KERNEL', 'the kernel refuses a timer of processor time');
}
