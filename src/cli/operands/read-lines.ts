/**
 * The lines of a file or of standard input, as they come: memory does not grow with the input.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { ioReason } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { textPieces } from './text-pieces.ts';

const CHUNK = 1 << 18;
const MAX_LINE = 1 << 20;

/**
 * Reads lines in batches, without their line feeds.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_CALLS` for a line of more than 2^20 characters
 */
export async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of chunksOf(path)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) {
      throw new OciSeccompError(
        'ERR_CALLS',
        `${displayName(path)} has a line of more than ${MAX_LINE} characters`,
      );
    }
    yield lines;
  }
  if (rest !== '') yield [rest];
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  try {
    yield* textPieces(path, CHUNK);
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${ioReason(cause)}`, { cause });
  }
}
