/**
 * Connects to unix sockets, and sends messages and descriptors over them, without an event loop.
 *
 * Sources: unix(7), sendmsg(2), cmsg(3); Linux 6.18 include/linux/socket.h.
 * @module
 */
import { EINTR } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi, type NativeCall } from '../ffi.ts';
import { socketError } from './socket-error.ts';

export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
/** Keeps messages apart. */
export const SOCK_SEQPACKET = 5;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;
const SO_SNDTIMEO = 21;
export const MSG_NOSIGNAL = 0x4000;
/** sun_path, its final NUL included. */
const PATH_SIZE = 108;

interface Sockets {
  readonly socket: NativeCall;
  readonly connect: NativeCall;
  readonly setsockopt: NativeCall;
  readonly sendmsg: NativeCall;
  readonly send: NativeCall;
}

let sockets: Sockets | undefined;

function bindSockets(): Sockets {
  if (sockets === undefined) {
    const native = loadKoffi().load(null);
    sockets = {
      socket: native.func('socket', 'int', ['int', 'int', 'int']),
      connect: native.func('connect', 'int', ['int', 'uint8_t *', 'unsigned int']),
      setsockopt: native.func('setsockopt', 'int', ['int', 'int', 'int', 'uint8_t *', 'unsigned int']),
      sendmsg: native.func('sendmsg', 'long', ['int', 'uint8_t *', 'int']),
      send: native.func('send', 'long', ['int', 'uint8_t *', 'size_t', 'int']),
    };
  }
  return sockets;
}

/**
 * Connects to a unix stream socket, sends `message` with `fd` attached to its first byte, and closes the connection.
 *
 * @param timeoutMs - how long a receiver that does not read may hold this up
 * @throws OciSeccompError `ERR_KERNEL` with `details: {path, call, errno}` if nobody listens there, or it does not take
 *   all of it
 */
export function sendDescriptor(path: string, message: Uint8Array, fd: number, timeoutMs = 5000): void {
  const connection = connectWithin(path, SOCK_STREAM, timeoutMs);
  try {
    sendAll(path, connection, message, fd);
  } finally {
    closeNative(connection);
  }
}

/**
 * Connects to a unix socket.
 *
 * @param type - SOCK_*
 * @param timeoutMs - how long this, and each message that is sent, may take
 * @returns a descriptor, which the caller closes with closeNative()
 * @throws OciSeccompError `ERR_KERNEL` with `details: {path, call, errno}`
 */
export function connectWithin(path: string, type: number, timeoutMs: number): number {
  const { socket } = bindSockets();
  const connection = checkCall(path, 'socket', () => socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  try {
    limitTime(path, connection, timeoutMs);
    connect(path, connection);
    return connection;
  } catch (error) {
    closeNative(connection);
    throw error;
  }
}

/** Sends one message. @throws OciSeccompError `ERR_KERNEL` with `details: {path, call, errno}`; EAGAIN: there is no room for it */
export function sendMessage(path: string, connection: number, message: Uint8Array): void {
  const { send } = bindSockets();
  checkCall(path, 'send', () => send(connection, message, message.length, MSG_NOSIGNAL));
}

/** Also bounds connect(2), which waits while the queue of connections is full. */
function limitTime(path: string, connection: number, ms: number): void {
  const time = BigInt64Array.of(BigInt(Math.floor(ms / 1000)), BigInt((ms % 1000) * 1000));
  const bytes = new Uint8Array(time.buffer);
  const { setsockopt } = bindSockets();
  checkCall(path, 'setsockopt', () => setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, bytes, bytes.length));
}

/**
 * struct sockaddr_un: family u16 @0, path @2, with the NUL at its end.
 *
 * @throws OciSeccompError `ERR_KERNEL` for a path that is too long
 */
export function socketAddress(path: string): Uint8Array {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length >= PATH_SIZE || name.includes(0)) {
    throw new OciSeccompError('ERR_KERNEL', `${path} cannot be the path of a socket: it has 1 to 107 bytes`, {
      details: { path, call: 'connect', errno: 0 },
    });
  }
  const address = new Uint8Array(2 + name.length + 1);
  new DataView(address.buffer).setUint16(0, AF_UNIX, HOST_IS_LITTLE);
  address.set(name, 2);
  return address;
}

function connect(path: string, connection: number): void {
  const address = socketAddress(path);
  checkCall(path, 'connect', () => bindSockets().connect(connection, address, address.length));
}

function sendAll(path: string, connection: number, message: Uint8Array, fd: number): void {
  const { sendmsg, send } = bindSockets();
  const control = new Uint8Array(CONTROL_SIZE);
  putDescriptor(new DataView(control.buffer), fd);
  const header = messageHeader(message, control);
  let sent = checkCall(path, 'sendmsg', () => sendmsg(connection, header.bytes, MSG_NOSIGNAL));
  while (sent < message.length) {
    const rest = Uint8Array.from(message.subarray(sent));
    sent += checkCall(path, 'send', () => send(connection, rest, rest.length, MSG_NOSIGNAL));
  }
}

/** struct cmsghdr on 64-bit machines: len u64 @0, level i32 @8, type i32 @12, then the descriptor i32 @16. */
export const CONTROL_SIZE = 24;

/** Writes a control message that hands a descriptor on. */
export function putDescriptor(control: DataView, fd: number): void {
  control.setBigUint64(0, 20n, HOST_IS_LITTLE);
  control.setInt32(8, SOL_SOCKET, HOST_IS_LITTLE);
  control.setInt32(12, SCM_RIGHTS, HOST_IS_LITTLE);
  control.setInt32(16, fd, HOST_IS_LITTLE);
}

/**
 * struct msghdr on 64-bit machines: name @0, namelen u32 @8, iov @16, iovlen u64 @24, control @32, controllen u64 @40,
 * flags i32 @48. `holds` keeps alive what it points to.
 */
function messageHeader(message: Uint8Array, control: Uint8Array): { bytes: Uint8Array; holds: unknown } {
  const { address } = loadKoffi();
  const vector = new BigUint64Array([address(message), BigInt(message.length)]);
  const view = new DataView(new ArrayBuffer(56));
  const put = (at: number, value: bigint): void => view.setBigUint64(at, value, HOST_IS_LITTLE);
  put(16, address(new Uint8Array(vector.buffer)));
  put(24, 1n);
  put(32, address(control));
  put(40, BigInt(control.length));
  return { bytes: new Uint8Array(view.buffer), holds: [message, vector, control] };
}

/** Makes a call, again after a signal. @throws OciSeccompError `ERR_KERNEL` */
export function checkCall(path: string, call: string, work: () => number): number {
  for (;;) {
    const result = work();
    if (result !== -1) return result;
    const errno = loadKoffi().errno();
    if (errno !== EINTR) {
      throw socketError(path, call, errno);
    }
  }
}
