/**
 * The bytes of what a person names: a file, or `-` for standard input.
 * @module
 */
import { nearest } from '../abi/nearest-name.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinFamilies } from '../oci/builtin/index.ts';
import { MAX_DOCUMENT_SIZE } from '../oci/document.ts';
import { ioReason, readBounded, readFileBounded } from './files.ts';

const STDIN = 0;

/**
 * Reads the bytes of a file or of standard input (`-`).
 *
 * @param limit - in bytes; of longer input that many are returned. Unless told, one more than a profile may have
 * @param hintFor - what to say of a file that does not exist; unless told, that it may be a built-in profile misspelt
 * @throws OciSeccompError `ERR_IO`
 */
export function readInput(
  path: string,
  limit = MAX_DOCUMENT_SIZE + 1,
  hintFor: (path: string) => string | undefined = builtinHint,
): Uint8Array {
  try {
    return path === '-' ? readBounded(STDIN, limit) : readFileBounded(path, limit);
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const hint = isAbsent ? hintFor(path) : undefined;
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${ioReason(cause)}`, {
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}

function builtinHint(operand: string): string | undefined {
  if (operand.includes('/')) return undefined;
  const near = nearest(operand, builtinFamilies);
  const guess = near === undefined ? '' : `did you mean ${near}? `;
  return `${guess}built-in profiles are ${builtinFamilies.join(', ')}; anything else is a path`;
}

/** `<stdin>` for `-`. No name goes over several lines, where its end would look like a message of its own. */
export function displayName(path: string): string {
  return path === '-'
    ? '<stdin>'
    : path.replace(/[\n\r\u2028\u2029]/g, (each) => `\\u{${each.charCodeAt(0).toString(16)}}`);
}
