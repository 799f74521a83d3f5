/**
 * Sends one datagram to a UNIX socket, which Node cannot: it has UNIX sockets of type stream only.
 *
 * Sources: unix(7), sendto(2); Linux 6.18 include/uapi/linux/un.h.
 * @module
 */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { formatErrno } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
/** `struct sockaddr_un`: family u16 @0, path @2, 108 bytes with its NUL. */
const SUN_PATH = 2;
const SUN_PATH_SIZE = 108;

/**
 * Sends a datagram, whole or not at all, and does not wait for the receiver.
 *
 * @param path - of the receiver's socket, at most 107 bytes
 * @throws OciSeccompError `ERR_KERNEL` if it is not taken (`details.errno`); `ERR_FFI`
 */
export function sendDatagram(path: string, message: Uint8Array): void {
  const name = new TextEncoder().encode(path);
  if (name.length === 0 || name.length >= SUN_PATH_SIZE) {
    throw new OciSeccompError('ERR_KERNEL', `a socket's path has 1 to ${SUN_PATH_SIZE - 1} bytes: ${path}`);
  }
  const address = new Uint8Array(SUN_PATH + name.length + 1);
  new DataView(address.buffer).setUint16(0, AF_UNIX, endianness() === 'LE');
  address.set(name, SUN_PATH);
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const socket = libc.func('socket', 'int', ['int', 'int', 'int']);
  const sendto = libc.func('sendto', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32']);
  const fd: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw failed(path, koffi.errno());
  try {
    const sent = Number(sendto(fd, message, message.length, MSG_NOSIGNAL, address, address.length));
    if (sent !== message.length) throw failed(path, koffi.errno());
  } finally {
    closeSync(fd);
  }
}

function failed(path: string, errno: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `nothing can be sent to the socket ${path}: ${formatErrno(errno)}`,
    {
      details: { errno },
    },
  );
}
