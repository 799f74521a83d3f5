/**
 * Why a filter did not get into a process.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
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
    ...(hint === undefined ? {} : { hint }),
    details: { pid, ...end },
  });
}

export function lateError(pid: number, state: InjectionState): OciSeccompError {
  const returning = state === 'returning';
  return new OciSeccompError('ERR_KERNEL', `process ${nameProcess(pid)} did not come to its filter in time`, {
    hint: returning
      ? 'a call made in it does not return: the filter sends it to a listener, or the container is frozen'
      : 'the container is frozen, or the machine is out of breath',
    details: { pid, state },
  });
}

export function unexpectedError(pid: number, state: InjectionState, event: InjectionEvent): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `process ${nameProcess(pid)}: ${event} while ${state}`, {
    details: { pid, state, event },
  });
}
