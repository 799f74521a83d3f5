/**
 * Why a process could not be traced or its filters not be read, and what to do about it.
 *
 * Sources: ptrace(2) "Ptrace access mode checking"; Linux 6.18 kernel/ptrace.c (ptrace_attach), kernel/seccomp.c
 * (seccomp_get_filter), Documentation/admin-guide/LSM/Yama.rst.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { formatErrno } from '../abi/errno.ts';
import { EACCES, EINVAL, EIO, EPERM, ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { CAP_SYS_ADMIN, CAP_SYS_PTRACE, hasCapability } from './capability-bits.ts';
import { FROZEN, isFrozen } from './frozen-process.ts';
import { listThreads, nameProcess, type ProcessStatus, readProcessStatus } from './process-status.ts';
import type { PtraceRequest } from './ptrace.ts';

const FIND_PID =
  "a container's process has another number inside the container; runc state, podman inspect and docker inspect show the one to use";

function kernelError(
  pid: number,
  message: string,
  hint: string | undefined,
  details: Readonly<Record<string, unknown>> = {},
): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', message, {
    hint,
    details: { pid, ...details },
  });
}

/** No process or thread has the number; `details: {pid, call, errno}`. */
export function noSuchProcess(pid: number): OciSeccompError {
  return kernelError(pid, `there is no process ${pid}`, FIND_PID, { call: 'kill', errno: ESRCH });
}

/** /proc does not show it: mounted with hidepid, or for another pid namespace. */
export function hiddenProcess(pid: number): OciSeccompError {
  const hint = existsSync('/proc/self')
    ? '/proc shows only your own processes here (hidepid): run this as root'
    : '/proc is not mounted here: mount -t proc proc /proc';
  return kernelError(pid, `/proc does not show process ${pid}`, hint, { call: 'open', errno: EACCES });
}

/** It has exited; its parent has not waited for it yet, or its other threads go on. */
export function processEnded(pid: number, { name, threadGroup }: ProcessStatus): OciSeccompError {
  const alive = listThreads(threadGroup).filter((tid) => isAlive(tid));
  const others = alive.length === 0 ? undefined : `its other threads go on: ${alive.join(', ')}`;
  return kernelError(
    pid,
    `process ${pid} (${name}) has ended and only waits to be reaped: it has no filter any more`,
    others,
    { state: 'Z' },
  );
}

function isAlive(tid: number): boolean {
  const status = readProcessStatus(tid);
  return typeof status !== 'string' && !'ZX'.includes(status.state);
}

/** The first mode of seccomp, in which read, write, _exit and sigreturn are all there is. */
export function strictMode(pid: number): OciSeccompError {
  return kernelError(
    pid,
    `process ${nameProcess(pid)} runs in seccomp's strict mode, which has no filter program`,
    'it may call read, write, _exit and rt_sigreturn, and any other call kills it',
    { mode: 'strict' },
  );
}

export function threadEnded(pid: number): OciSeccompError {
  const details = { call: 'ptrace', errno: ESRCH };
  return kernelError(pid, `process ${pid} ended while its filters were read`, undefined, details);
}

/** It sleeps, and only the event that it waits for wakes it. */
export function notStopping(pid: number): OciSeccompError {
  const status = readProcessStatus(pid);
  const frozen = isFrozen(pid);
  const asleep = !frozen && typeof status !== 'string' && status.state === 'D';
  return kernelError(
    pid,
    `process ${nameProcess(pid)} did not stop in time${frozen ? `: ${FROZEN}` : asleep ? ': it is in an uninterruptible sleep' : ''}`,
    frozen
      ? 'resume it'
      : asleep
        ? 'it waits for a disk, a network file system, or the program it started with vfork: try again later, or read one of its children'
        : 'try again',
    { call: 'waitid', state: typeof status === 'string' ? undefined : status.state },
  );
}

/** A request about a thread failed; `details: {pid, call: 'ptrace', request, errno}`. */
export function traceError(
  tid: number,
  errno: number,
  request: PtraceRequest = 'PTRACE_SEIZE',
): OciSeccompError {
  const details = { call: 'ptrace', request, errno };
  const target = readProcessStatus(tid);
  // The kernel also answers EPERM for a process that is about to end.
  if (target === 'none') return noSuchProcess(tid);
  if (errno !== EPERM || typeof target === 'string') {
    return kernelError(
      tid,
      `ptrace(${request}) of process ${tid}: ${formatErrno(errno)}`,
      undefined,
      details,
    );
  }
  if (target.threadGroup === process.pid) {
    const hint = `another process can: oci-seccomp disasm --pid ${tid}`;
    return kernelError(tid, 'a process cannot read filters of itself', hint, details);
  }
  if (target.tracer !== 0) {
    const tracer = nameProcess(target.tracer);
    return kernelError(
      tid,
      `process ${tid} (${target.name}) is already traced by process ${tracer}, and only one process can trace it at a time`,
      `end that tracer (a debugger, strace, a sandbox) or let it detach`,
      { ...details, tracer: target.tracer },
    );
  }
  if ('ZX'.includes(target.state)) return processEnded(tid, target);
  const message = `not permitted to trace process ${tid} (${target.name}), which belongs to user ${target.uid}`;
  return kernelError(tid, message, permissionHint(), details);
}

/**
 * PTRACE_SECCOMP_GET_FILTER failed on a thread that has a filter; `details: {pid, call, request, errno}`.
 */
export function filterError(tid: number, errno: number): OciSeccompError {
  const request = 'PTRACE_SECCOMP_GET_FILTER' satisfies PtraceRequest;
  const details = { call: 'ptrace', request, errno };
  if (errno === ESRCH) return threadEnded(tid);
  if (errno === EACCES) {
    const message = `not permitted to read filters, those of process ${nameProcess(tid)} included`;
    return kernelError(tid, message, permissionHint(), details);
  }
  if (errno === EINVAL || errno === EIO) {
    return kernelError(
      tid,
      'this kernel does not hand out filters',
      'it takes Linux 4.4 or later, built with CONFIG_CHECKPOINT_RESTORE=y',
      details,
    );
  }
  return kernelError(tid, `ptrace(${request}) of process ${tid}: ${formatErrno(errno)}`, undefined, details);
}

/** What this process lacks; the kernel wants all of it, so everything missing is said at once. */
function permissionHint(): string {
  const self = readProcessStatus('thread-self');
  const wanted = 'CAP_SYS_ADMIN and CAP_SYS_PTRACE in the initial user namespace';
  if (typeof self === 'string') return `this needs ${wanted}: run this as root`;
  const lacks = [
    ...(hasCapability(self.effectiveCapabilities, CAP_SYS_ADMIN) ? [] : ['CAP_SYS_ADMIN']),
    ...(hasCapability(self.effectiveCapabilities, CAP_SYS_PTRACE) ? [] : ['CAP_SYS_PTRACE']),
  ];
  if (self.mode !== 'off') {
    const also = lacks.length === 0 ? '' : `, and with ${lacks.join(' and ')}`;
    return `only a process without a seccomp filter may read filters, and this one has one: run this outside of the sandbox or container${also}`;
  }
  if (yamaScope() === 3) {
    return '/proc/sys/kernel/yama/ptrace_scope is 3: nobody may trace anything until this machine is rebooted';
  }
  return lacks.length === 0
    ? `this needs ${wanted}: run this as root, outside of any container`
    : `this process lacks ${lacks.join(' and ')}: run this as root, outside of any container`;
}

/** `undefined` where the kernel has no Yama. */
function yamaScope(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return undefined;
  }
}
