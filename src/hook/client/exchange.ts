/**
 * What the static clients have in common: they connect to the agent, make sure that root listens there, send a request,
 * and wait for the answer (agent-protocol.ts).
 *
 * Sources: unix(7), socket(7), send(2), recv(2); Linux 6.18 include/uapi/asm-generic/socket.h, errno-base.h.
 * @module
 */
import {
  HEAD_SIZE,
  MAGIC,
  MAX_ANSWER_SIZE,
  MAX_ARGUMENTS_SIZE,
  MAX_SOCKET_PATH,
} from '../agent/agent-protocol.ts';
import { MAX_STATE_SIZE } from '../container-state.ts';
import {
  add,
  addValue,
  branch,
  call,
  compare,
  compareValue,
  copy,
  jump,
  label,
  load,
  type Operation,
  type Register,
  set,
  store,
  subtract,
  subtractValue,
} from './operations.ts';

export const EINTR = -4;
export const EAGAIN = -11;
const AF_UNIX = 1;
/** SOCK_STREAM | SOCK_CLOEXEC */
const STREAM = 0x80001;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const MSG_NOSIGNAL = 0x4000;
/** How long a start waits for an agent that does not answer. Runtimes end a hook after 30 seconds by themselves. */
const PATIENCE_SECONDS = 30n;
export const CHUNK = 0x10000;
const ANSWER_CHUNK = 0x1000;
/** `AT_FDCWD`, as the 32 bits of an int. */
export const WORKING_FOLDER = 0xffffff9c;
/** O_WRONLY | O_NOCTTY | O_APPEND | O_NONBLOCK | O_CLOEXEC: the same for both architectures. */
export const APPEND = 0o2006401;
const POLLOUT = 4;
/** SIGPIPE (13), as a set of signals. */
const PIPE_SIGNAL = 1n << 12n;
/** PIPE_BUF, pipe(7): if ppoll(2) finds room in a pipe, there is as much, but maybe no more. */
export const PIECE = 4096;
/** How long messages wait for a reader, all together. */
const READER_PATIENCE_NS = 200_000_000n;

/** What stands at the beginning of the data, by its offset. */
export const layout = {
  /** struct timeval: i64, i64. */
  patience: 0,
  /** struct sockaddr_un: u16 and 108 bytes. */
  address: 16,
  /** u32: 12. */
  credentialsLength: 128,
  /** struct ucred: pid, uid, gid. */
  credentials: 132,
  /** Three digits and the end of a line. */
  number: 144,
  /** sigset_t, as the kernel has it: u64. */
  signals: 152,
  /** struct pollfd of standard error: the descriptor (i32), the events (u16), what came (u16). */
  messages: 160,
  /** struct timespec: i64, i64. The kernel writes what is left of it. */
  readerPatience: 168,
  /** What a client has of its own. */
  own: 184,
} as const;
const ADDRESS_SIZE = 110;

/** Where the request and the answer stand. The request is its head, its words and the state. */
interface Frame {
  readonly request: number;
  readonly words: number;
  readonly answer: number;
  readonly end: number;
}

export function frameAt(request: number): Frame {
  const words = request + HEAD_SIZE;
  const answer = words + MAX_ARGUMENTS_SIZE + MAX_STATE_SIZE + CHUNK;
  return { request, words, answer, end: answer + MAX_ANSWER_SIZE + ANSWER_CHUNK };
}

/** The data up to the words of the request. @param socket - the path; `undefined`: the program puts it there */
export function frameData({ request, words }: Frame, socket = ''): Buffer {
  const bytes = Buffer.alloc(words);
  bytes.writeBigInt64LE(PATIENCE_SECONDS, layout.patience);
  bytes.writeUInt16LE(AF_UNIX, layout.address);
  bytes.write(socket, layout.address + 2);
  bytes.writeUInt32LE(12, layout.credentialsLength);
  bytes.write('000\n', layout.number, 'latin1');
  bytes.writeBigUInt64LE(PIPE_SIGNAL, layout.signals);
  bytes.writeUInt16LE(POLLOUT, layout.messages + 4);
  bytes.writeBigInt64LE(READER_PATIENCE_NS, layout.readerPatience + 8);
  bytes.write(MAGIC, request, 'latin1');
  return bytes;
}

/** Where the path of the socket stands, with its NUL. */
export const PATH_PLACE = {
  start: layout.address + 2,
  end: layout.address + 2 + MAX_SOCKET_PATH + 1,
} as const;

/** What both clients say; with `errno` at its end the kernel's number follows. */
export const exchangeMessages = {
  socket: 'error: a socket cannot be made: errno ',
  connect:
    'error: the agent of oci-seccomp cannot be reached: start it (systemctl start oci-seccomp-agent.socket): errno ',
  peer: 'error: what listens on the socket of the agent does not run as root',
  receive: 'error: the agent of oci-seccomp does not answer: errno ',
  answer: 'error: the agent of oci-seccomp ended without an answer',
} as const;

