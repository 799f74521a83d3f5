/**
 * Becoming another program: same process, same descriptors, and the state that Node has changed put back.
 *
 * Node, at its start, raises the soft limit of open files, ignores SIGPIPE and SIGXFSZ, takes back which signals were
 * ignored or blocked, and sets close-on-exec on the descriptors it has inherited. A program started by execve(2) inherits all of it, and a container in turn from crun. What was
 * there before has to be noted before Node starts, by the shell that starts it (tools/runtime-launcher.sh).
 *
 * Sources: execve(2), signal(7), getrlimit(2), fcntl(2), proc(5), Node 20 src/node.cc `PlatformInit`, libuv src/unix/core.c
 * `uv_disable_stdio_inheritance`.
 * @module
 */
import { readFileSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

/** What a process inherits and Node changes. */
export interface Inherited {
  /** Soft limit of open files; `undefined`: none. */
  readonly openFiles: bigint | undefined;
  /** Signals that are ignored, and those that are blocked: signal n is bit n-1. */
  readonly ignored: bigint;
  readonly blocked: bigint;
  /** Open descriptors; Node sets close-on-exec on all of them. */
  readonly descriptors: readonly number[];
}

/**
 * Reads what the launcher noted: soft limit, SigIgn and SigBlk as /proc/self/limits and /proc/self/status have them,
 * and the open descriptors, separated by commas.
 *
 * @returns `undefined` if there is no note, or not in that form
 */
export function parseInherited(note: string | undefined): Inherited | undefined {
  const match = /^(\d{1,19}|unlimited) ([0-9a-f]{16}) ([0-9a-f]{16}) ((?:\d{1,9},?)*)$/.exec(note ?? '');
  if (match === null) return undefined;
  const [, limit = '', ignored = '', blocked = '', descriptors = ''] = match;
  return {
    openFiles: limit === 'unlimited' ? undefined : BigInt(limit),
    ignored: BigInt(`0x${ignored}`),
    blocked: BigInt(`0x${blocked}`),
    descriptors: descriptors === '' ? [] : descriptors.split(',').map(Number),
  };
}

/** The last words of this process's command line, as bytes: Node's own strings lose what is not UTF-8. */
export function rawArguments(count: number): readonly Uint8Array[] {
  const bytes = readFileSync('/proc/self/cmdline');
  const words: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from);
    words.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    from = end < 0 ? bytes.length : end + 1;
  }
  return count === 0 ? [] : words.slice(-count);
}

/**
 * Replaces this process with another program. The environment stays as it is.
 *
 * @param path - of the program
 * @param args - its command line from argv[0] on
 * @param inherited - to put back; `undefined`: only SIGPIPE and SIGXFSZ are, to their defaults
 * @throws OciSeccompError `ERR_KERNEL` (`details.errno`) if the program cannot be executed; `ERR_FFI`
 */
export function replaceProcess(
  path: string,
  args: readonly Uint8Array[],
  inherited: Inherited | undefined,
): never {
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  restoreSignals(libc, inherited);
  restoreDescriptors(libc, inherited?.descriptors ?? STANDARD_STREAMS);
  if (inherited !== undefined) restoreOpenFiles(libc, inherited.openFiles);
  const words = args.map((word) => {
    // A buffer of its own, whose memory does not move.
    const bytes = new Uint8Array(new ArrayBuffer(word.length + 1));
    bytes.set(word);
    return bytes;
  });
  const argv = BigUint64Array.from([...words.map((word) => koffi.address(word)), 0n]);
  libc.func('execv', 'int', ['const char *', 'void *'])(path, argv);
  const errno = koffi.errno();
  throw new OciSeccompError('ERR_KERNEL', `${path} cannot be executed: ${getSystemErrorName(-errno)}`, {
    details: { errno },
  });
}

type NativeLibrary = ReturnType<ReturnType<typeof loadKoffi>['load']>;

const SIG_DFL = 0;
const SIG_IGN = 1;
/** asm-generic/signal.h; every architecture Node runs on. */
const SIG_SETMASK = 2;
const SIGPIPE = 13;
const SIGXFSZ = 25;
const SIGNALS_NODE_TOUCHES = 31;
/** `sigset_t` of glibc and musl. */
const SIGSET_BYTES = 128;

/** Handlers of Node's own need no undoing: execve(2) resets them. */
function restoreSignals(libc: NativeLibrary, inherited: Inherited | undefined): void {
  const signal = libc.func('signal', 'void *', ['int', 'intptr_t']);
  const ignored = inherited?.ignored ?? 0n;
  for (let signum = 1; signum <= SIGNALS_NODE_TOUCHES; signum++) {
    const wasIgnored = ((ignored >> BigInt(signum - 1)) & 1n) === 1n;
    if (wasIgnored) signal(signum, SIG_IGN);
    else if (signum === SIGPIPE || signum === SIGXFSZ) signal(signum, SIG_DFL);
  }
  if (inherited === undefined || inherited.blocked === 0n) return;
  const set = new Uint8Array(SIGSET_BYTES);
  new BigUint64Array(set.buffer)[0] = inherited.blocked;
  libc.func('sigprocmask', 'int', ['int', 'void *', 'void *'])(SIG_SETMASK, set, null);
}

const F_SETFD = 2;
const STANDARD_STREAMS = [0, 1, 2] as const;

function restoreDescriptors(libc: NativeLibrary, descriptors: readonly number[]): void {
  const fcntl = libc.func('fcntl', 'int', ['int', 'int', 'int']);
  for (const fd of descriptors) fcntl(fd, F_SETFD, 0);
}

/** asm-generic/resource.h; MIPS has 5. */
const RLIMIT_NOFILE = 7;

/** struct rlimit: soft u64 @0, hard u64 @8. */
function restoreOpenFiles(libc: NativeLibrary, soft: bigint | undefined): void {
  const limits = new BigUint64Array(2);
  if (soft === undefined || libc.func('getrlimit', 'int', ['int', 'void *'])(RLIMIT_NOFILE, limits) !== 0)
    return;
  limits[0] = soft;
  libc.func('setrlimit', 'int', ['int', 'void *'])(RLIMIT_NOFILE, limits);
}
