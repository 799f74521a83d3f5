/**
 * Paths as the pages of a repository name them: relative to its root, wherever the command was run.
 * @module
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The folder that holds `.git`, at the working directory or above it, else the working directory. */
export function repositoryRoot(): string {
  const start = realpathSync('.');
  for (let at = start; ; at = dirname(at)) {
    // A file in a worktree and in a submodule.
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return start;
  }
}

/** @returns the path of a file below the root with `/`; the file's name as it is if it is not below it, or no path */
export function repositoryPath(root: string, file: string): string {
  if (file.startsWith('<')) return file;
  const path = relative(root, isAbsolute(file) ? file : resolve(realpathSync('.'), file));
  return path === '' || path === '..' || path.startsWith('../') ? file : path;
}
