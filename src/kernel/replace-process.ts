/**
 * Becoming another program: same process, same descriptors, and what Node has changed put back as it was.
 *
 * At its start, Node raises the soft limit of open files, ignores SIGPIPE and SIGXFSZ, and sets close-on-exec on the
 * descriptors it has inherited. It also resets which signals were ignored or blocked. A program started by execve(2)
 * inherits all of that, and a container inherits it from crun. So the shell that starts Node notes what was there before
 * (tools/runtime-launcher.sh).
 *
 * Sources: execve(2), proc(5), Node v20 src/node.cc PlatformInit, libuv src/unix/core.c uv_disable_stdio_inheritance.
 * @module
 */
import { getSystemErrorName } from 'node:util';
import { OciSeccompError } from '../errors.ts';
import { inheritDescriptors } from './descriptors.ts';
import { setSoftFileLimit } from './file-limit.ts';
import { prepareExec } from './prepare-exec.ts';
import { restoreSignals, type SignalState } from './signals.ts';

/** What a process inherits and Node changes. */
interface Inherited extends SignalState {
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
