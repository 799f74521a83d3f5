/**
 * The standard streams.
 * @module
 */
export function writeStdout(output: string | Uint8Array): void {
  process.stdout.write(output);
}

export function writeStderr(text: string): void {
  process.stderr.write(text);
}

/** Whether stdout is a terminal, where bytes would garble the screen. */
export function isStdoutTerminal(): boolean {
  return process.stdout.isTTY === true;
}
