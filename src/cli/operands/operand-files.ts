/**
 * The files that operands stand for: those that match a glob, below a directory the JSON files and
 * the YAML files with profiles, else the operand itself.
 * @module
 */
import { type Dirent, readdir, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { MAX_DOCUMENT_SIZE } from '../../oci/document.ts';
import { readInput } from '../../pipeline/read-input.ts';

/**
 * Finds the files of an operand.
 *
 * @returns paths in order, `-` or a built-in's name as it is; what is neither there nor a pattern, and folders that cannot be
 *   searched, as they are: reading them says what is wrong
 * @throws OciSeccompError `ERR_IO` where a directory or pattern stands for no file
 */
export async function expandOperand(operand: string): Promise<readonly string[]> {
  if (operand === '-' || namesBuiltin(operand)) return [operand];
  const kind = fileKind(operand);
  if (kind === 'file') return [operand];
  const isDirectory = kind === 'directory';
  if (!isDirectory && !/[*?[\]{}()!+@]/.test(operand)) return [operand];
  const { glob, isDynamicPattern, escapePath } = await import('tinyglobby');
  if (!isDirectory && !isDynamicPattern(operand)) return [operand];
  const pattern = isDirectory ? `${escapePath(operand)}/**/*.{json,yaml,yml}` : operand;
  const closed = new Set<string>();
  const matching = await glob(pattern, {
    dot: true,
    expandDirectories: false,
    fs: { readdir: readdirNoting(closed) },
    // Of other people's, and of Git's, nothing is to be found.
    ...(isDirectory ? { ignore: ['**/node_modules/**', '**/.git/**'] } : {}),
  });
  const once = eachOnce(matching);
  const found = isDirectory ? once.filter(mayHoldProfile) : once;
  const files = [...found, ...closed];
  if (files.length > 0) return files.sort();
  throw new OciSeccompError(
    'ERR_IO',
    isDirectory
      ? `there is no profile below ${operand}: no *.json, and no *.yaml with a SeccompProfile`
      : `no file matches '${operand}'`,
    // Many YAML files are no workloads: they are read where somebody names them.
    isDirectory && matching.length > 0
      ? {
          hint: `files with pods are not searched: name them, ${shellCommand(['oci-seccomp', 'lint', `${operand}/*.yaml`])}`,
        }
      : {},
  );
}

/** Files without those that are found again through a link to a folder, perhaps to one above it: of each, the shortest path. */
function eachOnce(files: readonly string[]): readonly string[] {
  const folders = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const file of files) {
    const folder = dirname(file);
    const real = folders.get(folder) ?? realFolder(folder);
    folders.set(folder, real);
    const place = join(real, basename(file));
    const known = paths.get(place);
    if (known === undefined || file.length < known.length) paths.set(place, file);
  }
  return [...paths.values()];
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // Reading its files says what is wrong.
    return folder;
  }
}

/** readdir(3) that notes the folders which it may not read: the search passes over them, and what is in them is not known. */
function readdirNoting(closed: Set<string>): typeof readdir {
  const noting = (
    path: string,
    options: object,
    done: (error: Error | null, entries: Dirent[]) => void,
  ): void =>
    readdir(path, { ...options, withFileTypes: true }, (error, entries) => {
      if (error?.code === 'EACCES' || error?.code === 'EPERM') closed.add(relative('', path) || '.');
      done(error, entries);
    });
  // The search calls it in this one way.
  return noting as unknown as typeof readdir;
}

/** Among the many YAML files that a directory may hold, those with profiles. */
function mayHoldProfile(file: string): boolean {
  if (file.endsWith('.json')) return true;
  try {
    const text = new TextDecoder().decode(readInput(file, MAX_DOCUMENT_SIZE));
    return /^[ \t-]*kind:\s*["']?SeccompProfile(?:List)?\b|"defaultAction\\?"\s*:/m.test(text);
  } catch {
    return true;
  }
}

/** Whether {@link expandOperand} searches for the files: they were not named one by one. */
export function isSearched(operand: string): boolean {
  return operand !== '-' && !namesBuiltin(operand) && fileKind(operand) !== 'file';
}

/** `undefined` for a path that leads nowhere, or cannot be followed. */
function fileKind(path: string): 'file' | 'directory' | undefined {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}
