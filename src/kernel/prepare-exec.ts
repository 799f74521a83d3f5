/**
 * Replacing this process by a program.
 *
 * Sources: execve(2), execvp(3), environ(7).
 * @module
 */
import { ENOEXEC } from '../abi/errno-constants.ts';
import { loadKoffi } from '../ffi.ts';
import type { PreparedCall } from './seccomp.ts';

/** What execvp(3) starts a file with that is neither ELF nor a script with `#!` (glibc: _PATH_BSHELL). */
const SHELL = '/bin/sh';

/**
 * Gets everything ready for execve(2): strings laid out, functions bound. The returned call makes execve(2) and, for a
 * file of an unknown format (ENOEXEC), as execvp(3) does, a second one with `/bin/sh` as interpreter.
 *
 * The environment is the C library's own `environ`, byte by byte: Node's copy of it replaces what is not UTF-8.
 *
 * NOTE: on success nothing after it runs: no exit handlers, no other thread. Only the calling thread's filters,
 * signal mask and no_new_privs go with it, so it must be called on the main thread.
 *
 * @param file - bytes of a path, without NUL
 * @param argv - the program's arguments, the first its own name; bytes without NUL
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function prepareExec(file: Uint8Array, argv: readonly Uint8Array[]): PreparedCall {
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const execve = libc.func('execve', 'int', ['uintptr_t', 'uintptr_t', 'uintptr_t']);
  const environ = libc.symbol('environ', 'void *');
  const shell = new TextEncoder().encode(SHELL);
  const attempt = ({ first, vector }: Layout): number => {
    // Read at the last moment: setenv(3) may have moved it.
    execve(first, vector, koffi.decode(environ, 'uintptr_t'));
    return koffi.errno();
  };
  const execute = (direct: Layout, throughShell: Layout): number => {
    const errno = attempt(direct);
    return errno === ENOEXEC ? attempt(throughShell) : errno;
  };
  // V8 compiles a function when it is called first, and makes system calls for that.
  execute(NOWHERE, NOWHERE);
  // SAFETY: the function holds both layouts, whose memory does not move.
  return execute.bind(undefined, layOut([file, ...argv]), layOut([shell, shell, file, ...argv.slice(1)]));
}

interface Layout {
  /** Keeps the memory. */
  readonly memory: Uint8Array;
  /** Address of the first string. */
  readonly first: bigint;
  /** Address of an array of the addresses of all others, with NULL at its end. */
  readonly vector: bigint;
}

/** The name of no file: EFAULT. */
const NOWHERE: Layout = { memory: new Uint8Array(), first: 0n, vector: 0n };

/** Puts strings into one piece of memory, with their addresses in front. */
function layOut(strings: readonly Uint8Array[]): Layout {
  const koffi = loadKoffi();
  const pointerSize: number = koffi.sizeof('void *');
  const tableSize = strings.length * pointerSize;
  const size = strings.reduce((sum, { length }) => sum + length + 1, tableSize);
  const memory = new Uint8Array(new ArrayBuffer(size));
  const base: bigint = koffi.address(memory);
  const table =
    pointerSize === 8
      ? new BigUint64Array(memory.buffer, 0, strings.length)
      : new Uint32Array(memory.buffer, 0, strings.length);
  let at = tableSize;
  const [first = base] = strings.map((string, i) => {
    const address = base + BigInt(at);
    memory.set(string, at);
    // The first string is the file, not an argument: entry 0 is the second, and the last entry stays NULL.
    if (i > 0) table[i - 1] = pointerSize === 8 ? address : Number(address);
    at += string.length + 1;
    return address;
  });
  return { memory, first, vector: base };
}

/** Gets `_exit(2)` ready: an end without exit handlers, for a process that may have lost the calls they need. */
export function prepareExit(): (status: number) => void {
  return loadKoffi().load(null).func('_exit', 'void', ['int']) as (status: number) => void;
}
