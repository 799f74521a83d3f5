/**
 * Return words for people.
 * @module
 */
import {
  type ActionInfo,
  actions,
  parseReturnWord,
  type ReturnWord,
  SECCOMP_RET_ACTION_FULL,
} from './actions.ts';
import type { ArchName } from './architectures.ts';
import { formatErrno, MAX_ERRNO } from './errno.ts';

/**
 * `ALLOW`, `ERRNO EPERM (1)`, `TRACE 7`; an unknown word with what it does.
 *
 * @param arch - whose names errors get: 89 is ENOSYS on MIPS; x86's, which most have, unless told
 */
export function formatReturnWord(word: ReturnWord, arch?: ArchName): string {
  const { action, data } = parseReturnWord(word);
  if (action === undefined)
    return `0x${word.toString(16)}, unknown: kills the process, unless another filter wins`;
  const { kind, label, maxData }: ActionInfo = action;
  if (kind === 'errno') return `${label} ${data === 0 ? '0 (success)' : formatErrno(data, arch)}`;
  return maxData !== undefined || data !== 0 ? `${label} ${data}` : label;
}

/** The word with the same effect: unknown actions kill the process, most take no data, and a larger errno becomes the largest. */
export function effectiveReturnWord(word: ReturnWord): ReturnWord {
  const { action, data } = parseReturnWord(word);
  if (action === undefined) return actions.killProcess.word;
  switch (action.kind) {
    case 'errno':
      return (action.word | Math.min(data, MAX_ERRNO)) >>> 0;
    // The data of TRAP is the signal's si_errno, that of TRACE the tracer's event message.
    case 'trap':
    case 'trace':
      return word >>> 0;
    default:
      return action.word;
  }
}

/**
 * An action's place in the order in which the filters of a task win: the lowest wins, whatever its data.
 *
 * The kernel compares action words as signed numbers and interprets only the winner (Linux 6.18 kernel/seccomp.c
 * ACTION_ONLY, seccomp_run_filters): an unknown action has a place of its own, and is KILL_PROCESS once it has won. For how
 * severe the *effect* of a filter alone is, ask about its {@link effectiveReturnWord}.
 *
 * @returns i32, the action bits; strictest first KILL_PROCESS (-2^31) to ALLOW (0x7fff0000)
 */
export function precedenceOf(word: ReturnWord): number {
  return word & SECCOMP_RET_ACTION_FULL;
}

/** Whether a word's action is one that no kernel knows (Linux 6.18). */
export function isUnknownAction(word: ReturnWord): boolean {
  return parseReturnWord(word).action === undefined;
}
