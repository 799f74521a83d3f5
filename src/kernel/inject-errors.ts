/**
 * Why a filter did not get into a process.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { FROZEN, isFrozen } from './frozen-process.ts';
import type { InjectionEvent, InjectionState } from './inject-machine.ts';
import { nameProcess } from './process-status.ts';

interface End {
  readonly status: number;
  readonly bySignal: boolean;
}

export function endedError(pid: number, end: End | undefined): OciSeccompError {
  const how =
    end === undefined ? '' : end.bySignal ? ` by signal ${end.status}` : ` with exit code ${end.status}`;
  const SIGSYS = 31;
  const hint =
    end?.status === SIGSYS && end.bySignal
      ? 'a filter that it had before kills it for prctl or seccomp'
      : undefined;
  return new OciSeccompError('ERR_KERNEL', `process ${pid} ended${how} before its filter was in place`, {
    hint,
    details: { pid, ...end },
  });
}

/** Only another process that has written its memory can cause this. */
export function interferenceError(pid: number, difference: string): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `process ${nameProcess(pid)} was about to make a different system call from the one planned for it: ${difference}`,
    { hint: INTERFERENCE, details: { pid, difference } },
  );
}

const INTERFERENCE =
  'another process changes its memory: a container that shares its pid namespace and user can. Let the runtime install the filter (hook precreate, oci-seccomp-runtime), or do not share the namespace';

/** The process crashed before it became the container's program, so there was nothing to filter. */
export function crashError(pid: number, signal: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `process ${nameProcess(pid)} crashed before its program could run: signal ${signal}`,
    {
      hint: "execve(2) ends so if a limit of the container is too low for the program (RLIMIT_AS, RLIMIT_STACK); otherwise the runtime's own process crashed",
      details: { pid, signal },
    },
  );
}

export function lateError(pid: number, state: InjectionState): OciSeccompError {
  const hint = isFrozen(pid)
    ? `${FROZEN}: resume it`
    : state === 'returning'
      ? 'a call made in it does not return: the filter may send it to a listener'
      : 'the machine may be overloaded';
  return new OciSeccompError('ERR_KERNEL', `process ${nameProcess(pid)} did not reach its filter in time`, {
    hint,
    details: { pid, state },
  });
}

export function unexpectedError(pid: number, state: InjectionState, event: InjectionEvent): OciSeccompError {
  const hint =
    ['fault', 'birth', 'otherStop'].includes(event) && state !== 'waiting' ? INTERFERENCE : undefined;
  return new OciSeccompError(
    'ERR_KERNEL',
    `process ${nameProcess(pid)}: unexpected event '${event}' in state '${state}'`,
    {
      hint,
      details: { pid, state, event },
    },
  );
}

/** `details: {pid}`. */
export function notThereError(pid: number, found: string): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `the filter of process ${pid} is not there: ${found}`, {
    details: { pid },
  });
}

/** The filter may be another one by then; `details: {pid}`. */
export function unverifiedError(pid: number, reason: OciSeccompError): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `the filter of process ${pid} cannot be read back, so it may be another one: ${reason.message}`,
    {
      hint: `${reason.hint}; or accept a filter that nobody has compared: --allow-unverified`,
      details: { ...reason.details, pid },
      cause: reason,
    },
  );
}
