/**
 * The static client: what a hook does when it leaves its work to the agent, without Node.
 *
 *   CLIENT SOCKET STAGE [OPTION]...    with the container's state on standard input
 *
 * It reads the state, connects to the socket, makes sure that root listens there, sends the stage, the options and the
 * state (agent-protocol.ts), prints the text of the answer to standard error, and exits with the answer's code. It exits
 * with 1 for whatever goes wrong, and for an answer that is not one.
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
import { dataAddress } from './elf-file.ts';
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

const EINTR = -4;
const AF_UNIX = 1;
/** SOCK_STREAM | SOCK_CLOEXEC */
const STREAM = 0x80001;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const MSG_NOSIGNAL = 0x4000;
/** How long an agent that does not answer may hold a start up; runtimes end a hook after 30 seconds of their own. */
const PATIENCE_SECONDS = 30n;
const CHUNK = 0x10000;
const ANSWER_CHUNK = 0x1000;

/** What stands in the data, by its offset. */
const layout = {
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
  /** The head of the request; its words, then the state, follow in what is zero at first. */
  request: 152,
} as const;
const ADDRESS_SIZE = 110;
const WORDS = layout.request + HEAD_SIZE;
const ANSWER = WORDS + MAX_ARGUMENTS_SIZE + MAX_STATE_SIZE + CHUNK;
const END = ANSWER + MAX_ANSWER_SIZE + ANSWER_CHUNK;

/** What it says when something goes wrong; with `errno` the kernel's number follows. */
const messages = {
  usage: 'error: usage: CLIENT SOCKET STAGE [OPTION]..., with the container state on standard input\n',
  path: 'error: the path of the socket is longer than 107 bytes\n',
  words: 'error: the arguments of the hook are longer than 65536 bytes\n',
  size: 'error: the container state is longer than 1048576 bytes\n',
  read: 'error: the container state cannot be read from standard input: errno ',
  socket: 'error: a socket cannot be made: errno ',
  connect:
    'error: the agent of oci-seccomp cannot be reached: start it (systemctl start oci-seccomp-agent.socket): errno ',
  peer: 'error: what listens on the socket of the agent does not run as root\n',
  receive: 'error: the agent of oci-seccomp does not answer: errno ',
  answer: 'error: the agent of oci-seccomp ended without an answer\n',
} as const;

export type MessageName = keyof typeof messages;
export const messageNames = Object.keys(messages) as readonly MessageName[];

/** The texts, as they stand behind the code. */
export function messageBytes(name: MessageName): Uint8Array {
  return Buffer.from(messages[name], 'latin1');
}

export interface Places {
  /** Of the data. */
  readonly data: number;
  readonly message: (name: MessageName) => number;
}

/** Where the data is, behind code and texts of a size. */
export const placeOfData = dataAddress;

export function clientData(): { readonly bytes: Uint8Array; readonly zeros: number } {
  const bytes = Buffer.alloc(WORDS);
  bytes.writeBigInt64LE(PATIENCE_SECONDS, layout.patience);
  bytes.writeUInt16LE(AF_UNIX, layout.address);
  bytes.writeUInt32LE(12, layout.credentialsLength);
  bytes.write('000\n', layout.number, 'latin1');
  bytes.write(MAGIC, layout.request, 'latin1');
  return { bytes, zeros: END - WORDS };
}

/** The program, from its first instruction on. */
export function clientProgram({ data, message }: Places): readonly Operation[] {
  const point = (to: Register, offset: number): Operation => set(to, data + offset);
  const failure = (name: MessageName): readonly Operation[] => [
    label(name),
    set('source', message(name)),
    set('target', message(name) + messageBytes(name).length),
    jump(messages[name].endsWith('\n') ? 'print-and-fail' : 'print-errno'),
  ];
  return [
    // Two arguments at least: without them nothing is asked.
    load('scratch', 8, 'stack'),
    compareValue('scratch', 3),
    branch('below', 'usage'),
    addValue('words', 'stack', 16),
    ...copyPath(point),
    ...copyWords(point),
    ...readState(point),
    ...connectSocket(point),
    ...sendRequest(point),
    ...receiveAnswer(point),
    ...printAnswer(),
    ...messageNames.flatMap(failure),
    ...printErrno(point),
    ...printAndFail(),
  ];
}

type Point = (to: Register, offset: number) => Operation;

/** The first argument becomes the path of the address. */
function copyPath(point: Point): readonly Operation[] {
  return [
    load('source', 8, 'words'),
    addValue('words', 'words', 8),
    point('target', layout.address + 2),
    point('limit', layout.address + 2 + MAX_SOCKET_PATH + 1),
    ...copyText('path-byte', 'path'),
  ];
}

