/**
 * Notifications as structs, and the calls that carry them.
 *
 * Sources: seccomp_unotify(2), Linux 6.18 include/uapi/linux/seccomp.h, libseccomp 2.6.1 src/system.c.
 * @module
 */
import { type ArchName, allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { formatErrno } from '../abi/errno.ts';
import { EBADF, ECANCELED, EINPROGRESS, EINVAL, ENOENT, ENOTTY } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import type { Library } from './library.ts';
import { callInPool } from './notify-wait.ts';
import { checkResult } from './result.ts';

/** struct seccomp_notif: id u64 @0, pid u32 @8, flags u32 @12, data struct seccomp_data @16. */
export const NOTIF_SIZE = 80;
/** struct seccomp_notif_addfd: id u64 @0, flags u32 @8, srcfd u32 @12, newfd u32 @16, newfd_flags u32 @20. */
const ADDFD_SIZE = 24;

/** A request as the kernel hands it over. */
export interface RawRequest {
  readonly id: bigint;
  readonly pid: number;
  readonly flags: number;
  readonly nr: number;
  readonly auditArch: number;
  readonly instructionPointer: bigint;
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
}

/** An answer as the kernel takes it; `error` is 0 or a negative errno. */
export interface RawResponse {
  readonly value: bigint;
  readonly error: number;
  readonly flags: number;
}

interface RawAddFd {
  readonly flags: number;
  readonly srcFd: number;
  readonly newFd: number;
  readonly newFdFlags: number;
}

/** Decodes struct seccomp_notif, 80 bytes in this machine's byte order. */
export function decodeRequest(bytes: Uint8Array): RawRequest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u64 = (at: number): bigint => view.getBigUint64(at, HOST_IS_LITTLE);
  return {
    id: u64(0),
    pid: view.getUint32(8, HOST_IS_LITTLE),
    flags: view.getUint32(12, HOST_IS_LITTLE),
    nr: view.getInt32(16, HOST_IS_LITTLE),
    auditArch: view.getUint32(20, HOST_IS_LITTLE),
    instructionPointer: u64(24),
    args: [u64(32), u64(40), u64(48), u64(56), u64(64), u64(72)],
  };
}

const byAuditArch = new Map(
  allArchitectures.filter(({ name }) => name !== 'x32').map((row) => [row.auditArch, row.name]),
);

/** The architecture of a call. x32 shares x86_64's audit value; bit 30 of nr tells them apart. */
export function archOfCall({ auditArch, nr }: RawRequest): ArchName | undefined {
  const found = byAuditArch.get(auditArch);
  return found === 'x86_64' && (nr & X32_SYSCALL_BIT) !== 0 ? 'x32' : found;
}

/** @throws OciSeccompError `ERR_USAGE` if it is no descriptor number */
export function checkFd(fd: unknown, what = 'a notification descriptor'): void {
  if (typeof fd === 'number' && Number.isInteger(fd) && fd >= 0 && fd <= 0x7fffffff) return;
  throw new OciSeccompError('ERR_USAGE', `${what} is a whole number from 0 on, not ${describe(fd)}`);
}

/** @throws OciSeccompError `ERR_USAGE` if it is no u64 */
export function checkId(id: unknown): void {
  if (typeof id === 'bigint' && id >= 0n && id < 1n << 64n) return;
  throw new OciSeccompError('ERR_USAGE', `the id of a notification is a 64-bit bigint, not ${describe(id)}`);
}

/**
 * Whether a request still waits. Wraps seccomp_notify_id_valid(3), since libseccomp 2.5.0.
 *
 * @throws OciSeccompError `ERR_USAGE` if the descriptor is closed, or not for notifications
 */
export function isValidId(library: Library, fd: number, id: bigint): boolean {
  const result = library.call('seccomp_notify_id_valid')(fd, id) as number;
  // libseccomp answers -ENOENT whatever the kernel's error was.
  const errno = loadKoffi().errno();
  if (result === -ENOENT && (errno === EBADF || errno === ENOTTY)) throw notAListener(fd, errno);
  if (result === -ENOENT) return false;
  checkResult(result, 'seccomp_notify_id_valid', fd, String(id));
  return true;
}

/** @throws OciSeccompError `ERR_USAGE` if the descriptor is not for notifications */
export function requireListener(library: Library, fd: number): void {
  checkFd(fd);
  isValidId(library, fd, 0n);
}

function notAListener(fd: number, errno: number): OciSeccompError {
  const what = errno === EBADF ? 'is not open' : 'is not a notification descriptor';
  return new OciSeccompError('ERR_USAGE', `descriptor ${fd} ${what}`, {
    hint: 'it comes from Filter.notifyFd(), or from a container runtime over its listener socket',
    details: { fd, errno },
  });
}

/** `seccomp_notify_alloc` asks the kernel for the sizes (SECCOMP_GET_NOTIF_SIZES), so later kernels' structs fit. */
export function allocate(library: Library, which: 'request' | 'response'): bigint {
  const slot = new BigUint64Array(1);
  const slots = which === 'request' ? [slot, null] : [null, slot];
  checkResult(library.call('seccomp_notify_alloc')(...slots) as number, 'seccomp_notify_alloc');
  return slot[0] ?? 0n;
}

