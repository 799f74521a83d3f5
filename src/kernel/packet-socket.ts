/**
 * Unix sockets with a path that keep messages apart: a recorder listens, supervisors of containers connect.
 *
 * Sources: unix(7), socket(2), accept(2).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { EINTR } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi } from '../ffi.ts';
import { AF_UNIX, socketAddress } from './unix-socket.ts';

/** Keeps messages apart. */
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;
const BACKLOG = 128;

type NativeCall = (...parameters: readonly unknown[]) => number;

function bindCall(name: string, parameters: readonly string[]): NativeCall {
  return loadKoffi()
    .load(null)
    .func(name, 'int', [...parameters]);
}

function check(path: string, call: string, work: () => number): number {
  for (;;) {
    const result = work();
    if (result !== -1) return result;
    const errno = loadKoffi().errno();
    if (errno === EINTR) continue;
    throw new OciSeccompError('ERR_KERNEL', `${call} for the socket ${path}: ${formatErrno(errno)}`, {
      details: { path, call, errno },
    });
  }
}

function open(path: string, use: (socket: number, address: Uint8Array) => void): number {
  const address = socketAddress(path);
  const make = bindCall('socket', ['int', 'int', 'int']);
  const socket = check(path, 'socket', () => make(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  try {
    use(socket, address);
    return socket;
  } catch (error) {
    closeNative(socket);
    throw error;
  }
}

/**
 * Listens at a path that is not there yet. The caller closes the descriptor with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {path, call, errno}`
 */
export function listenAt(path: string): number {
  return open(path, (socket, address) => {
    const bind = bindCall('bind', ['int', 'uint8_t *', 'unsigned int']);
    check(path, 'bind', () => bind(socket, address, address.length));
    const listen = bindCall('listen', ['int', 'int']);
    check(path, 'listen', () => listen(socket, BACKLOG));
  });
}

/**
 * Connects to who listens at a path. The caller closes the descriptor with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {path, call, errno}`: ECONNREFUSED if nobody listens any more
 */
export function connectTo(path: string): number {
  return open(path, (socket, address) => {
    const connect = bindCall('connect', ['int', 'uint8_t *', 'unsigned int']);
    check(path, 'connect', () => connect(socket, address, address.length));
  });
}

/**
 * Takes a connection. Waits for one if none is there: ask poll(2) before.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function acceptConnection(path: string, socket: number): number {
  const accept = bindCall('accept4', ['int', 'void *', 'void *', 'int']);
  return check(path, 'accept', () => accept(socket, null, null, SOCK_CLOEXEC));
}

/** Closes a descriptor that this process took from a socket, or a socket. */
export function closeConnection(fd: number): void {
  closeNative(fd);
}