/** From source to target, its NUL included; at the limit it goes to `tooLong`. */
function copyText(loop: string, tooLong: string): readonly Operation[] {
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

/** The others stand one behind the other, each with its NUL. Behind the last address there is a 0. */
function copyWords(point: Point): readonly Operation[] {
  return [
    point('target', WORDS),
    point('limit', WORDS + MAX_ARGUMENTS_SIZE),
    label('word'),
    load('source', 8, 'words'),
    compareValue('source', 0),
    branch('equal', 'words-end'),
    addValue('words', 'words', 8),
    ...copyText('word-byte', 'words'),
    jump('word'),
    label('words-end'),
    copy('state', 'target'),
    // Their length.
    copy('scratch', 'target'),
    point('limit', WORDS),
    subtract('scratch', 'limit'),
    point('limit', layout.request),
    store('scratch', 4, 'limit', MAGIC.length),
  ];
}

/** Standard input to its end, behind the words. */
function readState(point: Point): readonly Operation[] {
  return [
    label('read-more'),
    set('argument0', 0),
    copy('argument1', 'target'),
    set('argument2', CHUNK),
    call('read'),
    compareValue('result', EINTR),
    branch('equal', 'read-more'),
    compareValue('result', 0),
    branch('negative', 'read'),
    branch('equal', 'read-end'),
    add('target', 'result'),
    copy('scratch', 'target'),
    subtract('scratch', 'state'),
    compareValue('scratch', MAX_STATE_SIZE),
    branch('above', 'size'),
    jump('read-more'),
    label('read-end'),
    copy('scratch', 'target'),
    subtract('scratch', 'state'),
    point('limit', layout.request),
    store('scratch', 4, 'limit', MAGIC.length + 4),
  ];
}

/** From here on neither side waits for ever for the other. */
function connectSocket(point: Point): readonly Operation[] {
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
    // Who listens: whoever made the socket. Only root is believed.
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

/** All of it. An agent that refuses before it has read all has said why: its answer is read in any case. */
function sendRequest(point: Point): readonly Operation[] {
  return [
    point('source', layout.request),
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

/** To the end, or to the most that is printed. An error counts if nothing was received before it. */
function receiveAnswer(point: Point): readonly Operation[] {
  return [
    label('receive-all'),
    point('target', ANSWER),
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
    point('limit', ANSWER + MAX_ANSWER_SIZE),
    compare('target', 'limit'),
    branch('below', 'receive-more'),
    jump('receive-end'),
    label('receive-error'),
    point('source', ANSWER),
    compare('source', 'target'),
    branch('equal', 'receive'),
    label('receive-end'),
    point('source', ANSWER),
    compare('source', 'target'),
    branch('equal', 'answer'),
    load('status', 1, 'source'),
    addValue('source', 'source', 1),
  ];
}

/** The digit is the exit code. An answer that starts with anything else is a failure. */
function printAnswer(): readonly Operation[] {
  return [
    label('print'),
    compare('source', 'target'),
    branch('aboveOrEqual', 'printed'),
    set('argument0', 2),
    copy('argument1', 'source'),
    copy('argument2', 'target'),
    subtract('argument2', 'source'),
    call('write'),
    compareValue('result', EINTR),
    branch('equal', 'print'),
    // Who reads no messages gets the exit code all the same.
    compareValue('result', 0),
    branch('negative', 'printed'),
    add('source', 'result'),
    jump('print'),
    label('printed'),
    set('argument0', 0),
    compareValue('status', 0x30),
    branch('equal', 'exit'),
    set('argument0', 2),
    compareValue('status', 0x32),
    branch('equal', 'exit'),
    set('argument0', 3),
    compareValue('status', 0x33),
    branch('equal', 'exit'),
    set('argument0', 1),
    label('exit'),
    call('exit_group'),
  ];
}

/** A message, then three digits of the error's number. */
function printErrno(point: Point): readonly Operation[] {
  const digit = (unit: number, offset: number): readonly Operation[] => [
    label(`digit-${unit}`),
    compareValue('state', unit),
    branch('below', `digit-${unit}-end`),
    subtractValue('state', unit),
    addValue('scratch', 'scratch', 1),
    jump(`digit-${unit}`),
    label(`digit-${unit}-end`),
    store('scratch', 1, 'limit', offset),
    set('scratch', 0x30),
  ];
  return [
    label('print-errno'),
    set('state', 0),
    subtract('state', 'result'),
    point('limit', layout.number),
    set('scratch', 0x30),
    ...digit(100, 0),
    ...digit(10, 1),
    ...digit(1, 2),
    label('print-text'),
    set('argument0', 2),
    copy('argument1', 'source'),
    copy('argument2', 'target'),
    subtract('argument2', 'source'),
    call('write'),
    compareValue('result', EINTR),
    branch('equal', 'print-text'),
    point('source', layout.number),
    addValue('target', 'source', 4),
  ];
}

function printAndFail(): readonly Operation[] {
  return [label('print-and-fail'), set('status', 0x31), jump('print')];
}
