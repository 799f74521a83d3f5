/**
 * Return words for people.
 * @module
 */
import { type ActionInfo, parseReturnWord, type ReturnWord } from './actions.ts';
import { formatErrno } from './errno.ts';

/** `ALLOW`, `ERRNO EPERM (1)`, `TRACE 7`; an unknown word as the kernel takes it. */
export function formatReturnWord(word: ReturnWord): string {
  const { action, data } = parseReturnWord(word);
  if (action === undefined) return `0x${word.toString(16)}, unknown: the kernel kills the process`;
  const { kind, label, maxData }: ActionInfo = action;
  if (kind === 'errno') return `${label} ${data === 0 ? '0 (success)' : formatErrno(data)}`;
  return maxData !== undefined || data !== 0 ? `${label} ${data}` : label;
}
