/**
 * The standard streams.
 * @module
 */
import { errorCodes } from '../errors.ts';

let watched = false;

export function writeStdout(output: string | Uint8Array): void {
  // Not before there is something to write: the first touch of the stream costs milliseconds.
  if (!watched) {
    watched = true;
    // A reader that closes early (`| head`) is not an error of ours.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : errorCodes.ERR_IO.exitCode);
    });
  }
  process.stdout.write(output);
}

export function writeStderr(text: string): void {
  process.stderr.write(text);
}

/** Whether stdout is a terminal, where bytes would garble the screen. */
export function isStdoutTerminal(): boolean {
  return process.stdout.isTTY === true;
}