/** An address of the data, by its offset. */
export type Point = (to: Register, offset: number) => Operation;

export function pointInto({ data }: Pick<Places, 'data'>): Point {
  return (to, offset) => set(to, data + offset);
}

/** Where things are behind the code. */
export interface Places {
  /** The address of the data. */
  readonly data: number;
  /** The address of a text, by its name. */
  readonly text: (name: string) => number;
}

/** A program and what stands behind its code. */
export interface ClientSource {
  /** In the order of their places. */
  readonly texts: Readonly<Record<string, string>>;
  /** What the program finds when it starts; its length does not depend on the places. */
  readonly data: (places: Places) => Uint8Array;
  /** How many zeros follow the data in memory. */
  readonly zeros: number;
  /** From its first instruction on. */
  readonly program: (places: Places) => readonly Operation[];
}

/**
 * The words behind the program's name become arguments of the request, one behind the other, each with its NUL. Behind the
 * last address there is a 0. Then the target is where the state begins.
 *
 * @param start - where they begin
 */
export function copyWords(point: Point, { request, words }: Frame, start = words): readonly Operation[] {
  return [
    point('target', start),
    point('limit', words + MAX_ARGUMENTS_SIZE),
    label('word'),
    load('source', 8, 'words'),
    compareValue('source', 0),
    branch('equal', 'words-end'),
    addValue('words', 'words', 8),
    ...copyText('word-byte', 'words'),
    jump('word'),
    label('words-end'),
    // Their length.
    copy('scratch', 'target'),
    point('limit', words),
    subtract('scratch', 'limit'),
    point('limit', request),
    store('scratch', 4, 'limit', MAGIC.length),
  ];
}

/** Connects. Neither this nor a later call of the socket waits longer than `patience`. */
export function connectSocket(point: Point): readonly Operation[] {
  const limitTime = (option: number): readonly Operation[] => [
    copy('argument0', 'socket'),
    set('argument1', SOL_SOCKET),
    set('argument2', option),
    point('argument3', layout.patience),
    set('argument4', 16),
    call('setsockopt'),
    compareValue('result', 0),
    branch('negative', 'socket'),
  ];
  return [
    set('argument0', AF_UNIX),
    set('argument1', STREAM),
    set('argument2', 0),
    call('socket'),
    compareValue('result', 0),
    branch('negative', 'socket'),
    copy('socket', 'result'),
    ...limitTime(SO_SNDTIMEO),
    ...limitTime(SO_RCVTIMEO),
    label('connect-again'),
    copy('argument0', 'socket'),
    point('argument1', layout.address),
    set('argument2', ADDRESS_SIZE),
    call('connect'),
    compareValue('result', EINTR),
    branch('equal', 'connect-again'),
    compareValue('result', 0),
    branch('negative', 'connect'),
    // The kernel says who made the socket. Only root is believed.
    copy('argument0', 'socket'),
    set('argument1', SOL_SOCKET),
    set('argument2', SO_PEERCRED),
    point('argument3', layout.credentials),
    point('argument4', layout.credentialsLength),
    call('getsockopt'),
    compareValue('result', 0),
    branch('negative', 'socket'),
    point('limit', layout.credentials),
    load('scratch', 4, 'limit', 4),
    compareValue('scratch', 0),
    branch('notEqual', 'peer'),
  ];
}

/** Sends all of it. An agent may refuse before it has read all, so its answer is read in any case. */
export function sendRequest(point: Point, { request }: Frame): readonly Operation[] {
  return [
    point('source', request),
    label('send-more'),
    copy('argument0', 'socket'),
    copy('argument1', 'source'),
    copy('argument2', 'target'),
    subtract('argument2', 'source'),
    set('argument3', MSG_NOSIGNAL),
    set('argument4', 0),
    set('argument5', 0),
    call('sendto'),
    compareValue('result', EINTR),
    branch('equal', 'send-more'),
    compareValue('result', 0),
    branch('negative', 'receive-all'),
    add('source', 'result'),
    compare('source', 'target'),
    branch('below', 'send-more'),
  ];
}

/**
 * Receives to the end, or up to the most that is printed. An error counts only if nothing was received before it.
 * Afterwards, source and target are the ends of the answer, which has one byte at least.
 */
