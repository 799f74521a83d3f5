/**
 * The text of a file, a pipe or standard input in pieces, as they come.
 * @module
 */
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { statsOf } from '../../pipeline/files.ts';
import { announceTerminal, displayName } from '../../pipeline/read-input.ts';

/**
 * Reads text. As for a file that is read whole, a named pipe that nobody has open for writing is refused: opening it in the
 * usual way waits for a writer, who may never come.
 *
 * @throws the errors of open(2) and read(2); for such a pipe an error with the code `ENXIO`; OciSeccompError `ERR_IO` for
 *   devices that never end
 */
export async function* textPieces(path: string, pieceSize: number): AsyncGenerator<string> {
  for await (const piece of openStream(path, pieceSize).setEncoding('utf8')) yield String(piece);
}

export function isPipe(path: string): boolean {
  return path !== '-' && statsOf(path)?.isFIFO() === true;
}

function openStream(path: string, pieceSize: number): NodeJS.ReadableStream {
  requireEnd(path);
  if (path === '-') {
    announceTerminal();
    return process.stdin;
  }
  return isPipe(path) ? openPipe(path) : createReadStream(path, { highWaterMark: pieceSize });
}

/** `/dev/zero`, `/dev/urandom`, `/dev/kmsg`: Documentation/admin-guide/devices.txt, character devices of major number 1. */
function requireEnd(path: string): void {
  const stats = path === '-' ? fstatSync(STDIN) : statsOf(path);
  if (stats === undefined || !isMemoryDevice(stats) || stats.rdev === statSync('/dev/null').rdev) return;
  throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: it is a device that has no end`, {
    hint: 'for the log of the kernel: oci-seccomp audit --dmesg',
  });
}

const STDIN = 0;

function isMemoryDevice(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev >> 8 === 1;
}

function openPipe(path: string): NodeJS.ReadableStream {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const start = readStart(fd);
  if (start?.length === 0) {
    closeSync(fd);
    throw Object.assign(new Error(`${path}: nobody writes to this pipe`), { code: 'ENXIO' });
  }
  const { Socket } = process.getBuiltinModule('node:net');
  const socket = new Socket({ fd, readable: true, writable: false });
  if (start !== undefined) socket.unshift(start);
  return socket;
}

/** What a pipe holds now; `undefined` if nothing, but somebody can write. poll(2) does not tell if nobody ever did. */
function readStart(fd: number): Buffer | undefined {
  try {
    const buffer = Buffer.alloc(START);
    return buffer.subarray(0, readSync(fd, buffer, 0, START, null));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

const START = 1 << 12;
