/**
 * What the kernel says of a socket: its kind, its path, its options.
 *
 * Sources: socket(7) SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN, SO_PEEK_OFF; getsockopt(2), getsockname(2); Linux 6.18
 * include/uapi/asm-generic/socket.h.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const SO_DOMAIN = 39;
const SO_PEEK_OFF = 42;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;

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
    return socketOption(fd, number, `option ${number}`, 4).getInt32(0, HOST_IS_LITTLE);
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

let getsockopt: ((...parameters: readonly unknown[]) => number) | undefined;

/**
 * An option of the level SOL_SOCKET.
 *
 * @param name - of the option, for messages
 * @param size - of its value in bytes
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`
 */
export function socketOption(fd: number, number: number, name: string, size: number): DataView {
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
