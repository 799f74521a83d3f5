/**
 * Who is at the other end of a unix stream socket, as the kernel noted it when they connected.
 *
 * Sources: unix(7) SO_PEERCRED; socket(7) SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN, SO_PEEK_OFF; Linux 6.18
 * include/uapi/asm-generic/socket.h (SO_PEERPIDFD, since Linux 6.5), net/core/sock.c (sk_getsockopt).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { ENOPROTOOPT } from '../abi/errno-constants.ts';
import { hostEndian } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SO_DOMAIN = 39;
const SO_PEEK_OFF = 42;
const SO_PEERPIDFD = 77;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const HOST_IS_LITTLE = hostEndian() === 'little';

/** `struct ucred`: pid i32 @0, uid u32 @4, gid u32 @8. */
export interface PeerCredentials {
  /** In this process's pid namespace; 0: it is in none that is seen from here. */
  readonly pid: number;
  /** In this process's user namespace. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * The process that connected.
 *
 * @param fd - of a connected unix stream socket
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`
 */
export function readPeerCredentials(fd: number): PeerCredentials {
  const view = option(fd, SO_PEERCRED, 'SO_PEERCRED', 12);
  return {
    pid: view.getInt32(0, HOST_IS_LITTLE),
    uid: view.getUint32(4, HOST_IS_LITTLE),
    gid: view.getUint32(8, HOST_IS_LITTLE),
  };
}

/**
 * A descriptor of the process that connected, closed on execve; the caller closes it with closeNative().
 *
 * @returns `undefined` before Linux 6.5
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`; ESRCH, or EINVAL before Linux 6.16, if it has ended
 */
export function openPeerPidfd(fd: number): number | undefined {
  try {
    return option(fd, SO_PEERPIDFD, 'SO_PEERPIDFD', 4).getInt32(0, HOST_IS_LITTLE);
  } catch (error) {
    if (error instanceof OciSeccompError && error.details.errno === ENOPROTOOPT) return undefined;
    throw error;
  }
}

/** Whether a descriptor is a unix stream socket that listens. */
export function isUnixListener(fd: number): boolean {
  return (
    numberOption(fd, SO_DOMAIN) === AF_UNIX &&
    numberOption(fd, SO_TYPE) === SOCK_STREAM &&
    numberOption(fd, SO_ACCEPTCONN) === 1
  );
}

/** Whether it is a unix datagram socket: if it is not connected, poll(2) does not know whose queue may be full. */
export function isUnixDatagram(fd: number): boolean {
  return numberOption(fd, SO_DOMAIN) === AF_UNIX && numberOption(fd, SO_TYPE) === SOCK_DGRAM;
}

/** Whether it is a socket of IPv4 or IPv6: poll(2) sees room to write until connect(2) has begun, and again after. */
export function isInternetSocket(fd: number): boolean {
  const domain = numberOption(fd, SO_DOMAIN);
  return domain === AF_INET || domain === AF_INET6;
}

/** Whether MSG_PEEK looks behind data that was looked at already: poll(2) does not know. */
export function peeksFurther(fd: number): boolean {
  return (numberOption(fd, SO_PEEK_OFF) ?? -1) >= 0;
}

/** `undefined` if the descriptor is no socket, or one without this option. */
function numberOption(fd: number, number: number): number | undefined {
  try {
    return option(fd, number, `option ${number}`, 4).getInt32(0, HOST_IS_LITTLE);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_KERNEL') return undefined;
    throw error;
  }
}

/** `sa_family` u16 @0, path @2. */
const ADDRESS_SIZE = 110;

/** The path that a unix socket is bound to; `undefined` if it is to none, or to a name of the abstract namespace. */
export function socketPath(fd: number): string | undefined {
  const getsockname = loadKoffi().load(null).func('getsockname', 'int', ['int', 'uint8_t *', 'uint32_t *']);
  const address = new Uint8Array(ADDRESS_SIZE);
  const length = Uint32Array.of(ADDRESS_SIZE);
  if (getsockname(fd, address, length) !== 0) return undefined;
  const name = Buffer.from(address.subarray(2, length[0])).toString('utf8').split('\0')[0];
  return name?.startsWith('/') === true ? name : undefined;
}

/** Keeps a descriptor from programs that this process starts. */
export function closeOnExec(fd: number): void {
  loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int'])(fd, F_SETFD, FD_CLOEXEC);
}

/**
 * Takes the lock of an open file, and does not wait for it: flock(2). The kernel gives it back when the descriptor is closed.
 *
 * @returns `false`: another process has it
 */
export function tryLock(fd: number): boolean {
  return loadKoffi().load(null).func('flock', 'int', ['int', 'int'])(fd, LOCK_EX | LOCK_NB) === 0;
}

let getsockopt: ((...parameters: readonly unknown[]) => number) | undefined;

function option(fd: number, number: number, name: string, size: number): DataView {
  const koffi = loadKoffi();
  getsockopt ??= koffi.load(null).func('getsockopt', 'int', ['int', 'int', 'int', 'uint8_t *', 'uint32_t *']);
  const value = new Uint8Array(size);
  const length = Uint32Array.of(size);
  if (getsockopt(fd, SOL_SOCKET, number, value, length) === 0 && length[0] === size) {
    return new DataView(value.buffer);
  }
  const errno = koffi.errno();
  throw new OciSeccompError('ERR_KERNEL', `getsockopt(${name}): ${formatErrno(errno)}`, {
    details: { call: 'getsockopt', errno },
  });
}
