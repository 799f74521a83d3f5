/**
 * Serves a request: attaches to the container's process, reports that, and waits for its exec.
 * @module
 */
import { statSync } from 'node:fs';
import { actions, SECCOMP_RET_ACTION_FULL } from '../../abi/actions.ts';
import { BPF_RET_K, type SockFilter } from '../../bpf/program.ts';
import { OciSeccompError } from '../../errors.ts';
import { attachProcess, injectAtExec } from '../../kernel/inject.ts';
import type { FilterRequest } from '../../kernel/inject-calls.ts';
import { type InstalledFilter, requireReadBack } from '../../kernel/inject-memory.ts';
import { readStoppedFilters } from '../../kernel/process-filters.ts';
import { linkToRecorder, type RecorderLink } from '../../kernel/recorder-link.ts';
import { sendDescriptor } from '../../kernel/unix-socket.ts';
import { ioWords } from '../io-words.ts';
import { type Log, openLog } from './supervisor-log.ts';
import {
  decodeRequest,
  encodeAnswer,
  encodeFailure,
  type ListenerTarget,
  type SupervisorAnswer,
} from './supervisor-protocol.ts';

/** `asked`, `attached` (and the hook has not been told), `answered`, then the state and the event of each step. */
export type Observe = (step: string) => void;

/**
 * `installed`: the container has its filter; `gone`: it never came to need it; `refused`: nothing was attached, and the
 * hook was told; `killed`: the container was killed.
 */
export type SuperviseOutcome = 'installed' | 'gone' | 'refused' | 'killed';

/**
 * Serves the one request of a hook to its end.
 *
 * @param line - the request
 * @param answer - sends a line back; the hook is not listened to any more after it
 * @param observe - told of each step before it is made
 */
export function supervise(line: string, answer: (line: string) => void, observe: Observe): SuperviseOutcome {
  let log: Log | undefined;
  let link: RecorderLink | undefined;
  let answered = false;
  try {
    const request = decodeRequest(line);
    const { pid, startTime, listener, recorder } = request;
    log = openLog(request.log, request.containerId);
    if (listener !== undefined) requireSocket(listener);
    if (recorder !== undefined) link = linkToRecorder(recorder);
    if (!request.allowUnverified) requireReadBack(pid);
    observe('asked');
    const attached = attachProcess(pid, startTime);
    observe('attached');
    link?.hold(pid);
    answer(encodeAnswer({ threads: attached.threads } satisfies SupervisorAnswer));
    answered = true;
    observe('answered');
    const written = log;
    const outcome = injectAtExec(attached, {
      ...request,
      observe: (state, event) => observe(`${state} ${event}`),
      ...takerOf(pid, listener, link),
      isGuarded: link?.isGuarded === true,
      // Before the program runs: a program whose start is not logged must not start.
      beforeRelease: (installed) => written.write('info', describe(pid, request.program, installed)),
    });
    if (outcome.kind === 'gone') log.write('error', describeEnd(pid, outcome));
    else link?.stay();
    return outcome.kind;
  } catch (error) {
    tryTo(() => log?.write('error', `${answered ? 'killed' : 'not started'}: ${explain(error)}`));
    // Last: a hook that hears of a failure ends this process.
    if (!answered) tryTo(() => answer(encodeFailure(error)));
    return answered ? 'killed' : 'refused';
  } finally {
    link?.close();
    log?.close();
  }
}

/** Who gets the listener, if the filter has one. */
function takerOf(
  pid: number,
  listener: ListenerTarget | undefined,
  link: RecorderLink | undefined,
): Pick<FilterRequest, 'takeListener'> {
  if (link !== undefined) {
    return {
      takeListener: (fd) => {
        requireNoTracer(pid);
        link.sendListener(fd);
      },
    };
  }
  if (listener === undefined) return {};
  return { takeListener: (fd) => sendDescriptor(listener.path, Buffer.from(listener.message), fd) };
}

/**
 * The kernel asks a listener before it asks a tracer. So a call that a filter leaves to a tracer, and that fails without
 * one, would be carried out when the recorder lets it go on.
 *
 * Source: Linux 6.18 include/uapi/linux/seccomp.h: SECCOMP_RET_USER_NOTIF is below SECCOMP_RET_TRACE.
 */
function requireNoTracer(pid: number): void {
  const asks = ({ code, k }: SockFilter): boolean =>
    code === BPF_RET_K && (k & SECCOMP_RET_ACTION_FULL) >>> 0 === actions.trace.word;
  if (!readStoppedFilters(pid).some(({ program }) => program.some(asks))) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    'the profile in force leaves calls to a tracer (SCMP_ACT_TRACE), and under the recorder they would be carried out',
    {
      hint: 'record with a copy of the profile that has SCMP_ACT_ERRNO with errnoRet 38 there: without a tracer that is the same',
    },
  );
}

/** Only the exec shows whether an agent listens there. But if no agent can listen, the hook can report that now. */
function requireSocket({ path }: ListenerTarget): void {
  let found = 'there is nothing';
  try {
    if (statSync(path).isSocket()) return;
    found = 'it is not a socket';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') found = ioWords(error);
  }
  throw new OciSeccompError('ERR_HOOK', `listenerPath ${path}: ${found}`, {
    hint: 'start the seccomp agent first, and name its unix stream socket',
    details: { path },
  });
}

/** An error with any exit code: a process that does not exec runs without its filter. */
function describeEnd(pid: number, { status, bySignal }: { status: number; bySignal: boolean }): string {
  const end = bySignal ? `by signal ${status}` : `with exit code ${status}`;
  return `process ${pid} ended without executing a program, ${end}, and never had its filter: the container was deleted before its start, the start failed, or the runtime ran the workload itself`;
}

function describe(pid: number, program: Uint8Array, installed: InstalledFilter): string {
  const { filters, noNewPrivileges, compared } = installed;
  // Before Linux 5.9 the kernel does not tell how many filters there are: see inject-memory.ts.
  const unread = filters === undefined ? 'not read back' : 'counted, but not read back';
  const checked = compared
    ? 'read back and equal'
    : `${unread}, so it may be another one (--allow-unverified)`;
  return `process ${pid} has its filter: ${program.length / 8} instructions, ${checked}; filters ${filters ?? '?'}, no_new_privs ${noNewPrivileges ? 1 : 0}`;
}

function explain(error: unknown): string {
  if (!(error instanceof OciSeccompError)) return String(error);
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // The container no longer runs, and no process waits for a message.
  }
}
