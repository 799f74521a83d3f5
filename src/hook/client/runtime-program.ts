/**
 * The static runtime wrapper: what an engine calls as its OCI runtime, without Node.
 *
 * If a word of its command line is `create` or `run`, it asks the agent. It connects, makes sure that root listens, sends
 * its command line (agent-protocol.ts, RUNTIME_CALL), and waits for the answer.
 *
 * If the answer is 0, it becomes the real runtime: the same process, words, environment, descriptors, signals and limits.
 * For every other command line it does so at once. If the agent refuses, it writes the reason to standard error, and to
 * the log that `--log` names if that is an absolute path. Then it exits with 1.
 *
 * Paths are fixed in it: that of the socket, of the wrapper's configuration, and of the real runtime.
 *
 * Sources: execve(2), writev(2), open(2); Linux 6.18 include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h.
 * @module
 */
import { RUNTIME_CALL } from '../agent/agent-protocol.ts';
import {
  APPEND,
  awaitRoom,
  type ClientSource,
  connectSocket,
  copyWords,
  EINTR,
  exchangeMessages,
  frameAt,
  frameData,
  layout,
  messagesFile,
  openMessages,
  PIECE as PIPE_PIECE,
  type Places,
  type Point,
  pointInto,
  receiveAnswer,
  sendRequest,
  tellEach,
  WORKING_FOLDER,
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
  type Register,
  set,
  store,
  subtract,
} from './operations.ts';

/** Absolute paths. */
export interface RuntimeClientPaths {
  readonly socket: string;
  /** The configuration of the wrapper. */
  readonly configuration: string;
  /** The real runtime. */
  readonly runtime: string;
}

const O_CREAT = 0o100;
const LOG_MODE = 0o644;

/** struct iovec: an address and a length, of 8 bytes each. */
const [PIECE, PIECES] = [16, 4];
/** What is printed, and what is logged: each a beginning, a message, the digits of an errno, and an end. */
const printed = layout.own;
const logged = printed + PIECES * PIECE;
const frame = frameAt(logged + PIECES * PIECE);

const messages = {
  name: 'error: a program has no name here: argv is empty',
  words: 'error: the command line is longer than 65536 bytes',
  ...exchangeMessages,
  'execute-fails': 'error: the real runtime cannot be executed: errno ',
} as const;

const PREFIX = 'oci-seccomp-runtime: ';
/** What a log is made of: the fields of logrus, as runc and crun write them. */
const parts = {
  prefix: PREFIX,
  line: '\n',
  json: `{"level":"error","msg":"${PREFIX}`,
  jsonEnd: '"}\n',
  text: `level=error msg="${PREFIX}`,
  textEnd: '"\n',
} as const;

/** Words of command lines that matter, each with its NUL. */
const known = { create: 'create\0', run: 'run\0', log: '--log\0', format: '--log-format\0' } as const;

export function runtimeClient({ socket, configuration, runtime }: RuntimeClientPaths): ClientSource {
  const before = Buffer.from(`${RUNTIME_CALL}\0${configuration}\0`);
  const words = Buffer.concat([before, Buffer.from(`${runtime}\0`)]);
  const size = frame.words + words.length;
  return {
    texts: { ...messages, ...messagesFile, ...parts, ...known },
    data: (places) => Buffer.concat([withPieces(frameData(frame, socket), places), words]),
    zeros: frame.end - size,
    program: (places) => runtimeProgram(places, frame.words + before.length, size),
  };
}

/** The lists of pieces, without a message; the log is one of text unless the command line says otherwise. */
function withPieces(data: Buffer, { data: start, text }: Places): Buffer {
  const put = (list: number, index: number, address: number, length: number): void => {
    data.writeBigUInt64LE(BigInt(address), list + index * PIECE);
    data.writeBigUInt64LE(BigInt(length), list + index * PIECE + 8);
  };
  for (const [list, first, last] of [
    [printed, 'prefix', 'line'],
    [logged, 'text', 'textEnd'],
  ] as const) {
    put(list, 0, text(first), parts[first].length);
    put(list, 2, start + layout.number, 0);
    put(list, 3, text(last), parts[last].length);
  }
  return data;
}

