/**
 * Standard error of programs that a container's start waits for. A pipe that nobody reads, or a terminal that is stopped
 * (Ctrl-S), must not hold them up: what finds no room is dropped, and the exit code still says what happened.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { openPollSet } from '../kernel/poll-set.ts';
import { sleep } from '../kernel/sleep.ts';

const STDERR = 2;
/** How long a message waits for a reader that is slow. */
const PATIENCE_MS = 200;
/** PIPE_BUF, pipe(7): if poll(2) finds room in a pipe, there is as much, but maybe no more. */
const PIECE = 4096;

/** Writes a text as far as it finds room. */
type Tell = (text: string) => void;

/** Tells the end of a start: an engine that reads standard error may take a moment. */
export function tellStderr(text: string): void {
  const write = openStderr();
  let rest = Buffer.from(text);
  for (let waited = 0; rest.length > 0 && waited < PATIENCE_MS; waited += 1) {
    rest = rest.subarray(write(rest));
    if (rest.length > 0) sleep(1);
  }
}

/** For a program that writes often: it never waits. */
export function openTell(): Tell {
  const write = openStderr();
  return (text) => void write(Buffer.from(text));
}

/** @returns a function that writes without waiting, and returns how many bytes are done: all if nobody can read them */
function openStderr(): (bytes: Uint8Array) => number {
  const { fd, room } = isFile() ? { fd: STDERR, room: () => PIECE } : (openAnew() ?? asItIs());
  return (bytes) => {
    let at = 0;
    try {
      for (let size = room(); size > 0 && at < bytes.length; size = room()) {
        at += writeSync(fd, bytes.subarray(at, at + size));
      }
      return at;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? at : bytes.length;
    }
  };
}

interface Opened {
  readonly fd: number;
  /** How many bytes can be written without waiting. */
  readonly room: () => number;
}

/** Writing to a file does not wait. Programs that share the open file go on where this text ends, so it is not opened anew. */
function isFile(): boolean {
  try {
    return fstatSync(STDERR).isFile();
  } catch {
    return false;
  }
}

/** Other programs share the open file and may want to wait, so O_NONBLOCK is set on one of our own. */
function openAnew(): Opened | undefined {
  try {
    const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
    // This fails if the descriptor is for reading only: then its owner did not let us write.
    writeSync(STDERR, new Uint8Array());
    const fd = openSync('/proc/self/fd/2', O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
    return { fd, room: () => PIECE };
  } catch {
    return undefined;
  }
}

/** A socket (the journal's) and a pipe of another user cannot be opened anew. If poll(2) finds room, a piece fits. */
function asItIs(): Opened {
  const set = openPollSet([STDERR], 'writing');
  return { fd: STDERR, room: () => (set.wait(0) > 0 ? PIECE : 0) };
}
