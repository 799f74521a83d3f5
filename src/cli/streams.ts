/**
 * The standard streams.
 * @module
 */
import { fstatSync, writeSync } from 'node:fs';
import { errorCodes } from '../errors.ts';
import { ioReason } from '../pipeline/files.ts';
import { READER_GONE_EXIT_CODE } from './exit-code.ts';
import { visibleReport, visibleText } from './render/safe-text.ts';

/** Documentation/admin-guide/devices.txt: 1 char is memory devices, /dev/null among them. */
const MEMORY_MAJOR = 1;
const STDOUT = 1;
const STDERR = 2;

/** Whether the reader has gone, as `head` does: what is written then is dropped, and the command ends with its own answer. */
let closed = false;
/** Output that the descriptor did not take at once: Node's stream writes it, and everything after it. */
let queued = false;

export function writeStdout(output: string | Uint8Array): void {
  sendToStdout(output);
}

/**
 * As {@link writeStdout}; resolves when the reader has caught up, so that long output does not pile up here. Ends the
 * process if the reader has gone: a command that prints as it reads may never come to an answer.
 */
export async function streamStdout(output: string): Promise<void> {
  if (!sendToStdout(output)) {
    await new Promise<void>((resolve) =>
      process.stdout.once('drain', resolve).once('error', () => resolve()),
    );
  }
  if (closed) process.exit(READER_GONE_EXIT_CODE);
}

function sendToStdout(output: string | Uint8Array): boolean {
  if (closed || output.length === 0) return true;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') failed(error);
    closed = true;
  };
  const rest = queued ? output : writeNow(STDOUT, output, fail);
  if (rest.length === 0) return true;
  if (!queued) process.stdout.on('error', fail);
  queued = true;
  return process.stdout.write(rest);
}

/**
 * Writes to a descriptor without Node's stream: making that costs milliseconds.
 *
 * @returns what it does not take now: it is not blocking, and its reader is slow
 */
function writeNow(
  fd: number,
  output: string | Uint8Array,
  fail: (error: NodeJS.ErrnoException) => void,
): Uint8Array {
  let rest = typeof output === 'string' ? Buffer.from(output) : output;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
    return rest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return rest;
    fail(error as NodeJS.ErrnoException);
    return new Uint8Array();
  }
}

/** What was written is lost, or half of it: nobody may take the output for the answer. */
function failed(error: NodeJS.ErrnoException): never {
  try {
    writeSync(STDERR, `error: cannot write standard output: ${ioReason(error)} [ERR_IO]\n`);
  } catch {
    // Nor can the reason be told; the exit code does.
  }
  process.exit(errorCodes.ERR_IO.exitCode);
}

let paint: ((text: string) => string) | undefined;

/** From now on, what goes to standard error is painted. */
export function paintStderr(painter: (text: string) => string): void {
  paint = painter;
}

let queuedStderr = false;

/** Whether something was left to a stream of Node, which may not have written it yet, or may still report that it could not. */
export function isOutputQueued(): boolean {
  return queued || queuedStderr;
}

/** A line about work in progress, in place of the one before. */
function writeStatus(line: string): void {
  sendToStderr(`${CLEAR_LINE}${visibleText(line)}`);
}

const CLEAR_LINE = '\r\x1b[K';

/**
 * What others wrote, names of files among it, is shown and not carried out by a terminal.
 *
 * Goes on if the reader has gone. Ends if nothing can be written, because then nobody hears of what weakens an answer.
 */
export function writeStderr(text: string): void {
  const shown = visibleReport(text);
  sendToStderr(paint === undefined ? shown : paint(shown));
}

function sendToStderr(output: string): void {
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') process.exit(errorCodes.ERR_IO.exitCode);
  };
  const rest = queuedStderr ? output : writeNow(STDERR, output, fail);
  if (rest.length === 0) return;
  if (!queuedStderr) process.stderr.on('error', fail);
  queuedStderr = true;
  process.stderr.write(rest);
}

/** Whether standard error is a terminal. `process.stderr` would be made to find out, which takes milliseconds. */
export function isStderrTerminal(): boolean {
  return isDevice(STDERR) && process.stderr.isTTY === true;
}

/** Whether it can be a terminal: a character device, but not /dev/null, which everybody's output goes to. */
function isDevice(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isCharacterDevice() && stats.rdev >> 8 !== MEMORY_MAJOR;
  } catch {
    return false;
  }
}

let quiet = false;

/** For `--quiet`: from now on, warnings and summaries are dropped. */
export function beQuiet(): void {
  quiet = true;
}

/** A warning, a note, a summary: what says something beside the result, and is not an error. */
export function writeAside(text: string): void {
  if (!quiet) writeStderr(text);
}

/** As {@link writeStatus}, but dropped with asides. */
export function writeStatusAside(line: string): void {
  if (!quiet) writeStatus(line);
}

/** Whether stdout is a terminal, where bytes would garble the screen. */
export function isStdoutTerminal(): boolean {
  return isDevice(STDOUT) && process.stdout.isTTY === true;
}

/** Columns that text for people may take. */
export function terminalWidth(): number {
  return isStdoutTerminal() ? process.stdout.columns : STANDARD_WIDTH;
}

const STANDARD_WIDTH = 80;
