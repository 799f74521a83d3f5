/**
 * Becoming another program: same process, same descriptors, and what Node has changed put back as it was.
 *
 * What was there before has to be noted before Node starts, by the shell that starts it (tools/runtime-launcher.sh):
 * Node, at its start, raises the soft limit of open files, ignores SIGPIPE and SIGXFSZ, takes back which signals were
 * ignored or blocked, and sets close-on-exec on the descriptors it has inherited. A program started by execve(2) inherits
 * all of it, and a container in turn from crun.
 *
 * Sources: execve(2), proc(5), Node v20 src/node.cc PlatformInit, libuv src/unix/core.c uv_disable_stdio_inheritance.
 * @module
 */
import { readFileSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { OciSeccompError } from '../errors.ts';
import { inheritDescriptors } from './descriptors.ts';
import { setSoftFileLimit } from './file-limit.ts';
import { prepareExec } from './prepare-exec.ts';
import { restoreSignals, type SignalState } from './signals.ts';

/** What a process inherits and Node changes. */
export interface Inherited extends SignalState {
  /** Soft limit of open files; `undefined`: none. */
  readonly openFiles: bigint | undefined;
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
 * @param inherited - to put back; `undefined`: signals get their defaults, and the standard streams are inherited
 * @throws OciSeccompError `ERR_KERNEL` (`details.errno`) if the program cannot be executed; `ERR_FFI`
 */
export function replaceProcess(
  path: string,
  args: readonly Uint8Array[],
  inherited: Inherited | undefined,
): never {
  const execute = prepareExec(new TextEncoder().encode(path), args);
  restoreSignals(inherited);
  inheritDescriptors(inherited?.descriptors ?? STANDARD_STREAMS);
  if (inherited?.openFiles !== undefined) setSoftFileLimit(inherited.openFiles);
  const errno = execute();
  throw new OciSeccompError('ERR_KERNEL', `${path} cannot be executed: ${getSystemErrorName(-errno)}`, {
    details: { errno },
  });
}

const STANDARD_STREAMS = [0, 1, 2] as const;
