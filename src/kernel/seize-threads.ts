/**
 * Traces all threads of a process.
 * @module
 */
import { EPERM, ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { noSuchProcess, processEnded, traceError } from './process-errors.ts';
import { listThreads, nameProcess, readProcessStatus } from './process-status.ts';
import { ptrace } from './ptrace.ts';
import { letThreadGo } from './stop-thread.ts';

/** More looks than any process needs: threads born of seized ones are seized at birth. */
const MAX_LOOKS = 64;

/** How long a thread that was seized by mistake may take to stop, in milliseconds, before it is let go. */
const LET_GO_MS = 5000;

/**
 * Makes the calling thread the tracer of every thread of a process, those that start meanwhile included. None is
 * stopped by it.
 *
 * ptrace(2) knows a process by its number only, which may be given to another one at any moment. So what was seized is
 * compared afterwards: once traced, no thread's number is given again. Whatever else was seized is let go.
 *
 * NOTE: a thread of another process may end with the tracer, if it does not stop in time to be let go. That can be a
 * thread in an uninterruptible sleep. PTRACE_O_EXITKILL has to be set from the start, because only a stopped thread can
 * get it later.
 * NOTE: a thread inside execve(2) makes this wait until that is over.
 *
 * @param options - PTRACE_O_* bits; PTRACE_O_TRACECLONE among them, or new threads are missed
 * @param isThere - whether the process is there, or was not reaped yet: as long as it is, nobody else has its number
 * @returns the threads
 * @throws OciSeccompError `ERR_KERNEL` if one cannot be traced, or the process is gone. Those seized before stay seized,
 *   if they are the process's.
 */
export function seizeThreads(pid: number, options: number, isThere: () => boolean): readonly number[] {
  const seized = new Set<number>();
  let failure: unknown;
  try {
    seizeAll(pid, options, seized);
  } catch (error) {
    failure = error;
  }
  if (!isThere()) {
    for (const tid of seized) letGo(tid);
    throw givenAgain(pid);
  }
  if (failure !== undefined) throw failure;
  return requireSeized(pid, seized);
}

function seizeAll(pid: number, options: number, seized: Set<number>): void {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const fresh = listThreads(pid).filter((tid) => !seized.has(tid));
    if (fresh.length === 0) return;
    for (const tid of fresh) {
      seize(tid, options);
      const status = readProcessStatus(tid);
      // A thread may have ended since the look, and another process have its number.
      if (typeof status !== 'string' && status.threadGroup !== pid) letGo(tid);
      else seized.add(tid);
    }
  }
  throw new OciSeccompError(
    'ERR_KERNEL',
    `process ${nameProcess(pid)} starts threads faster than they can be traced`,
    {
      details: { pid },
    },
  );
}

function letGo(tid: number): void {
  letThreadGo(tid, performance.now() + LET_GO_MS);
}

/** The number means another process now. */
export function givenAgain(pid: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `the process ID ${pid} now belongs to another process`, {
    details: { pid },
  });
}

function seize(tid: number, options: number): void {
  const { result, errno } = ptrace('PTRACE_SEIZE', tid, 0, options);
  if (result !== -1 || errno === ESRCH) return;
  if (errno === EPERM) {
    const status = readProcessStatus(tid);
    // Seized at birth, or ended meanwhile.
    if (status === 'none') return;
    if (typeof status !== 'string' && (status.tracer === process.pid || 'ZX'.includes(status.state))) return;
  }
  throw traceError(tid, errno);
}

/** The first thread has to live: its end is how the end of a process is told to a tracer. */
function requireSeized(pid: number, seen: ReadonlySet<number>): readonly number[] {
  const status = readProcessStatus(pid);
  if (typeof status === 'string') throw noSuchProcess(pid);
  if ('ZX'.includes(status.state)) throw processEnded(pid, status);
  if (status.tracer !== process.pid) throw traceError(pid, EPERM);
  return [...seen];
}
