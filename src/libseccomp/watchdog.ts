/**
 * An end for a process in which libseccomp may not return.
 * @module
 */
import { loadKoffi } from '../ffi.ts';

/**
 * Has the kernel end this process after some seconds: SIGALRM works inside a loop of native code, and when the parent
 * that would have ended it is gone. Wraps alarm(2).
 *
 * @param seconds - whole, 1 or more
 */
export function endProcessAfter(seconds: number): void {
  loadKoffi().load(null).func('alarm', 'unsigned int', ['unsigned int'])(seconds);
}
