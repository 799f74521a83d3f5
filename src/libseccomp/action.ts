/**
 * Actions as values: what a filter answers to a call.
 *
 * Source: libseccomp 2.6.1 include/seccomp.h.in (`SCMP_ACT_*`), seccomp(2).
 * @module
 */
import {
  type ActionKind,
  actionByOciAction,
  actions,
  type OciAction,
  parseReturnWord,
  type ReturnWord,
} from '../abi/actions.ts';
import { describe } from '../abi/check-values.ts';
import { errnoByName } from '../abi/errno.ts';
import { EPERM } from '../abi/errno-constants.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { OciSeccompError } from '../errors.ts';

/** The actions without data. */
export type PlainKind = Exclude<ActionKind, 'trap' | 'errno' | 'trace'>;

/**
 * One action with its data. `raw` is a word that libseccomp has no action for: an unknown action, which the kernel takes for
 * KILL_PROCESS, or data that the action does not take.
 */
export type Action =
  | { readonly kind: PlainKind }
  /** `data`, u16, arrives in `si_errno` of SIGSYS; a value other than 0 needs a library with `SCMP_ACT_TRAPX`. */
  | { readonly kind: 'trap'; readonly data: number }
  /** 0..4094; with 0 the call returns success but is not made. */
  | { readonly kind: 'errno'; readonly errno: number }
  /** u16, which the tracer reads with PTRACE_GETEVENTMSG. */
  | { readonly kind: 'trace'; readonly data: number }
  | { readonly kind: 'raw'; readonly word: ReturnWord };

/** Lets the call through. `SCMP_ACT_ALLOW` */
export const allow = (): Action => ({ kind: 'allow' });
/** Lets the call through and logs it. `SCMP_ACT_LOG`, since libseccomp 2.4.0, API level 3 */
export const log = (): Action => ({ kind: 'log' });
/** Asks a supervisor. `SCMP_ACT_NOTIFY`, since libseccomp 2.5.0, API level 5 */
export const notify = (): Action => ({ kind: 'notify' });
/** Ends the thread. `SCMP_ACT_KILL`, the old name of {@link killThread} */
export const kill = (): Action => ({ kind: 'killThread' });
/** Ends the thread; the process lives on without it. `SCMP_ACT_KILL_THREAD`, since libseccomp 2.4.0 (before: `SCMP_ACT_KILL`) */
export const killThread = (): Action => ({ kind: 'killThread' });
/** Ends the whole process with SIGSYS. `SCMP_ACT_KILL_PROCESS`, since libseccomp 2.4.0, API level 3 */
export const killProcess = (): Action => ({ kind: 'killProcess' });

/**
 * Sends the thread SIGSYS. `SCMP_ACT_TRAP`; with data `SCMP_ACT_TRAPX`, which releases up to 2.6.1 lack.
 *
 * @param data - u16, `si_errno` of the signal
 * @throws OciSeccompError `ERR_USAGE` for data that is not a u16
 */
export function trap(data = 0): Action {
  return { kind: 'trap', data: checkRange(data, 'trap data', 0xffff) };
}

/**
 * Makes the call fail. `SCMP_ACT_ERRNO`
 *
 * NOTE: a name stands for its number on x86, ARM and most others. MIPS and PA-RISC number many names differently: give a number
 * for them.
 *
 * @param error - name (`'EACCES'`) or number 0..4094
 * @throws OciSeccompError `ERR_USAGE` for an unknown name, or a number out of range; nothing is masked
 */
export function errno(error: string | number): Action {
  return { kind: 'errno', errno: parseErrno(error) };
}

/**
 * Stops the thread for its tracer; without one the call fails with ENOSYS. `SCMP_ACT_TRACE`
 *
 * @param data - u16, which the tracer reads with PTRACE_GETEVENTMSG
 * @throws OciSeccompError `ERR_USAGE` for data that is not a u16
 */
export function trace(data: number): Action {
  return { kind: 'trace', data: checkRange(data, 'trace data', 0xffff) };
}

function parseErrno(error: unknown): number {
  if (typeof error !== 'string') return checkRange(error, 'an errno', actions.errno.maxData);
  const number = errnoByName(error);
  if (number !== undefined) return number;
  throw new OciSeccompError('ERR_USAGE', `there is no error called ${describe(error)}`, {
    hint: 'use a name of errno(3), for instance EACCES, or a number',
  });
}

function checkRange(value: unknown, what: string, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value + 0; // -0 is 0
  throw new OciSeccompError('ERR_USAGE', `${what} is a whole number in 0..${max}, not ${describe(value)}`);
}

/**
 * Encodes an action as the word libseccomp and the kernel take.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that is not an action, or data out of range
 */
export function toNative(action: Action): ReturnWord {
  const given: { kind?: unknown } | null | undefined = action;
  if (typeof given !== 'object' || given === null) throw notAnAction(given);
  checkData(action);
  switch (action.kind) {
    case 'raw':
      return checkRange(action.word, 'a return word', 0xffffffff);
    case 'errno':
      return (actions.errno.word | checkRange(action.errno, 'an errno', actions.errno.maxData)) >>> 0;
    case 'trap':
    case 'trace':
      return (actions[action.kind].word | checkRange(action.data, `${action.kind} data`, 0xffff)) >>> 0;
    default: {
      const row =
        typeof action.kind === 'string' && Object.hasOwn(actions, action.kind)
          ? actions[action.kind]
          : undefined;
      if (row === undefined) throw notAnAction(action.kind);
      return row.word;
    }
  }
}

