/**
 * A command's output: to standard output, or to a file that is written whole or not at all.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { ioReason, writeWhole } from '../pipeline/files.ts';
import { isStdoutTerminal, writeStdout } from './streams.ts';

/**
 * Writes to a file (through a temporary file beside it and a rename) or to standard output (`-`).
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for bytes to a terminal
 */
export function writeOutput(path: string, output: string | Uint8Array): void {
  if (path !== '-') {
    writeFile(path, output);
    return;
  }
  if (typeof output !== 'string' && isStdoutTerminal()) {
    throw new OciSeccompError('ERR_USAGE', 'BPF is binary, and standard output is a terminal', {
      hint: 'write it to a file with -o FILE, or see it as text with --format asm, json, c, pfc or base64',
    });
  }
  writeStdout(output);
}

function writeFile(path: string, output: string | Uint8Array): void {
  try {
    writeWhole(path, output);
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `cannot write ${path}: ${ioReason(cause)}`, { cause });
  }
}
