/**
 * Paths relative to the root of a repository, as code hosts name them, wherever the command was run.
 * @module
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The root of the repository that the working directory is in, else the working directory. */
export function repositoryRoot(): string {
  return repositoryOf(realpathSync('.'));
}

/** The nearest folder with a `.git`, at a folder or above it; without one, the folder itself. */
export function repositoryOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    // In a worktree and in a submodule `.git` is a file.
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** @returns the path of a file below the root with `/`; the file's name as it is if it is not below it, or no path */
export function repositoryPath(root: string, file: string): string {
  if (file.startsWith('<')) return file;
  const path = relative(root, isAbsolute(file) ? file : resolve(realpathSync('.'), file));
  return path === '' || path === '..' || path.startsWith('../') ? file : path;
}
