/**
 * The static client: what a hook does when it leaves its work to the agent, without Node.
 *
 *   CLIENT SOCKET STAGE [OPTION]...    with the container's state on standard input
 *
 * It reads the state, connects to the socket, and makes sure that root listens there. It sends the stage, the options and
 * the state (agent-protocol.ts). It prints the text of the answer to standard error, and exits with the answer's code. If
 * anything goes wrong, or the answer is not one, it exits with 1.
 *
 * Sources: read(2), poll(2); Linux 6.18 include/uapi/asm-generic/poll.h.
 * @module
 */
import { MAGIC } from '../agent/agent-protocol.ts';
import { MAX_STATE_SIZE } from '../container-state.ts';
import {
  awaitRoom,
  CHUNK,
  type ClientSource,
  connectSocket,
  copyText,
  copyWords,
  EAGAIN,
  EINTR,
  exchangeMessages,
  frameAt,
  frameData,
  layout,
  messagesFile,
  openMessages,
  PATH_PLACE,
  PIECE,
  type Places,
  type Point,
  pointInto,
  receiveAnswer,
  sendRequest,
  tellEach,
  writeErrno,
} from './exchange.ts';
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
  set,
  store,
  subtract,
} from './operations.ts';

/** struct pollfd: the descriptor (i32) 0, the events (u16) POLLIN, and what came (u16). */
const STANDARD_INPUT = layout.own;
const POLLFD_SIZE = 8;
const POLLIN = 1;
const frame = frameAt(layout.own + POLLFD_SIZE);

/** What it says when something goes wrong; with `errno` the kernel's number follows. */
const messages = {
  usage: 'error: usage: CLIENT SOCKET STAGE [OPTION]..., with the container state on standard input\n',
  path: 'error: the path of the socket is longer than 107 bytes\n',
  words: 'error: the arguments of the hook are longer than 65536 bytes\n',
  size: 'error: the container state is longer than 1048576 bytes\n',
  read: 'error: the container state cannot be read from standard input: errno ',
  ...exchangeMessages,
  peer: `${exchangeMessages.peer}\n`,
  answer: `${exchangeMessages.answer}\n`,
} as const;

/** In place of the answer's digit, which is a byte. */
const NUMBER_FOLLOWS = 0x100;

/** What the client says if it is called without arguments. */
export const USAGE = messages.usage;

export function hookClient(): ClientSource {
  const data = frameData(frame);
  data.writeUInt16LE(POLLIN, STANDARD_INPUT + 4);
  return {
    texts: { ...messages, ...messagesFile },
    data: () => data,
    zeros: frame.end - data.length,
    program: clientProgram,
  };
}

function clientProgram(places: Places): readonly Operation[] {
  const point = pointInto(places);
  return [
    // Two arguments at least: without them nothing is asked.
    load('scratch', 8, 'stack'),
    compareValue('scratch', 3),
    branch('below', 'usage'),
    addValue('words', 'stack', 16),
    ...copyPath(point),
    ...copyWords(point, frame),
    copy('state', 'target'),
    ...readState(point),
    ...connectSocket(point),
    ...sendRequest(point, frame),
    ...receiveAnswer(point, frame),
    load('status', 1, 'source'),
    addValue('source', 'source', 1),
    ...printAnswer(point, places),
    ...tellEach(messages, places, 'print-and-fail', 'print-errno'),
    ...printErrno(point),
    ...printAndFail(),
  ];
}

/** The first argument becomes the path of the address. */
function copyPath(point: Point): readonly Operation[] {
  return [
    load('source', 8, 'words'),
    addValue('words', 'words', 8),
    point('target', PATH_PLACE.start),
    point('limit', PATH_PLACE.end),
    ...copyText('path-byte', 'path'),
  ];
}

/** Reads standard input to its end, behind the words. If it is not blocking, ppoll(2) waits for more. */
function readState(point: Point): readonly Operation[] {
  return [
    label('read-more'),
    set('argument0', 0),
    copy('argument1', 'target'),
    set('argument2', CHUNK),
    call('read'),
    compareValue('result', EINTR),
    branch('equal', 'read-more'),
    compareValue('result', EAGAIN),
    branch('equal', 'read-later'),
    compareValue('result', 0),
    branch('negative', 'read'),
    branch('equal', 'read-end'),
    add('target', 'result'),
    copy('scratch', 'target'),
    subtract('scratch', 'state'),
    compareValue('scratch', MAX_STATE_SIZE),
    branch('above', 'size'),
    jump('read-more'),
    label('read-later'),
    point('argument0', STANDARD_INPUT),
    set('argument1', 1),
    set('argument2', 0),
    set('argument3', 0),
    set('argument4', 8),
    call('ppoll'),
    compareValue('result', EINTR),
    branch('equal', 'read-more'),
    compareValue('result', 0),
    branch('negative', 'read'),
    jump('read-more'),
    label('read-end'),
    copy('scratch', 'target'),
    subtract('scratch', 'state'),
    point('limit', frame.request),
    store('scratch', 4, 'limit', MAGIC.length + 4),
  ];
}

/** The digit is the exit code. An answer that starts with anything else is a failure. */
function printAnswer(point: Point, places: Places): readonly Operation[] {
  return [
    label('print'),
    compare('source', 'target'),
    branch('aboveOrEqual', 'printed'),
    ...openMessages(point, places),
    label('print-more'),
    compare('source', 'target'),
    branch('aboveOrEqual', 'printed'),
    ...awaitRoom(point),
    copy('argument0', 'socket'),
    copy('argument1', 'source'),
    copy('argument2', 'target'),
    subtract('argument2', 'source'),
    compareValue('argument2', PIECE),
    branch('below', 'piece'),
    set('argument2', PIECE),
    label('piece'),
    call('write'),
    compareValue('result', EINTR),
    branch('equal', 'print-more'),
    // If nobody reads the messages, the exit code still counts.
    compareValue('result', 0),
    branch('negative', 'printed'),
    add('source', 'result'),
    jump('print-more'),
    label('printed'),
    compareValue('status', NUMBER_FOLLOWS),
    branch('equal', 'print-number'),
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
  return [
    label('print-errno'),
    ...writeErrno(point, 'state'),
    set('status', NUMBER_FOLLOWS),
    jump('print'),
    label('print-number'),
    point('source', layout.number),
    addValue('target', 'source', 4),
    set('status', 0x31),
    jump('print-more'),
  ];
}

function printAndFail(): readonly Operation[] {
  return [label('print-and-fail'), set('status', 0x31), jump('print')];
}