/**
 * @param runtime - where the path of the real runtime stands
 * @param words - where the words of the command line go
 */
function runtimeProgram(places: Places, runtime: number, words: number): readonly Operation[] {
  const point = pointInto(places);
  return [
    ...readWords(places),
    label('ask'),
    addValue('words', 'stack', 16),
    ...copyWords(point, frame, words),
    ...connectSocket(point),
    ...sendRequest(point, frame),
    ...receiveAnswer(point, frame),
    load('scratch', 1, 'source'),
    compareValue('scratch', 0x30),
    branch('equal', 'execute'),
    ...tellRefusal(point),
    ...execute(point, runtime),
    ...tellEach(messages, places, 'say', 'say-errno'),
    ...tellFailure(point, places),
    ...finish(point, places),
  ];
}

function putPiece(
  point: Point,
  list: number,
  index: number,
  address: number,
  length: number,
): readonly Operation[] {
  return [
    point('limit', list + index * PIECE),
    set('scratch', address),
    store('scratch', 8, 'limit'),
    set('scratch', length),
    store('scratch', 8, 'limit', 8),
  ];
}

/**
 * Looks for a word `create` or `run`. Values of options count too, because only the agent knows which options take a
 * value. The word behind `--log` is taken for the log: it is used for messages only, so a guess is good enough.
 */
function readWords({ text }: Places): readonly Operation[] {
  return [
    load('scratch', 8, 'stack'),
    compareValue('scratch', 0),
    branch('equal', 'name'),
    addValue('words', 'stack', 16),
    set('state', 0),
    set('status', 0),
    label('next-word'),
    load('source', 8, 'words'),
    compareValue('source', 0),
    branch('equal', 'execute'),
    addValue('words', 'words', 8),
    ...startsWith('create', text('create')),
    branch('equal', 'ask'),
    label('not-create'),
    ...startsWith('run', text('run')),
    branch('equal', 'ask'),
    label('not-run'),
    ...optionValue('format', text('format'), load('status', 1, 'target')),
    ...optionValue('log', text('log'), copy('state', 'target')),
    jump('next-word'),
  ];
}

/** If the word begins otherwise, goes to `not-NAME`. Otherwise the target is what follows, compared with the word's end. */
function startsWith(name: string, beginning: number): readonly Operation[] {
  return [
    set('limit', beginning),
    copy('target', 'source'),
    label(`is-${name}`),
    load('scratch', 1, 'limit'),
    compareValue('scratch', 0),
    branch('equal', `begins-${name}`),
    load('argument0', 1, 'target'),
    compare('argument0', 'scratch'),
    branch('notEqual', `not-${name}`),
    addValue('limit', 'limit', 1),
    addValue('target', 'target', 1),
    jump(`is-${name}`),
    label(`begins-${name}`),
    load('scratch', 1, 'target'),
    compareValue('scratch', 0),
  ];
}

/** `--name value` or `--name=value`: takes it from the target. */
function optionValue(name: string, beginning: number, take: Operation): readonly Operation[] {
  return [
    ...startsWith(name, beginning),
    branch('equal', `next-${name}`),
    addValue('target', 'target', 1),
    compareValue('scratch', 0x3d),
    branch('equal', `take-${name}`),
    jump(`not-${name}`),
    label(`next-${name}`),
    load('target', 8, 'words'),
    compareValue('target', 0),
    branch('equal', `not-${name}`),
    label(`take-${name}`),
    take,
    label(`not-${name}`),
  ];
}

/** The answer is a digit, a text, a NUL, and an entry for the log; with nothing around them. */
function tellRefusal(point: Point): readonly Operation[] {
  const leaveOut = (list: number): readonly Operation[] => [
    point('limit', list),
    store('argument0', 8, 'limit', 8),
    store('argument0', 8, 'limit', 3 * PIECE + 8),
  ];
  return [
    addValue('source', 'source', 1),
    copy('words', 'source'),
    label('text-byte'),
    compare('words', 'target'),
    branch('aboveOrEqual', 'no-entry'),
    load('scratch', 1, 'words'),
    compareValue('scratch', 0),
    branch('equal', 'text-end'),
    addValue('words', 'words', 1),
    jump('text-byte'),
    label('no-entry'),
    set('state', 0),
    label('text-end'),
    set('argument0', 0),
    ...leaveOut(printed),
    ...leaveOut(logged),
    copy('scratch', 'words'),
    subtract('scratch', 'source'),
    ...putMessage(point, printed, 'source', 'scratch'),
    addValue('words', 'words', 1),
    subtract('target', 'words'),
    ...putMessage(point, logged, 'words', 'target'),
    jump('finish'),
  ];
}

