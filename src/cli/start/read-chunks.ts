/**
 * Reads the text of chunks, of one build only: an update can put other files in their place while a run goes on, and half
 * of each of two builds would be a program that nobody has tested.
 * @module
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { OciSeccompError } from '../../errors.ts';
import type { ChunkState, CodeCache } from './code-cache.ts';

/** The build whose chunks a run takes. */
export interface Build {
  readonly folder: string;
  /** What each of its chunks ends with. */
  readonly id: string;
  /** Whether to read all chunks at once, because the run lasts: it goes on when its files are replaced. */
  readonly isReadAhead: boolean;
}

/** A chunk's source, as the file was when it was read. */
export interface ChunkText extends ChunkState {
  readonly source: string;
  /** Compiled before. */
  readonly code?: Uint8Array;
}

/** Files of other programs in the same folder: they are not read. */
const isOtherProgram = /^(?:runtime|supervisor|pool-supervisor)/;

/**
 * Returns a function that reads a chunk.
 *
 * @param errorClass - the one that tells an error from a defect when it is reported
 */
export function chunkReader(
  build: Build,
  { chunks }: CodeCache,
  errorClass: () => typeof OciSeccompError,
): (name: string) => ChunkText {
  const { folder, id } = build;
  const read = (name: string): ChunkText => {
    const file = `${folder}/${name}`;
    return unlessChanged(chunks.get(name), file) ?? readText(file);
  };
  const isOfBuild = ({ source }: ChunkText): boolean => source.endsWith(id);
  const ahead = new Map<string, ChunkText>();
  for (const name of build.isReadAhead ? readdirSync(folder) : []) {
    if (!name.endsWith('.cjs') || isOtherProgram.test(name)) continue;
    const text = read(name);
    if (isOfBuild(text)) ahead.set(name, text);
  }
  return (name) => {
    const known = ahead.get(name);
    if (known !== undefined) return known;
    const replaced = (what: string, cause?: unknown): OciSeccompError =>
      new (errorClass())('ERR_IO', `oci-seccomp was replaced while it ran: ${folder}/${name} ${what}`, {
        cause,
        hint: 'run it again; if that does not help, install it again',
      });
    let text: ChunkText;
    try {
      text = read(name);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? replaced('is gone', error) : error;
    }
    if (!isOfBuild(text)) throw replaced('is of another build');
    return text;
  };
}

/** What is kept of a chunk, if its file is still the same: then it need not be opened. */
function unlessChanged(kept: ChunkText | undefined, file: string): ChunkText | undefined {
  if (kept === undefined) return undefined;
  const { size, mtimeMs } = statSync(file);
  return kept.size === size && kept.modified === mtimeMs ? kept : undefined;
}

/** Chunks are ASCII, which the build sees to: as Latin-1 they need no decoding, and half of the memory. */
function readText(file: string): ChunkText {
  const fd = openSync(file, 'r');
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const bytes = Buffer.allocUnsafeSlow(size);
    if (readSync(fd, bytes) !== size) throw new Error(`${file} was changed while it was read`);
    return { source: bytes.toString('latin1'), size, modified: mtimeMs };
  } finally {
    closeSync(fd);
  }
}
