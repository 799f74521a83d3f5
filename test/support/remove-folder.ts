/**
 * Removes a folder that a process which is just ending may still write into, as a supervisor writes the last line of
 * its log.
 *
 * `maxRetries` of `rmSync` does not do: it lists the folder once, and then only tries the `rmdir` again (Node 20).
 * @module
 */
import { rmSync } from 'node:fs';
import { HANGS_AFTER } from './patience.ts';

/** @throws the error of `rmSync` that is not about a file which came in meanwhile, or that stays */
export function removeFolder(folder: string): void {
  for (const end = Date.now() + HANGS_AFTER; ; ) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || Date.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
