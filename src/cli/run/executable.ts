/**
 * Which file a command starts, and what kind of program it is.
 *
 * Sources: execvp(3) (the search in PATH), execve(2) (interpreters), elf(5).
 * @module
 */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type ArchName, allArchitectures, type Endian } from '../../abi/architectures.ts';
import { ioReason, reasonOfCode } from '../../pipeline/files.ts';

/** execvp(3) of glibc where PATH is not set: confstr(_CS_PATH). */
const DEFAULT_PATH = '/bin:/usr/bin';

type Lookup =
  | { readonly found: true; readonly path: string }
  /** 127 without such a file, 126 for one that cannot be run: as env(1), nohup(1) and shells have it. */
  | { readonly found: false; readonly exitCode: 126 | 127; readonly reason: string };

/** After these, execvp(3) goes on with the next folder; any other error ends its search. */
const NOT_HERE: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ESTALE', 'ENODEV', 'ETIMEDOUT'];

/** Finds the file that execvp(3) would start. */
export function findExecutable(command: string, path: string | undefined): Lookup {
  const isPath = command.includes('/');
  const folders = isPath ? [undefined] : (path ?? DEFAULT_PATH).split(':');
  const missing = reasonOfCode('ENOENT');
  const none: Lookup = { found: false, exitCode: 127, reason: isPath ? missing : 'no folder of PATH has it' };
  let denied = false;
  let last = none;
  for (const folder of command === '' ? [] : folders) {
    const candidate = folder === undefined ? command : `${folder === '' ? '.' : folder}/${command}`;
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return { found: true, path: candidate };
      denied = true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES') denied = true;
      else last = code === 'ENOENT' ? none : { found: false, exitCode: 126, reason: ioReason(error) };
      if (code !== 'EACCES' && !NOT_HERE.includes(code)) return last;
    }
  }
  return denied ? { found: false, exitCode: 126, reason: reasonOfCode('EACCES') } : last;
}

export interface ExecutableKind {
  /** The architecture that its system calls are of, if it is an ELF file of one that libseccomp knows. */
  readonly arch: ArchName | undefined;
  /** Which loader starts it; `undefined`: none, it is linked statically. */
  readonly loader: 'glibc' | 'other' | undefined;
}

/** execve(2): an interpreter may itself be a script, four times. */
const MAX_INTERPRETERS = 4;
const HEAD_SIZE = 4096;

/** What a file is, its interpreter's kind for a script; `undefined` if it cannot be told, as where it cannot be read. */
export function executableKind(path: string): ExecutableKind | undefined {
  let file = path;
  for (let depth = 0; depth <= MAX_INTERPRETERS; depth++) {
    const head = readHead(file);
    if (head === undefined) return undefined;
    const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head.toString('latin1'))?.[1];
    if (interpreter === undefined) return elfKind(head);
    file = interpreter;
  }
  return undefined;
}

function readHead(path: string): Buffer | undefined {
  try {
    // NONBLOCK: an interpreter may be a pipe, whose opening would wait for its writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return undefined;
      const head = Buffer.alloc(HEAD_SIZE);
      return head.subarray(0, readSync(fd, head));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

const PT_INTERP = 3;
const ELFCLASS64 = 2;
const EM_X86_64 = 62;

/** `e_machine` is the low half of the audit architecture (include/uapi/linux/audit.h); x32 is x86_64 of class 32. */
function elfKind(head: Buffer): ExecutableKind | undefined {
  if (head.length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const wide = head[4] === ELFCLASS64;
  const endian: Endian = head[5] === 2 ? 'big' : 'little';
  const little = endian === 'little';
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const machine = view.getUint16(18, little);
  const row = allArchitectures.find(
    (each) =>
      (each.auditArch & 0xffff) === machine &&
      each.endian === endian &&
      (machine === EM_X86_64 ? (each.name === 'x32') !== wide : (each.bits === 64) === wide),
  );
  const at = wide ? Number(view.getBigUint64(32, little)) : view.getUint32(28, little);
  const size = view.getUint16(wide ? 54 : 42, little);
  const count = view.getUint16(wide ? 56 : 44, little);
  const header = Array.from({ length: Math.min(count, 64) }, (_, i) => at + i * size).find(
    (offset) => offset + size <= head.length && view.getUint32(offset, little) === PT_INTERP,
  );
  if (header === undefined) return { arch: row?.name, loader: undefined };
  const name = wide ? Number(view.getBigUint64(header + 8, little)) : view.getUint32(header + 4, little);
  const interpreter = head.toString('latin1', name, Math.min(name + 64, head.length));
  return { arch: row?.name, loader: GLIBC_LOADER.test(interpreter) ? 'glibc' : 'other' };
}

/** `ld-linux-x86-64.so.2`, `ld-linux.so.2`, `ld64.so.2`, `ld.so.1`; musl's are `ld-musl-ARCH.so.1`. */
const GLIBC_LOADER = /\/ld(-linux[^/]*|64)?\.so\.\d/;
