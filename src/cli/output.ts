/**
 * A command's output: to standard output, or to a file that is written whole or not at all.
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { ioReason } from './input.ts';
import { isStdoutTerminal, writeStdout } from './streams.ts';

/**
 * Writes to a file (through a temporary file beside it and a rename) or to standard output (`-`).
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for bytes to a terminal
 */
export function writeOutput(path: string, output: string | Uint8Array): void {
  if (path !== '-') {
    writeFile(path, output);
    return;
  }
  if (typeof output !== 'string' && isStdoutTerminal()) {
    throw new OciSeccompError('ERR_USAGE', 'BPF is binary, and standard output is a terminal', {
      hint: 'write it to a file with -o FILE, or see it as text with --format asm, json, c, pfc or base64',
    });
  }
  writeStdout(output);
}

function writeFile(path: string, output: string | Uint8Array): void {
  let temporary: string | undefined;
  try {
    const target = writeTarget(path);
    if (target.special) {
      writeFileSync(target.path, output);
      return;
    }
    temporary = join(dirname(target.path), `.oci-seccomp-${process.pid}.tmp`);
    const fd = openSync(temporary, 'wx', 0o644);
    try {
      if (target.mode !== undefined) fchmodSync(fd, target.mode);
      writeFileSync(fd, output);
      // Once more: a write by one who is not root takes the set-user-id and set-group-id bits away.
      if (target.mode !== undefined) fchmodSync(fd, target.mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target.path);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `cannot write ${path}: ${ioReason(code)}`, { cause });
  }
}

/** Where the bytes go: behind a symbolic link its target, and devices and pipes (`/dev/stdout`) directly. A file that is replaced keeps its mode. */
function writeTarget(path: string): { path: string; special: boolean; mode?: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { path, special: false };
  if (!found.isFile()) return { path, special: true };
  return { path: realpathSync(path), special: false, mode: found.mode & 0o7777 };
}
