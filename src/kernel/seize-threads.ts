/**
 * Traces all threads of a process.
 * @module
 */
import { EPERM, ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { noSuchProcess, processEnded, traceError } from './process-errors.ts';
import { listThreads, nameProcess, readProcessStatus } from './process-status.ts';
import { ptrace } from './ptrace.ts';

/** More looks than any process needs: threads born of seized ones are seized at birth. */
const MAX_LOOKS = 64;

/**
 * Makes the calling thread the tracer of every thread of a process, those that start meanwhile included. None is
 * stopped by it.
 *
 * NOTE: a thread inside execve(2) makes this wait until that is over.
 *
 * @param options - PTRACE_O_* bits; PTRACE_O_TRACECLONE among them, or new threads are missed
 * @returns the threads
 * @throws OciSeccompError `ERR_KERNEL` if one cannot be traced, or the process is gone. Those seized before stay seized.
 */
export function seizeThreads(pid: number, options: number): readonly number[] {
  const seen = new Set<number>();
  for (let look = 0; look < MAX_LOOKS; look++) {
    const fresh = listThreads(pid).filter((tid) => !seen.has(tid));
    if (fresh.length === 0) return requireSeized(pid, seen);
    for (const tid of fresh) {
      seize(tid, options);
      seen.add(tid);
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
