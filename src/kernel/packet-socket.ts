/**
 * Unix sockets with a path that keep messages apart: a recorder listens, supervisors of containers connect.
 *
 * Sources: unix(7), socket(2), accept(2), fcntl(2) ("Managing signals"); Linux 6.18 net/unix/af_unix.c
 * (unix_release_sock: POLL_HUP for who is connected), include/uapi/asm-generic/fcntl.h.
 * @module
 */
import { closeNative, loadKoffi, type NativeCall } from '../ffi.ts';
import { openPollSet } from './poll-set.ts';
import { AF_UNIX, checkCall, SOCK_CLOEXEC, SOCK_SEQPACKET, socketAddress } from './unix-socket.ts';

const BACKLOG = 128;

function bindCall(name: string, parameters: readonly string[]): NativeCall {
  return loadKoffi()
    .load(null)
    .func(name, 'int', [...parameters]);
}

function open(path: string, use: (socket: number, address: Uint8Array) => void): number {
  const address = socketAddress(path);
  const make = bindCall('socket', ['int', 'int', 'int']);
  const socket = checkCall(path, 'socket', () => make(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
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
    checkCall(path, 'bind', () => bind(socket, address, address.length));
    const listen = bindCall('listen', ['int', 'int']);
    checkCall(path, 'listen', () => listen(socket, BACKLOG));
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
    checkCall(path, 'connect', () => connect(socket, address, address.length));
  });
}

/**
 * Takes a connection. Waits for one if none is there: ask poll(2) before.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function acceptConnection(path: string, socket: number): number {
  const accept = bindCall('accept4', ['int', 'void *', 'void *', 'int']);
  return checkCall(path, 'accept', () => accept(socket, null, null, SOCK_CLOEXEC));
}

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;
const SIGKILL = 9;

/**
 * Has the kernel kill this process when the other side of a connection is closed, or was already; also if it says something.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function endWithPeer(path: string, socket: number): void {
  const fcntl = bindCall('fcntl', ['int', 'int', 'long']);
  const set = (command: number, value: number): number =>
    checkCall(path, 'fcntl', () => fcntl(socket, command, value));
  set(F_SETOWN, process.pid);
  set(F_SETSIG, SIGKILL);
  set(F_SETFL, set(F_GETFL, 0) | O_ASYNC);
  // What had happened before is not told.
  const already = openPollSet([socket]);
  already.wait(0);
  if (already.state(0) !== 'quiet') process.kill(process.pid, SIGKILL);
}

/** Closes a descriptor that this process took from a socket, or a socket. */
export function closeConnection(fd: number): void {
  closeNative(fd);
}