export function receiveAnswer(point: Point, { answer }: Frame): readonly Operation[] {
  return [
    label('receive-all'),
    point('target', answer),
    label('receive-more'),
    copy('argument0', 'socket'),
    copy('argument1', 'target'),
    set('argument2', ANSWER_CHUNK),
    set('argument3', 0),
    set('argument4', 0),
    set('argument5', 0),
    call('recvfrom'),
    compareValue('result', EINTR),
    branch('equal', 'receive-more'),
    compareValue('result', 0),
    branch('equal', 'receive-end'),
    branch('negative', 'receive-error'),
    add('target', 'result'),
    point('limit', answer + MAX_ANSWER_SIZE),
    compare('target', 'limit'),
    branch('below', 'receive-more'),
    jump('receive-end'),
    label('receive-error'),
    point('source', answer),
    compare('source', 'target'),
    branch('equal', 'receive'),
    label('receive-end'),
    point('source', answer),
    compare('source', 'target'),
    branch('equal', 'answer'),
  ];
}

/** From source to target, its NUL included; at the limit it goes to `tooLong`. */
export function copyText(loop: string, tooLong: string): readonly Operation[] {
  return [
    label(loop),
    compare('target', 'limit'),
    branch('aboveOrEqual', tooLong),
    load('scratch', 1, 'source'),
    store('scratch', 1, 'target'),
    addValue('source', 'source', 1),
    addValue('target', 'target', 1),
    compareValue('scratch', 0),
    branch('notEqual', loop),
  ];
}

/**
 * A place for each message, by its name: source and target become its ends.
 *
 * @param say - where it goes on
 * @param sayErrno - where it goes on with the kernel's number
 */
export function tellEach(
  messages: Readonly<Record<string, string>>,
  { text }: Places,
  say: string,
  sayErrno: string,
): readonly Operation[] {
  return Object.entries(messages).flatMap(([name, words]) => [
    label(name),
    set('source', text(name)),
    set('target', text(name) + words.length),
    jump(words.endsWith('errno ') ? sayErrno : say),
  ]);
}

/** The three digits of the number of the kernel's error. */
export function writeErrno(point: Point, count: Register): readonly Operation[] {
  const digit = (unit: number, offset: number): readonly Operation[] => [
    label(`digit-${unit}`),
    compareValue(count, unit),
    branch('below', `digit-${unit}-end`),
    subtractValue(count, unit),
    addValue('scratch', 'scratch', 1),
    jump(`digit-${unit}`),
    label(`digit-${unit}-end`),
    store('scratch', 1, 'limit', offset),
    set('scratch', 0x30),
  ];
  return [
    set(count, 0),
    subtract(count, 'result'),
    point('limit', layout.number),
    set('scratch', 0x30),
    ...digit(100, 0),
    ...digit(10, 1),
    ...digit(1, 2),
  ];
}

/** What {@link openMessages} opens; it belongs to the texts of a client. */
export const messagesFile = { messagesFile: '/proc/self/fd/2\0' } as const;

/**
 * Opens standard error for messages, in the register of the socket. Neither a pipe that nobody reads nor a terminal that
 * is stopped may hold up a start. So the file is opened anew, because others share the open file that is there. If it
 * cannot be opened, as a socket, messages go to descriptor 2. Without its reader, write(2) fails and no signal comes.
 *
 * A file that has a position lets nobody wait. Who shares its open file writes on at that position, so it stays as it is.
 *
 * A descriptor that is for reading only says nothing of who may write the file: it stays as it is, and write(2) fails.
 */
export function openMessages(point: Point, { text }: Places): readonly Operation[] {
  return [
    // SIG_BLOCK
    set('argument0', 0),
    point('argument1', layout.signals),
    set('argument2', 0),
    set('argument3', 8),
    call('rt_sigprocmask'),
    // SEEK_CUR
    set('argument0', 2),
    set('argument1', 0),
    set('argument2', 1),
    call('lseek'),
    compareValue('result', 0),
    branch('negative', 'messages-anew'),
    jump('messages-unopened'),
    label('messages-anew'),
    set('argument0', 2),
    point('argument1', layout.signals),
    set('argument2', 0),
    call('write'),
    compareValue('result', 0),
    branch('negative', 'messages-unopened'),
    set('argument0', WORKING_FOLDER),
    set('argument1', text('messagesFile')),
    set('argument2', APPEND),
    call('openat'),
    copy('socket', 'result'),
    compareValue('socket', 0),
    branch('negative', 'messages-unopened'),
    jump('messages-opened'),
    label('messages-unopened'),
    set('socket', 2),
    label('messages-opened'),
    point('limit', layout.messages),
    store('socket', 4, 'limit'),
  ];
}

/** Waits for room in standard error, but not for ever: without room it goes on at `printed`. */
export function awaitRoom(point: Point): readonly Operation[] {
  return [
    label('await-room'),
    point('argument0', layout.messages),
    set('argument1', 1),
    point('argument2', layout.readerPatience),
    set('argument3', 0),
    set('argument4', 8),
    call('ppoll'),
    compareValue('result', EINTR),
    branch('equal', 'await-room'),
    compareValue('result', 1),
    branch('notEqual', 'printed'),
  ];
}
