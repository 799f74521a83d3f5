/**
 * What /proc tells of processes and threads, without touching them.
 *
 * Sources: proc_pid_status(5), proc_pid_task(5), Linux 6.18 fs/proc/array.c.
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { CAP_SYS_ADMIN, hasCapability } from './capability-bits.ts';

/** PROC_USER_INIT_INO of Linux 6.18 include/linux/proc_ns.h. */
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';

/** `Seccomp:` of /proc/PID/status. */
type SeccompMode = 'off' | 'strict' | 'filter';

const modes: readonly SeccompMode[] = ['off', 'strict', 'filter'];

export interface ProcessStatus {
  /** The name of the program, at most 15 bytes (64 for kernel threads). */
  readonly name: string;
  /** One letter: R, S, D (uninterruptible), T (stopped), t (stopped by its tracer), Z (ended, not yet waited for), X. */
  readonly state: string;
  /** The process that the thread belongs to; its own number if it is the process's first thread. */
  readonly threadGroup: number;
  /** The same as the process itself sees it, in the innermost pid namespace; `undefined` before Linux 4.1. */
  readonly innermostGroup: number | undefined;
  readonly parent: number;
  /** Who traces it; 0: nobody. */
  readonly tracer: number;
  /** Effective user. */
  readonly uid: number;
  /** In its own user namespace. */
  readonly effectiveCapabilities: bigint;
  readonly boundingCapabilities: bigint;
  /** Signals that it handles itself: signal n is bit n-1. */
  readonly caughtSignals: bigint;
  readonly noNewPrivileges: boolean;
  readonly mode: SeccompMode;
  /** How many filters it runs under; `undefined` before Linux 5.9. */
  readonly filterCount: number | undefined;
}

/** `'none'`: there is no such process or thread; `'hidden'`: there may be, but /proc does not show it to us. */
type StatusResult = ProcessStatus | 'none' | 'hidden';

/**
 * Reads /proc/PID/status.
 *
 * @param pid - of a process or of a thread; `'thread-self'` is the calling thread
 * @throws OciSeccompError `ERR_KERNEL` if this process can open no file, as the two below
 */
export function readProcessStatus(pid: number | 'thread-self'): StatusResult {
  try {
    return parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    requireDescriptors(error);
    return typeof pid === 'number' && exists(pid) ? 'hidden' : 'none';
  }
}

/** The threads of a process, by number; empty if it is gone. */
export function listThreads(pid: number): readonly number[] {
  try {
    const entries = readdirSync(`/proc/${pid}/task`);
    return entries.map(Number).sort((a, b) => a - b);
  } catch (error) {
    requireDescriptors(error);
    return [];
  }
}

/**
 * When a process started, in clock ticks since boot: with the number it names one process, as numbers are given again.
 *
 * Source: proc_pid_stat(5), field 22.
 *
 * @returns `undefined` if it is gone
 */
export function readStartTime(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, field 2, is in parentheses and may hold any character.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    requireDescriptors(error);
    return undefined;
  }
}

/** A process is not gone because this one can open no file. @throws OciSeccompError `ERR_KERNEL` */
function requireDescriptors(cause: unknown): void {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EMFILE' && code !== 'ENFILE') return;
  throw new OciSeccompError('ERR_KERNEL', `/proc cannot be read: too many open files (${code})`, {
    hint: 'raise the limit of open files: ulimit -n, or LimitNOFILE= of a unit',
    cause,
  });
}

/** Whether a process handles a signal itself. */
export function handlesSignal({ caughtSignals }: ProcessStatus, signal: number): boolean {
  return ((caughtSignals >> BigInt(signal - 1)) & 1n) === 1n;
}

/**
 * Whether the kernel lets this process read filters, where it can be told beforehand.
 *
 * Source: Linux 6.18 kernel/seccomp.c (get_nth_filter: CAP_SYS_ADMIN in the initial user namespace, and no filter of
 * one's own).
 */
export function mayReadFilters(): boolean {
  const self = readProcessStatus('thread-self');
  if (typeof self === 'string') return true;
  const admin = hasCapability(self.effectiveCapabilities, CAP_SYS_ADMIN);
  return admin && self.mode === 'off' && inInitialUserNamespace();
}

function inInitialUserNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/user') === INITIAL_USER_NAMESPACE;
  } catch {
    return true;
  }
}

/** `1234 (nginx)`, or the bare number of a process that is gone. */
export function nameProcess(pid: number): string {
  const status = readProcessStatus(pid);
  return typeof status === 'string' ? String(pid) : `${pid} (${status.name})`;
}

function parseStatus(text: string): ProcessStatus {
  // A process can have an empty name, and one that begins with blanks.
  const field = (name: string): string => new RegExp(`^${name}:\\t?(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    // Any process can choose its name, so it must not reach a terminal as it is.
    name: field('Name').replace(/\p{Cc}/gu, '?'),
    state: field('State').charAt(0),
    threadGroup: Number(field('Tgid')),
    innermostGroup: field('NStgid') === '' ? undefined : Number(field('NStgid').split(/\s+/).at(-1)),
    parent: Number(field('PPid')),
    tracer: Number(field('TracerPid')),
    uid: Number(field('Uid').split(/\s+/)[1]),
    effectiveCapabilities: BigInt(`0x${field('CapEff') || '0'}`),
    boundingCapabilities: BigInt(`0x${field('CapBnd') || '0'}`),
    caughtSignals: BigInt(`0x${field('SigCgt') || '0'}`),
    noNewPrivileges: field('NoNewPrivs') === '1',
    // Kernels without seccomp have no such line.
    mode: modes[Number(field('Seccomp') || 0)] ?? 'off',
    filterCount: field('Seccomp_filters') === '' ? undefined : Number(field('Seccomp_filters')),
  };
}

/** kill(2) with signal 0: EPERM means that it is there and not ours. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
