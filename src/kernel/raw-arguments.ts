/**
 * A process's command line as bytes: Node's own strings lose what is not UTF-8.
 *
 * Source: proc_pid_cmdline(5).
 * @module
 */
import { readFileSync } from 'node:fs';

/**
 * The last words of a command line, each without the NUL behind it.
 *
 * @param count - how many words, at most all
 * @throws the error of open(2) or read(2) if the process is gone
 */
export function rawArguments(count: number, pid: number | 'self' = 'self'): readonly Uint8Array[] {
  const bytes = readFileSync(`/proc/${pid}/cmdline`);
  const words: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from);
    words.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    from = end < 0 ? bytes.length : end + 1;
  }
  return count === 0 ? [] : words.slice(-count);
}
