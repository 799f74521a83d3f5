/**
 * What the kernel answered to a call of Node, in words.
 * @module
 */
import { getSystemErrorMap } from 'node:util';

/** `too many open files`; without words the code itself. */
export function ioWords(cause: unknown): string {
  const { errno = 0, code = 'unknown reason' } = (cause ?? {}) as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno)?.[1] ?? code;
}
