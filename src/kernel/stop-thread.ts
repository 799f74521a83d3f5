/**
 * Stops a thread of another process for a moment, and lets it go as it was found.
 *
 * PTRACE_SEIZE and PTRACE_INTERRUPT send no signal, so neither the thread nor its parent can tell; a thread that was
 * stopped stays stopped, and a signal that arrives in that moment is handed on. What does change: a system call that
 * the thread waits in is interrupted and restarted, or ends with EINTR where the kernel does not restart it after
 * a stop: epoll_wait(2) and the others that signal(7) lists for stop signals.
 *
 * Sources: ptrace(2); Linux 6.18 kernel/ptrace.c, kernel/exit.c.
 * @module
 */
import { ESRCH } from '../abi/errno-constants.ts';
import { notStopping, threadEnded, traceError } from './process-errors.ts';
import { readProcessStatus } from './process-status.ts';
import { acknowledgeEnd, peekTracee, ptrace } from './ptrace.ts';
import { sleep } from './sleep.ts';

/** Steps in milliseconds between two looks: most threads stop within the first, spent without sleeping. */
const SPIN_MS = 1;
const STEP_MS = 1;
/** Between two looks at a thread that did not stop in time. */
const LATER_STEP_MS = 10;

/**
 * Does something with a thread while it is stopped and traced by the calling thread.
 *
 * Waits before seizing it while it is in an uninterruptible sleep, as the parent of vfork(2) is: once seized, such
 * a thread can be let go only after it has woken. If it falls into such a sleep right then, the error comes in time
 * and a timer of this process lets it go when it wakes; if this process ends before, the kernel does.
 *
 * NOTE: PTRACE_SEIZE itself waits while the thread is inside execve(2).
 * NOTE: Node takes a stop of a process that it started itself for that process's end if it sees one. It sees none while
 * this function runs in the main thread; it does from a worker thread, and when such a process stops too late.
 *
 * @param tid - a thread, or a process for its first thread; never one of this process
 * @param deadline - as performance.now() counts, which nobody can set back; until then it has to stop
 * @throws OciSeccompError `ERR_KERNEL` if it cannot be traced, has ended, or does not stop in time
 */
export function withStoppedThread<T>(tid: number, deadline: number, work: () => T): T {
  const status = readProcessStatus(tid);
  const ownChild = typeof status !== 'string' && status.parent === process.pid && status.threadGroup === tid;
  waitWhileUninterruptible(tid, deadline);
  const seized = ptrace('PTRACE_SEIZE', tid);
  if (seized.result === -1) throw traceError(tid, seized.errno);
  try {
    return workStopped(tid, deadline, work);
  } finally {
    release(tid, ownChild);
  }
}

/**
 * Lets go of a thread that the calling thread traces and that runs. It stops for a moment, as above.
 *
 * @param deadline - as above; if it has not stopped by then, it is let go when it does, as long as this process lives
 */
export function letThreadGo(tid: number, deadline: number): void {
  try {
    workStopped(tid, deadline, () => {});
  } catch {
    // It has ended, or does not stop in time.
  }
  release(tid, false);
}

function workStopped<T>(tid: number, deadline: number, work: () => T): T {
  const { result, errno } = ptrace('PTRACE_INTERRUPT', tid);
  if (result === -1) throw errno === ESRCH ? threadEnded(tid) : traceError(tid, errno, 'PTRACE_INTERRUPT');
  waitForStop(tid, deadline);
  return work();
}

function waitWhileUninterruptible(tid: number, deadline: number): void {
  for (;;) {
    const status = readProcessStatus(tid);
    if (typeof status === 'string' || status.state !== 'D') return;
    if (performance.now() >= deadline) throw notStopping(tid);
    sleep(STEP_MS);
  }
}

function waitForStop(tid: number, deadline: number): void {
  const start = performance.now();
  for (;;) {
    const { kind } = peekTracee(tid);
    if (kind === 'stopped') return;
    if (kind !== 'none') throw threadEnded(tid);
    if (performance.now() >= deadline) throw notStopping(tid);
    if (performance.now() - start > SPIN_MS) sleep(STEP_MS);
  }
}

/** Lets a tracee go now or, if it runs, when it stops; a timer that keeps no process alive sees to that. */
function release(tid: number, ownChild: boolean): void {
  if (released(tid, ownChild)) return;
  const timer = setInterval(() => {
    if (released(tid, ownChild)) clearInterval(timer);
  }, LATER_STEP_MS);
  timer.unref();
}

function released(tid: number, ownChild: boolean): boolean {
  const state = peekTracee(tid);
  if (state.kind === 'none') return false;
  if (state.kind === 'stopped') return ptrace('PTRACE_DETACH', tid, 0, state.signal).result !== -1;
  // Its real parent hears of its end only after its tracer has.
  if (state.kind === 'ended' && !ownChild) acknowledgeEnd(tid);
  return true;
}
