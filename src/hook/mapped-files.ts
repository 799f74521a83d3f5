/**
 * What files a process has mapped: its program and the libraries it has loaded.
 * @module
 */
import { readFileSync } from 'node:fs';

/**
 * Lists paths, each once.
 *
 * @returns `undefined` if there is no such process, or it may not be looked at (ptrace(2), PTRACE_MODE_READ)
 */
export function mappedFiles(pid: number | 'self'): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return undefined;
  }
  // proc_pid_maps(5): address, mode, offset, device and inode stand before the path, which may hold spaces.
  const paths = text.split('\n').flatMap((line) => /^(?:\S+ +){5}(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
}
