/**
 * Actions and the return words that encode them: one row an action.
 *
 * Sources: Linux 6.18 include/uapi/linux/seccomp.h (`SECCOMP_RET_*`), libseccomp 2.6.1 include/seccomp.h.in
 * (`SCMP_ACT_*`, the same words), runtime-spec 1.3 config-linux.md#seccomp (names).
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { frozen } from './frozen.ts';

/** The actions, the most severe first: `killProcess` and `log` since Linux 4.14, `notify` since 5.0 (seccomp(2)). */
export type ActionKind =
  | 'killProcess'
  | 'killThread'
  | 'trap'
  | 'errno'
  | 'notify'
  | 'trace'
  | 'log'
  | 'allow';

/** A u32: action in the bits 0xffff0000, 16 bits of data below. */
export type ReturnWord = number;

/** One action of seccomp in all its spellings. */
export interface ActionInfo {
  /** The name that this package uses. */
  readonly kind: ActionKind;
  /** The runtime-spec name. */
  readonly ociAction: OciAction;
  /** The return word with data 0. */
  readonly word: ReturnWord;
  /** The kernel's name, without `SECCOMP_RET_`. */
  readonly label: string;
  /** Largest data libseccomp takes, or `undefined` if the action carries none. */
  readonly maxData: number | undefined;
}

/** An action as runtime-spec spells it, `SCMP_ACT_ERRNO`. `SCMP_ACT_KILL` is an old name of `SCMP_ACT_KILL_THREAD`. */
export type OciAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_NOTIFY'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_ALLOW';

/** Strictest first: when several filters disagree, the kernel takes the earlier one (seccomp(2)). */
export const actions = frozen({
  killProcess: {
    kind: 'killProcess',
    ociAction: 'SCMP_ACT_KILL_PROCESS',
    word: 0x80000000,
    label: 'KILL_PROCESS',
    maxData: undefined,
  },
  killThread: {
    kind: 'killThread',
    ociAction: 'SCMP_ACT_KILL_THREAD',
    word: 0x00000000,
    label: 'KILL_THREAD',
    maxData: undefined,
  },
  trap: { kind: 'trap', ociAction: 'SCMP_ACT_TRAP', word: 0x00030000, label: 'TRAP', maxData: undefined },
  errno: { kind: 'errno', ociAction: 'SCMP_ACT_ERRNO', word: 0x00050000, label: 'ERRNO', maxData: 4094 },
  notify: {
    kind: 'notify',
    ociAction: 'SCMP_ACT_NOTIFY',
    word: 0x7fc00000,
    label: 'USER_NOTIF',
    maxData: undefined,
  },
  trace: { kind: 'trace', ociAction: 'SCMP_ACT_TRACE', word: 0x7ff00000, label: 'TRACE', maxData: 0xffff },
  log: { kind: 'log', ociAction: 'SCMP_ACT_LOG', word: 0x7ffc0000, label: 'LOG', maxData: undefined },
  allow: { kind: 'allow', ociAction: 'SCMP_ACT_ALLOW', word: 0x7fff0000, label: 'ALLOW', maxData: undefined },
} as const satisfies Record<ActionKind, ActionInfo>);

/** `SECCOMP_RET_ACTION_FULL`, the action bits of a return word. */
export const SECCOMP_RET_ACTION_FULL = 0xffff0000;
/** `SECCOMP_RET_DATA`, the data bits of a return word. */
const SECCOMP_RET_DATA = 0x0000ffff;

const byOciAction = new Map<string, ActionInfo>(Object.values(actions).map((row) => [row.ociAction, row]));
// runtime-spec: SCMP_ACT_KILL is the old name of SCMP_ACT_KILL_THREAD.
byOciAction.set('SCMP_ACT_KILL', actions.killThread);

const byWord = new Map<number, ActionInfo>(Object.values(actions).map((row) => [row.word, row]));

/** All runtime-spec action names. */
export const ociActions: readonly string[] = [...byOciAction.keys()];

/** Finds an action by its exact runtime-spec name. */
export function actionByOciAction(name: string): ActionInfo | undefined {
  return byOciAction.get(name);
}

/**
 * Builds a return word.
 *
 * @param data - errno for `errno` (0..4094, libseccomp's range), any u16 for `trace`, absent for all others
 * @throws OciSeccompError `ERR_USAGE` if the data does not fit the action; nothing is masked silently
 */
export function returnWord(kind: ActionKind, data = 0): ReturnWord {
  const row: ActionInfo = actions[kind];
  if (!Number.isInteger(data) || data < 0 || data > (row.maxData ?? 0)) {
    const range = row.maxData === undefined ? 'takes no data' : `takes data in 0..${row.maxData}`;
    throw new OciSeccompError('ERR_USAGE', `${row.label} ${range}, not ${data}`);
  }
  return (row.word | data) >>> 0;
}

/**
 * Takes a return word apart.
 *
 * @returns the action's row and the 16-bit data; the row is `undefined` for words the kernel does not know
 *   (it treats those as KILL_PROCESS)
 */
export function parseReturnWord(word: ReturnWord): { action: ActionInfo | undefined; data: number } {
  return { action: byWord.get((word & SECCOMP_RET_ACTION_FULL) >>> 0), data: word & SECCOMP_RET_DATA };
}
