/**
 * The bytes of what a person names: a file, or `-` for standard input.
 * @module
 */
import { writeSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { builtinHint } from '../oci/builtin/meant-builtin.ts';
import { MAX_DOCUMENT_SIZE } from '../oci/document.ts';
import { ioReason, readBounded, readFileBounded } from './files.ts';

const STDIN = 0;
const STDERR = 2;

/**
 * Reads the bytes of a file or of standard input (`-`).
 *
 * @param limit - in bytes; of longer input that many are returned. Unless told, one more than a profile may have
 * @param hintFor - what to say of a file that does not exist; unless told, that it may be a built-in profile misspelt
 * @throws OciSeccompError `ERR_IO`
 */
export function readInput(path: string, limit = MAX_DOCUMENT_SIZE + 1, hintFor?: FileHint): Uint8Array {
  try {
    if (path === '-') announceTerminal();
    return path === '-' ? readBounded(STDIN, limit) : readFileBounded(path, limit);
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (isAbsent && /^pid:\d+$/.test(path)) throw noProcess(path);
    const hint = isAbsent ? (path === '' ? EMPTY_HINT : (hintFor ?? builtinHint)(path)) : undefined;
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${ioReason(cause)}`, {
      hint,
      cause,
    });
  }
}

/** Says on standard error that standard input is a terminal: a command that waits for it looks stuck. */
export function announceTerminal(): void {
  const { isatty } = process.getBuiltinModule('node:tty');
  if (isatty(STDIN)) writeSync(STDERR, 'reading from the terminal, up to Ctrl-D\n');
}

/**
 * Bytes of a profile as its readers take them: as text if they are ASCII, because to make a decoder takes longer than all that
 * is decoded with it. With a NUL they are no text, and readers tell what they are.
 */
export function asciiText(bytes: Uint8Array): string | Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.byteLength(text) === text.length && !text.includes('\0') ? text : bytes;
}

/** What can be said of a file that does not exist. */
type FileHint = (path: string) => string | undefined;

/** For files that are no profiles. */
export const noHint: FileHint = () => undefined;

/** What to say of a path without a character. */
export const EMPTY_HINT = 'the name is empty: is it a variable that is not set?';

/** The error of a command that takes no process: commands that do never come here. */
function noProcess(path: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `${path} is a process, and a file is needed here`, {
    hint: `oci-seccomp decompile ${path} -o profile.json writes a profile that does what its filters do; explain, diff, subset and simulate take a process as it is`,
  });
}

/** An operand in a message: `<stdin>` for `-`, `''` if empty. Line ends are escaped, else a name could look like two messages. */
export function displayName(path: string): string {
  if (path === '') return "''";
  return path === '-'
    ? '<stdin>'
    : path.replace(/[\n\r\u2028\u2029]/g, (each) => {
        const code = each.charCodeAt(0).toString(16);
        return each < ' ' ? `\\x0${code}` : `\\u{${code}}`;
      });
}
