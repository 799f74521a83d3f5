/**
 * The file that a thread is about to execute, and whether it is to gain privileges.
 *
 * Sources: execve(2) "Interpreter scripts", execveat(2), fexecve(3), Linux 6.18 fs/exec.c
 * (bprm_fill_uid: the bits of the interpreter count, and those of a script do not; BINPRM_BUF_SIZE), fs/binfmt_script.c.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { readProcessStatus } from '../kernel/process-status.ts';
import { AT_FDCWD, type SeenPath, seenPath, type Viewer, viewerOf } from '../kernel/seen-path.ts';
import type { SeesServed } from '../kernel/served-mounts.ts';
import { pathAt } from '../kernel/thread-memory.ts';

const S_ISUID = 0o4000;
const S_ISGID = 0o2000;
const S_IXGRP = 0o010;
/** How many interpreters of interpreters the kernel follows. */
const MAX_SCRIPTS = 5;
const SCRIPT_LINE = 256;
/** include/uapi/asm-generic/fcntl.h, the same on all architectures that Node runs on: opens a name, and nothing behind it. */
const O_PATH = 0o10000000;

/** Where a thread says what it executes. */
export interface ExecutedPath {
  /** A path in its memory. */
  readonly address: bigint;
  /** The folder that the path starts at; the file itself if the path is empty. `undefined`: the thread's own folder. */
  readonly folder?: bigint;
}

/**
 * A file with a set-user-ID or set-group-ID bit that gains nothing, because the thread has no_new_privs.
 *
 * @param seesServed - if it is true for the thread, nothing is looked at: who serves the file may wait for this recorder
 * @returns its path as the thread sees it; `undefined` for any other file, and for one that cannot be looked at
 */
export function powerlessFile(
  { address, folder }: ExecutedPath,
  thread: number,
  seesServed: SeesServed,
): string | undefined {
  const status = readProcessStatus(thread);
  if (typeof status === 'string' || !status.noNewPrivileges || seesServed(thread)) return undefined;
  try {
    const path = pathAt(address, { thread, seesServed });
    if (path === undefined) return undefined;
    const base = folder === undefined ? AT_FDCWD : Number(BigInt.asIntN(32, folder));
    if (path === '' && base === AT_FDCWD) return undefined;
    const viewer = viewerOf(thread, seesServed);
    return withSetId(seenPath(path, base, viewer), viewer, status.uid);
  } catch {
    // The program chose the path. If it leads nowhere, there is nothing to tell.
    return undefined;
  }
}

/** @throws errors of stat(2) */
function withSetId(first: SeenPath, viewer: Viewer, uid: number): string | undefined {
  let file = first;
  for (let scripts = 0; scripts <= MAX_SCRIPTS; scripts += 1) {
    const { found, interpreter } = lookAtFile(file.at);
    if (!found.isFile()) return undefined;
    if (interpreter === undefined) {
      const changesUser = (found.mode & S_ISUID) !== 0 && found.uid !== uid;
      const changesGroup = (found.mode & S_ISGID) !== 0 && (found.mode & S_IXGRP) !== 0;
      return changesUser || changesGroup ? file.name : undefined;
    }
    file = seenPath(interpreter, AT_FDCWD, viewer);
  }
  return undefined;
}

/**
 * The file is held by its name alone until it is known what it is: the program could put a device in its place, and a
 * recorder with more rights would open that.
 *
 * @throws errors of open(2)
 */
function lookAtFile(path: string): { readonly found: Stats; readonly interpreter: string | undefined } {
  const held = openSync(path, O_PATH);
  try {
    const found = fstatSync(held);
    return { found, interpreter: found.isFile() ? interpreterOf(`/proc/self/fd/${held}`) : undefined };
  } finally {
    closeSync(held);
  }
}

/** The path after `#!`; `undefined` if the file cannot be read or does not begin with `#!`. */
function interpreterOf(path: string): string | undefined {
  let fd: number | undefined;
  try {
    // Without waiting for a program that holds a lease of it.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const bytes = new Uint8Array(SCRIPT_LINE);
    const text = new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes, 0, SCRIPT_LINE, 0)));
    return /^#![ \t]*([^ \t\n\0]+)/.exec(text)?.[1];
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