/**
 * Receives a request that poll(2) has announced. Wraps seccomp_notify_receive(3), since libseccomp 2.5.0; in the
 * thread pool, because it blocks if another reader of the descriptor was faster.
 *
 * @returns `undefined` if the request is gone: its thread has died
 * @throws OciSeccompError `ERR_USAGE` if the descriptor has been closed; `ERR_LIBSECCOMP`
 */
export async function receive(library: Library, fd: number): Promise<RawRequest | undefined> {
  const request = allocate(library, 'request');
  try {
    // SAFETY: the struct is freed after the call has returned.
    const result = await callInPool(library.call('seccomp_notify_receive'), fd, request);
    if (result === -ECANCELED) {
      // The errno is lost in the pool. It was ENOENT or EINTR, unless the descriptor is wrong: that throws.
      requireListener(library, fd);
      return undefined;
    }
    checkResult(result, 'seccomp_notify_receive', fd);
    return decodeRequest(loadKoffi().decode(request, 'uint8_t', NOTIF_SIZE) as Uint8Array);
  } finally {
    library.call('seccomp_notify_free')(request, null);
  }
}

/** Answers a request. Wraps seccomp_notify_respond(3), since libseccomp 2.5.0. Errors: {@link kernelError}. */
export function send(library: Library, fd: number, id: bigint, { value, error, flags }: RawResponse): void {
  const koffi = loadKoffi();
  const response = allocate(library, 'response');
  try {
    koffi.encode(response, 0, 'uint64_t', id);
    koffi.encode(response, 8, 'int64_t', value);
    koffi.encode(response, 16, 'int32_t', error);
    koffi.encode(response, 20, 'uint32_t', flags);
    const result = library.call('seccomp_notify_respond')(fd, response) as number;
    if (result === -ECANCELED) throw kernelError(library, 'seccomp_notify_respond', koffi.errno(), fd, id);
    checkResult(result, 'seccomp_notify_respond', fd);
  } finally {
    library.call('seccomp_notify_free')(null, response);
  }
}

/**
 * Puts a descriptor into the target. Wraps seccomp_notify_addfd(3) if the library has it, else
 * ioctl(SECCOMP_IOCTL_NOTIF_ADDFD), since Linux 5.9.
 *
 * @returns its number there
 */
export function addFd(library: Library, fd: number, id: bigint, added: RawAddFd): number {
  const koffi = loadKoffi();
  const view = new DataView(new ArrayBuffer(ADDFD_SIZE));
  view.setBigUint64(0, id, HOST_IS_LITTLE);
  const words = [added.flags, added.srcFd, added.newFd, added.newFdFlags];
  for (const [i, word] of words.entries()) view.setUint32(8 + 4 * i, word, HOST_IS_LITTLE);
  const bytes = new Uint8Array(view.buffer);
  const call = library.find('seccomp_notify_addfd');
  if (call === undefined) {
    const ioctl = koffi.load(null).func('ioctl', 'int', ['int', 'unsigned long', 'uint8_t *']);
    const result = ioctl(fd, addFdRequest(), bytes) as number;
    if (result < 0) throw kernelError(library, 'ioctl(SECCOMP_IOCTL_NOTIF_ADDFD)', koffi.errno(), fd, id);
    return result;
  }
  const result = call(fd, bytes) as number;
  if (result === -ECANCELED) throw kernelError(library, 'seccomp_notify_addfd', koffi.errno(), fd, id);
  checkResult(result, 'seccomp_notify_addfd', fd);
  return result;
}

/** `_IOW('!', 3, struct seccomp_notif_addfd)`; POWER and MIPS number the direction otherwise (their asm/ioctl.h). */
function addFdRequest(): number {
  const write = ['ppc', 'ppc64', 'mips', 'mipsel'].includes(process.arch) ? 0x80000000 : 0x40000000;
  return write + ADDFD_SIZE * 0x10000 + 0x2103;
}

/**
 * What an errno of a notification's ioctl(2) means: `ERR_NOTIFY_GONE` for ENOENT, `ERR_USAGE` for what the caller
 * did wrong, else `ERR_KERNEL`; `details: {call, errno, fd, id}`.
 */
export function kernelError(
  library: Library,
  call: string,
  errno: number,
  fd: number,
  id: bigint,
): OciSeccompError {
  // EBADF is about either descriptor; this throws if it is the listener.
  if (errno === EBADF || errno === ENOTTY) isValidId(library, fd, id);
  const details = { call, errno, fd, id };
  if (errno === ENOENT) {
    return new OciSeccompError(
      'ERR_NOTIFY_GONE',
      'nobody waits for the answer: the thread has died or was interrupted',
      {
        hint: 'this can happen at any time; continue with the next request',
        details,
      },
    );
  }
  if (errno === EINPROGRESS) {
    return new OciSeccompError('ERR_USAGE', 'the request has been answered, or not been received', {
      details,
    });
  }
  const hint =
    errno === EINVAL ? { hint: 'the kernel may lack it: see seccomp_unotify(2) for since when' } : {};
  return new OciSeccompError('ERR_KERNEL', `${call}: ${formatErrno(errno)}`, { ...hint, details });
}
