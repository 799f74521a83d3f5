/**
 * The standard streams.
 * @module
 */
import { errorCodes } from '../errors.ts';
import { READER_GONE_EXIT_CODE } from './exit-code.ts';

let watched = false;

export function writeStdout(output: string | Uint8Array): void {
  sendToStdout(output);
}

/** As {@link writeStdout}; resolves when the reader has caught up, so that long output does not pile up here. */
export async function streamStdout(output: string): Promise<void> {
  if (!sendToStdout(output)) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

function sendToStdout(output: string | Uint8Array): boolean {
  // Not before there is something to write: the first touch of the stream costs milliseconds.
  if (!watched) {
    watched = true;
    // A reader that closes early (`| head`) is no error worth a message; the answer, which may be no, it has not seen.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? READER_GONE_EXIT_CODE : errorCodes.ERR_IO.exitCode);
    });
  }
  return process.stdout.write(output);
}

export function writeStderr(text: string): void {
  process.stderr.write(text);
}

/** Whether stdout is a terminal, where bytes would garble the screen. */
export function isStdoutTerminal(): boolean {
  return process.stdout.isTTY === true;
}
