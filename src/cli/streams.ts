/**
 * The standard streams.
 * @module
 */
import { fstatSync, writeSync } from 'node:fs';
import { errorCodes } from '../errors.ts';
import { ioReason } from '../pipeline/files.ts';
import { READER_GONE_EXIT_CODE } from './exit-code.ts';

const STDERR = 2;

let watched = false;
/** Whether the reader has gone, as `head` does: what is written then is dropped, and the command ends with its own answer. */
let closed = false;

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
  // Not before there is something to write: the first touch of the stream costs milliseconds.
  if (output.length === 0) return true;
  if (!watched) {
    watched = true;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') closed = true;
      else failed(error);
    });
  }
  return closed || process.stdout.write(output);
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

let watchedStderr = false;

/**
 * Goes on if the reader has gone. Ends if nothing can be written, because then nobody hears of what weakens an answer.
 */
export function writeStderr(text: string): void {
  if (!watchedStderr) {
    watchedStderr = true;
    process.stderr.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exit(errorCodes.ERR_IO.exitCode);
    });
  }
  process.stderr.write(paint === undefined ? text : paint(text));
}

/** Whether standard error is a terminal. `process.stderr` would be made to find out, which takes milliseconds. */
export function isStderrTerminal(): boolean {
  try {
    return fstatSync(STDERR).isCharacterDevice() && process.stderr.isTTY === true;
  } catch {
    return false;
  }
}

let quiet = false;

/** Of `--quiet`: from now on, warnings and summaries are dropped. */
export function beQuiet(): void {
  quiet = true;
}

/** A warning, a note, a summary: what says something beside the result, and is not an error. */
export function writeAside(text: string): void {
  if (!quiet) writeStderr(text);
}

/** Whether stdout is a terminal, where bytes would garble the screen. */
export function isStdoutTerminal(): boolean {
  return process.stdout.isTTY === true;
}

/** Columns that text for people may take. */
export function terminalWidth(): number {
  return process.stdout.isTTY === true ? process.stdout.columns : STANDARD_WIDTH;
}

const STANDARD_WIDTH = 80;