/** The one key beside `kind` that carries an action's data. */
const dataKeys: Readonly<Record<string, string>> = {
  errno: 'errno',
  trap: 'data',
  trace: 'data',
  raw: 'word',
};

/** Refuses keys that the action does not use, such as an errno of KILL: they would be lost. */
function checkData(action: Action): void {
  const kind: unknown = action.kind;
  const dataKey = typeof kind === 'string' && Object.hasOwn(dataKeys, kind) ? dataKeys[kind] : undefined;
  for (const key of Object.keys(action)) {
    if (key === 'kind' || key === dataKey) continue;
    throw new OciSeccompError(
      'ERR_USAGE',
      `an action of kind ${describe(kind)} has no key ${describe(key)}`,
      {
        hint: 'make actions with errno(…), trace(…), killProcess() and the like',
        details: { key },
      },
    );
  }
}

function notAnAction(value: unknown): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `${describe(value)} is not an action`, {
    hint: 'use allow(), errno(…), killProcess(), killThread(), log(), notify(), trace(…) or trap()',
  });
}

/**
 * Decodes a word. A word without a known action, or with data that its action does not take, is `raw`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a number that is not a u32
 */
export function fromNative(word: ReturnWord): Action {
  checkRange(word, 'a return word', 0xffffffff);
  const { action, data } = parseReturnWord(word);
  if (action === undefined) return { kind: 'raw', word };
  switch (action.kind) {
    case 'errno':
      return data <= actions.errno.maxData ? { kind: 'errno', errno: data } : { kind: 'raw', word };
    case 'trap':
    case 'trace':
      return { kind: action.kind, data };
    default:
      return data === 0 ? { kind: action.kind } : { kind: 'raw', word };
  }
}

/**
 * The action a profile names.
 *
 * @param ociAction - `SCMP_ACT_ERRNO` and the like
 * @param errnoRet - as in the profile: 0..4094 for ERRNO, u16 for TRACE; absent is EPERM for both, as runtime-spec says
 * @throws OciSeccompError `ERR_USAGE` for an unknown name, an errno out of range, or one for an action that takes none
 */
export function fromOci(ociAction: string, errnoRet?: number): Action {
  const row = actionByOciAction(ociAction);
  if (row === undefined) throw notAnAction(ociAction);
  if (row.kind === 'errno') return errno(errnoRet === undefined ? EPERM : errnoRet);
  if (row.kind === 'trace') return trace(errnoRet === undefined ? EPERM : errnoRet);
  if (errnoRet !== undefined) throw new OciSeccompError('ERR_USAGE', `${ociAction} takes no errno`);
  return row.kind === 'trap' ? trap() : { kind: row.kind };
}

/**
 * The action as a profile writes it.
 *
 * @throws OciSeccompError `ERR_USAGE` for what a profile cannot say (raw words, data of TRAP), or a value that is not an action
 */
export function toOci(action: Action): { action: OciAction; errnoRet?: number } {
  toNative(action);
  if (action.kind === 'raw' || (action.kind === 'trap' && action.data !== 0)) {
    throw new OciSeccompError('ERR_USAGE', `a profile cannot say ${formatAction(action)}`);
  }
  const { ociAction } = actions[action.kind];
  const data = actionData(action);
  return action.kind === 'trap' || data === undefined
    ? { action: ociAction }
    : { action: ociAction, errnoRet: data };
}

/**
 * The data of an action: errno, trace or trap data; `undefined` for actions without. Go's `GetReturnCode`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that is not an action
 */
export function actionData(action: Action): number | undefined {
  toNative(action);
  if (action.kind === 'errno') return action.errno;
  return action.kind === 'trap' || action.kind === 'trace' ? action.data : undefined;
}

/**
 * The same action with other data. Go's `SetReturnCode`.
 *
 * @param data - errno name or number for ERRNO, number for TRACE and TRAP
 * @throws OciSeccompError `ERR_USAGE` if the action carries no data, or the data is out of its range
 */
export function withActionData(action: Action, data: number | string): Action {
  toNative(action);
  if (action.kind === 'errno') return errno(data);
  if (action.kind === 'trace' || action.kind === 'trap') {
    return { kind: action.kind, data: checkRange(data, `${action.kind} data`, 0xffff) };
  }
  throw new OciSeccompError('ERR_USAGE', `${formatAction(action)} carries no data`);
}

/**
 * An action for people: `ALLOW`, `ERRNO EPERM (1)`, `TRACE 7`, `raw 0x12340000`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that is not an action
 */
export function formatAction(action: Action): string {
  const word = toNative(action);
  return action.kind === 'raw' ? `raw 0x${word.toString(16).padStart(8, '0')}` : formatReturnWord(word);
}
