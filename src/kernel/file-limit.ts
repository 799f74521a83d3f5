/**
 * The limit of open files, which Node raises at its start.
 *
 * Sources: getrlimit(2), proc_pid_limits(5). Node v20 and v24 src/node.cc PlatformInit: the soft limit of open files is
 * raised to the hard one.
 * @module
 */
import { readFileSync } from 'node:fs';
import { loadKoffi } from '../ffi.ts';

const RLIMIT_NOFILE = 7;

/** Soft and hard limit of open files; `undefined`: unlimited. */
interface FileLimit {
  readonly soft: bigint | undefined;
  readonly hard: bigint | undefined;
}

/** The limit of open files of a process, or `undefined` if it cannot be read: the process is not seen from here. */
function fileLimit(pid: number | 'self'): FileLimit | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    return undefined;
  }
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  return { soft: parseLimit(soft), hard: parseLimit(hard) };
}

function parseLimit(text: string): bigint | undefined {
  return text === 'unlimited' ? undefined : BigInt(text);
}

/**
 * Lowers the soft limit of open files to the parent's, where Node raised it.
 *
 * NOTE: the limit before Node started is lost; the parent's is the same unless it was changed between fork and exec, as
 * prlimit(1) does. Nothing happens where the parent is not seen, as for the first process of a container.
 */
export function restoreFileLimit(parent: number): void {
  const own = fileLimit('self');
  const wanted = fileLimit(parent)?.soft;
  if (own === undefined || wanted === undefined) return;
  if (own.soft !== undefined && wanted >= own.soft) return;
  setSoftFileLimit(wanted);
}

/** Sets the soft limit of open files; the hard one stays. Nothing happens if the kernel refuses. */
export function setSoftFileLimit(wanted: bigint): void {
  const libc = loadKoffi().load(null);
  const size: number = loadKoffi().sizeof('unsigned long');
  // struct rlimit: rlim_cur unsigned long, rlim_max unsigned long; the hard limit is read so that it stays as it is.
  const limit = new Uint8Array(2 * size);
  if (libc.func('getrlimit', 'int', ['int', 'void *'])(RLIMIT_NOFILE, limit) !== 0) return;
  if (size === 8) new BigUint64Array(limit.buffer, 0, 1)[0] = wanted;
  else new Uint32Array(limit.buffer, 0, 1)[0] = Number(wanted);
  libc.func('setrlimit', 'int', ['int', 'void *'])(RLIMIT_NOFILE, limit);
}
