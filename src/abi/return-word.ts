/**
 * Return words for people.
 * @module
 */
import { type ActionInfo, actions, parseReturnWord, type ReturnWord } from './actions.ts';
import { formatErrno } from './errno.ts';

/** `ALLOW`, `ERRNO EPERM (1)`, `TRACE 7`; an unknown word as the kernel takes it. */
export function formatReturnWord(word: ReturnWord): string {
  const { action, data } = parseReturnWord(word);
  if (action === undefined) return `0x${word.toString(16)}, unknown: the kernel kills the process`;
  const { kind, label, maxData }: ActionInfo = action;
  if (kind === 'errno') return `${label} ${data === 0 ? '0 (success)' : formatErrno(data)}`;
  return maxData !== undefined || data !== 0 ? `${label} ${data}` : label;
}

/** The largest errno that the kernel returns (`MAX_ERRNO`, include/linux/err.h); a larger one becomes it. */
const MAX_ERRNO = 4095;

/** The word with the same effect, without what the kernel ignores: unknown actions kill the process, most take no data. */
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

const strictestFirst = Object.values(actions).map(({ word }) => word as number);

/** An action's place in the order in which filters win, 0 the strictest (KILL_PROCESS) to 7 (ALLOW); data do not count. */
export function severityOf(word: ReturnWord): number {
  const { action } = parseReturnWord(word);
  return strictestFirst.indexOf(action?.word ?? actions.killProcess.word);
}
