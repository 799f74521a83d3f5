/**
 * Is this process the container's? A state with another process's number must not get that process traced.
 *
 * What can be checked: the process lives; it is a process, not one of its threads; its parent called us, as runc's and
 * crun's first processes are children of the runtime that runs the hooks; and it has left our mount namespace, as
 * every container's has when `prestart` and `createRuntime` hooks run. A pid or user namespace of its own cannot be
 * demanded: containers may share the host's.
 *
 * What cannot be checked: that it is this container's and not that of another one which the same runtime process is
 * making. Runtimes make one container a process.
 * @module
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { mappedFiles } from '../kernel/process-maps.ts';
import { readProcessStatus, readStartTime } from '../kernel/process-status.ts';
import { requireExecutes } from './in-process.ts';

/** What is known of processes: of the kernel, or of a test. */
export interface ProcessView {
  /** `undefined`: there is no such process, or it has ended. */
  readonly find: (pid: number) => { readonly parent: number; readonly threadGroup: number } | undefined;
  /** Names a process's mount namespace; `undefined` if it cannot be told. */
  readonly mountNamespace: (pid: number) => string | undefined;
  /** When a process started, which no later one of its number shares. */
  readonly startTime: (pid: number) => string | undefined;
  /** The word a process was called by, argv[0]; `undefined` if it cannot be told. */
  readonly calledAs: (pid: number) => string | undefined;
  /** Paths of the files a process has mapped; `undefined` if they cannot be told. */
  readonly mapped: (pid: number) => readonly string[] | undefined;
  readonly self: number;
  /** The effective user of this process. */
  readonly user: number;
}

/** A hook called through a shell or two is still one the runtime called. */
const MAX_GENERATIONS = 8;
const INIT = 1;
const OF_INIT =
  'the runtime has ended, or is process 1 of its pid namespace itself: start it there from a shell or an init (docker run --init)';
const ENDED: readonly string[] = ['Z', 'X'];

export const kernelView = (): ProcessView => ({
  find: (pid) => {
    const status = readProcessStatus(pid);
    return typeof status === 'string' || ENDED.includes(status.state) ? undefined : status;
  },
  mountNamespace: (pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/mnt`);
    } catch {
      return undefined;
    }
  },
  startTime: readStartTime,
  calledAs: readCalledAs,
  mapped: mappedFiles,
  self: process.pid,
  user: process.geteuid?.() ?? 0,
});

function readCalledAs(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0];
  } catch {
    return undefined;
  }
}

/**
 * Checks that a process can be a container's first process, made by the runtime that called this hook.
 *
 * @returns when it started
 * @throws OciSeccompError `ERR_HOOK` if it cannot be
 */
export function requireContainerProcess(pid: number, view: ProcessView = kernelView()): string {
  // Before the checks, so that they are about the process of that time.
  const startTime = view.startTime(pid);
  const found = view.find(pid);
  if (found === undefined || startTime === undefined) throw refused(pid, 'there is no such process');
  if (found.threadGroup !== pid) throw refused(pid, `it is a thread of process ${found.threadGroup}`);
  if (found.parent === INIT)
    throw refused(pid, 'its parent, process 1, adopts the children of others', OF_INIT);
  if (!callers(view).includes(found.parent)) {
    throw refused(pid, `its parent, process ${found.parent}, is not the runtime that called this hook`);
  }
  const [theirs, ours] = [view.mountNamespace(pid), view.mountNamespace(view.self)];
  if (theirs === undefined && view.user !== 0) throw closed(pid);
  if (theirs === undefined || ours === undefined) throw refused(pid, 'its mount namespace cannot be seen');
  if (theirs === ours)
    throw refused(pid, 'it is in the mount namespace of this hook, so it is not a container');
  return startTime;
}

/**
 * Checks that a container's first process is going to execute a program, as far as the process and its runtime show.
 *
 * @throws OciSeccompError `ERR_HOOK` if the runtime runs the workload itself, or if that cannot be told
 */
export function requireExec(pid: number, view: ProcessView = kernelView()): void {
  const parent = view.find(pid)?.parent;
  const mapped = view.mapped(pid);
  if (parent === undefined || mapped === undefined)
    throw refused(pid, 'the files it has mapped cannot be seen');
  requireExecutes(view.calledAs(parent), mapped);
}

/** Who called us, through whom; not init, which adopts whoever loses its parent. */
function callers({ find, self }: ProcessView): readonly number[] {
  const chain: number[] = [];
  let at = find(self)?.parent;
  while (at !== undefined && at > INIT && chain.length < MAX_GENERATIONS) {
    chain.push(at);
    at = find(at)?.parent;
  }
  return chain;
}

/** crun 1.8.1 to 1.28, src/libcrun/linux.c: PR_SET_DUMPABLE 0, and no exec in the new user namespace as runc has. */
function closed(pid: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_HOOK',
    `process ${pid} may not be traced by user ${process.geteuid?.() ?? 0}: crun closes its processes to everyone but root`,
    { hint: CLOSED_HINT },
  );
}

export const CLOSED_HINT =
  'without root, use runc; or let the runtime install the filter: hook precreate with Podman, or oci-seccomp-runtime';

function refused(
  pid: number,
  why: string,
  hint = 'use this command as a hook of runc or crun, at the stage createRuntime or prestart',
): OciSeccompError {
  const told = `process ${pid} of the container state does not belong to the container: ${why}`;
  return new OciSeccompError('ERR_HOOK', told, { hint });
}
