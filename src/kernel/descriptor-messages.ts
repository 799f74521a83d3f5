/**
 * A pair of sockets, and descriptors that are sent through it.
 *
 * Sources: unix(7), sendmsg(2), recvmsg(2), cmsg(3); Linux 6.18 include/linux/socket.h.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { ECONNRESET, EINTR, EMFILE, EPIPE } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import {
  AF_UNIX,
  CONTROL_SIZE,
  MSG_NOSIGNAL,
  putDescriptor,
  SCM_RIGHTS,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from './unix-socket.ts';

const MSG_CMSG_CLOEXEC = 0x40000000;
/** struct msghdr on 64-bit machines: iov @16, iovlen u64 @24, control @32, controllen u64 @40. */
const MSGHDR_SIZE = 56;
const WORD = 4;

function failed(call: string, errno: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `${call}: ${formatErrno(errno)}`, {
    ...(errno === EMFILE ? { hint: 'raise the limit of open files: ulimit -n 1024' } : {}),
    details: { call, errno },
  });
}

/**
 * Two connected sockets, closed on execve; the caller closes them with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function openSocketPair(): readonly [number, number] {
  const koffi = loadKoffi();
  const pair = new Int32Array(2);
  const socketpair = koffi.load(null).func('socketpair', 'int', ['int', 'int', 'int', 'void *']);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) !== 0) {
    throw failed('socketpair', koffi.errno());
  }
  return [pair[0] ?? -1, pair[1] ?? -1];
}

/** A message of one number, laid out in memory: `word` i32, and a descriptor that goes with it. */
interface Message {
  readonly bytes: Uint8Array;
  readonly header: number;
  readonly word: DataView;
  readonly control: DataView;
  /** u64; 0: no descriptor goes with it. */
  readonly controlSize: DataView;
}

function layOutMessage(): Message {
  const koffi = loadKoffi();
  const [controlAt, vectorAt, wordAt] = [
    MSGHDR_SIZE,
    MSGHDR_SIZE + CONTROL_SIZE,
    MSGHDR_SIZE + CONTROL_SIZE + 16,
  ];
  const buffer = new ArrayBuffer(wordAt + 8);
  const bytes = new Uint8Array(buffer);
  const base: bigint = koffi.address(bytes);
  const view = new DataView(buffer);
  const put = (at: number, value: bigint): void => view.setBigUint64(at, value, HOST_IS_LITTLE);
  put(16, base + BigInt(vectorAt));
  put(24, 1n);
  put(32, base + BigInt(controlAt));
  put(40, BigInt(CONTROL_SIZE));
  put(vectorAt, base + BigInt(wordAt));
  put(vectorAt + 8, BigInt(WORD));
  return {
    bytes,
    header: Number(base),
    word: new DataView(buffer, wordAt, WORD),
    control: new DataView(buffer, controlAt, CONTROL_SIZE),
    controlSize: new DataView(buffer, 40, 8),
  };
}

/** Sends with one call what was made ready before. */
interface PreparedMessage {
  /** The arguments of the one sendmsg(2), by which a filter can tell it from all others: socket, header, flags. */
  readonly arguments: readonly [bigint, bigint, bigint];
  /** @returns 0, or the error number */
  readonly send: (descriptor: number) => number;
  /** Sends a number in place of the descriptor, with the same call. */
  readonly tell: (value: number) => void;
}

/** Where nothing is sent: EBADF. */
const NOWHERE = -1;

/**
 * Makes a message with a descriptor ready, so that sending it takes sendmsg(2) alone. V8 asks for the time whenever it compiles
 * a function, and a machine without a clock that can be read from user space makes a system call for that. So the functions
 * are called once before.
 */
export function prepareMessage(socket: number): PreparedMessage {
  const koffi = loadKoffi();
  const message = layOutMessage();
  const sendmsg = koffi.load(null).func('sendmsg', 'long', ['int', 'uintptr_t', 'int']);
  const sendTo = (to: number, descriptor: number): number => {
    // SAFETY: `message` is held by this closure; an ArrayBuffer's memory does not move.
    putDescriptor(message.control, descriptor);
    return Number(sendmsg(to, message.header, MSG_NOSIGNAL)) === WORD ? 0 : koffi.errno();
  };
  const tellTo = (to: number, value: number): void => {
    message.controlSize.setBigUint64(0, 0n, HOST_IS_LITTLE);
    message.word.setInt32(0, value, HOST_IS_LITTLE);
    sendmsg(to, message.header, MSG_NOSIGNAL);
  };
  tellTo(NOWHERE, 0);
  message.controlSize.setBigUint64(0, BigInt(CONTROL_SIZE), HOST_IS_LITTLE);
  sendTo(NOWHERE, 0);
  return {
    arguments: [BigInt(socket), BigInt(message.header), BigInt(MSG_NOSIGNAL)],
    send: sendTo.bind(undefined, socket),
    tell: tellTo.bind(undefined, socket),
  };
}

/**
 * Sends a number without a descriptor.
 *
 * @returns false if the other side is closed
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function sendNumber(socket: number, value: number): boolean {
  const koffi = loadKoffi();
  const bytes = new Uint8Array(Int32Array.of(value).buffer);
  const send = koffi.load(null).func('send', 'long', ['int', 'void *', 'size_t', 'int']);
  if (Number(send(socket, bytes, WORD, MSG_NOSIGNAL)) === WORD) return true;
  const errno = koffi.errno();
  if (errno === EPIPE || errno === ECONNRESET) return false;
  throw failed('send', errno);
}

/** What came: a descriptor or a number; `undefined`: the other side is closed. */
export type ReceivedMessage =
  | { readonly kind: 'descriptor'; readonly descriptor: number }
  | { readonly kind: 'number'; readonly value: number };

/**
 * Waits for a message. A descriptor that comes is closed on execve; the caller closes it with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function receiveMessage(socket: number): ReceivedMessage | undefined {
  const koffi = loadKoffi();
  const message = layOutMessage();
  const recvmsg = koffi.load(null).func('recvmsg', 'long', ['int', 'uintptr_t', 'int']);
  for (;;) {
    const count = Number(recvmsg(socket, message.header, MSG_CMSG_CLOEXEC));
    if (count === 0) return undefined;
    if (count > 0) break;
    const errno = koffi.errno();
    // It has ended, and left a message of ours unread (unix(7)).
    if (errno === ECONNRESET) return undefined;
    if (errno !== EINTR) throw failed('recvmsg', errno);
  }
  const { control, word } = message;
  if (
    control.getInt32(8, HOST_IS_LITTLE) === SOL_SOCKET &&
    control.getInt32(12, HOST_IS_LITTLE) === SCM_RIGHTS
  ) {
    return { kind: 'descriptor', descriptor: control.getInt32(16, HOST_IS_LITTLE) };
  }
  return { kind: 'number', value: word.getInt32(0, HOST_IS_LITTLE) };
}