function putMessage(point: Point, list: number, start: Register, length: Register): readonly Operation[] {
  return [point('limit', list + PIECE), store(start, 8, 'limit'), store(length, 8, 'limit', 8)];
}

/** The first word is the runtime's path, as the wrapper in Node calls it. The environment is behind the words. */
function execute(point: Point, runtime: number): readonly Operation[] {
  return [
    label('execute'),
    addValue('words', 'stack', 16),
    label('to-environment'),
    load('scratch', 8, 'words'),
    addValue('words', 'words', 8),
    compareValue('scratch', 0),
    branch('notEqual', 'to-environment'),
    point('argument0', runtime),
    store('argument0', 8, 'stack', 8),
    addValue('argument1', 'stack', 8),
    copy('argument2', 'words'),
    call('execve'),
    jump('execute-fails'),
  ];
}

/** A message of its own: from source to target. */
function tellFailure(point: Point, { text }: Places): readonly Operation[] {
  return [
    label('say-errno'),
    ...writeErrno(point, 'words'),
    set('scratch', 3),
    point('limit', printed + 2 * PIECE),
    store('scratch', 8, 'limit', 8),
    point('limit', logged + 2 * PIECE),
    store('scratch', 8, 'limit', 8),
    label('say'),
    copy('words', 'target'),
    subtract('words', 'source'),
    ...putMessage(point, printed, 'source', 'words'),
    ...putMessage(point, logged, 'source', 'words'),
    // The j of json.
    compareValue('status', 0x6a),
    branch('notEqual', 'finish'),
    ...putPiece(point, logged, 0, text('json'), parts.json.length),
    ...putPiece(point, logged, 3, text('jsonEnd'), parts.jsonEnd.length),
  ];
}

/**
 * Before each piece it waits for room: there is as much as PIPE_BUF, but maybe no more. The last piece goes on with the other
 * pieces of the list. Only an answer of the agent is longer, and has nothing around it.
 */
function print(point: Point): readonly Operation[] {
  return [
    label('print'),
    point('limit', printed + PIECE),
    load('source', 8, 'limit'),
    load('target', 8, 'limit', 8),
    add('target', 'source'),
    label('print-more'),
    ...awaitRoom(point),
    copy('argument0', 'socket'),
    copy('argument1', 'source'),
    copy('argument2', 'target'),
    subtract('argument2', 'source'),
    ...putMessage(point, printed, 'source', 'argument2'),
    compareValue('argument2', PIPE_PIECE),
    branch('below', 'print-last'),
    set('argument2', PIPE_PIECE),
    call('write'),
    compareValue('result', EINTR),
    branch('equal', 'print-more'),
    compareValue('result', 0),
    branch('negative', 'printed'),
    add('source', 'result'),
    jump('print-more'),
    label('print-last'),
  ];
}

/** The log comes first: engines look there. */
function finish(point: Point, places: Places): readonly Operation[] {
  const write = (list: number): readonly Operation[] => [
    point('argument1', list),
    set('argument2', PIECES),
    call('writev'),
  ];
  return [
    label('finish'),
    ...openMessages(point, places),
    compareValue('state', 0),
    branch('equal', 'print'),
    load('scratch', 1, 'state'),
    compareValue('scratch', 0x2f),
    branch('notEqual', 'print'),
    set('argument0', WORKING_FOLDER),
    copy('argument1', 'state'),
    set('argument2', APPEND | O_CREAT),
    set('argument3', LOG_MODE),
    call('openat'),
    compareValue('result', 0),
    branch('negative', 'print'),
    copy('argument0', 'result'),
    ...write(logged),
    ...print(point),
    copy('argument0', 'socket'),
    ...write(printed),
    label('printed'),
    set('argument0', 1),
    call('exit_group'),
  ];
}
