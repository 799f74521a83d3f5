/**
 * This program's own chunks and their compiled code, kept between runs: V8 then compiles nothing at start, and one file is
 * read in place of one a chunk.
 *
 * V8 executes what it is handed, without a check: so the file is taken only from a folder that nobody but root and the
 * own user can write, is read through a descriptor that is checked too, and holds everything twice, which tells a damaged
 * file. SECURITY.md says what this rests on. Whatever is wrong with the cache, the run goes on without it.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { requireTrusted, trustWalk } from '../../hook/trusted-path.ts';

/** A chunk as it was when its code was compiled; V8 itself compares nothing but the length of the source. */
export interface ChunkState {
  readonly size: number;
  readonly modified: number;
}

interface Entry extends ChunkState {
  /** Where its code begins, in bytes from the code of the first chunk. */
  readonly offset: number;
  readonly length: number;
  /** Where the source begins among those of all chunks; its length is `size`. */
  readonly at: number;
}

interface Header {
  readonly key: string;
  /** How many runs have added what they compiled. */
  readonly runs: number;
  readonly chunks: Readonly<Record<string, Entry>>;
}

/** A chunk's state, its code, and the source that this was compiled from. */
interface Compiled extends ChunkState {
  readonly code: Uint8Array;
  readonly source: string;
}

export interface CodeCache {
  readonly runs: number;
  readonly chunks: ReadonlyMap<string, Compiled>;
}

export const emptyCache: CodeCache = { runs: 0, chunks: new Map() };

const WHAT = 'the cache of compiled code';
const MAX_SIZE = 1 << 25;
/** What each piece of code is aligned to, in bytes: V8 takes aligned code without a copy. */
const ALIGNMENT = 8;
/** Bytes of the two lengths that each half of the file begins with. */
const LENGTHS = 8;
const UNUSED_AFTER_MS = 30 * 24 * 3600 * 1000;
/** A writer needs milliseconds: what it left for so long is of one that was killed. */
const UNFINISHED_AFTER_MS = 3600 * 1000;

/** The folder of the cache; `undefined` if the cache is turned off, or if this user has no folder for caches. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.OCI_SECCOMP_NO_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE || env.NODE_V8_COVERAGE)
    return undefined;
  // With rights that the caller does not have, the caller's environment names no folder.
  if (process.getuid?.() !== process.geteuid?.() || process.getgid?.() !== process.getegid?.())
    return undefined;
  const { XDG_CACHE_HOME, HOME } = env;
  const caches = XDG_CACHE_HOME?.startsWith('/')
    ? XDG_CACHE_HOME
    : // The root folder is the home of processes that have none.
      HOME?.startsWith('/') && HOME !== '/'
      ? `${HOME}/.cache`
      : undefined;
  return caches === undefined ? undefined : `${caches}/oci-seccomp`;
}

/** Root and this user; not the overflow user, whom hooks in a user namespace have to trust. */
function owners(): readonly number[] {
  return [0, process.geteuid?.() ?? 0];
}

/** Reads the cache. It is empty if the file is missing, cannot be trusted, or is of another program. */
export function readCache(folder: string, name: string, key: string): CodeCache {
  try {
    const path = trustWalk(owners())(`${folder}/${name}`, WHAT);
    return readChecked(path, key) ?? emptyCache;
  } catch {
    return emptyCache;
  }
}

function readChecked(path: string, key: string): CodeCache | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_SIZE || stats.size % 2 !== 0) return undefined;
    requireTrusted(path, stats, WHAT, owners());
    return readHalf(fd, stats.size / 2, key);
  } finally {
    closeSync(fd);
  }
}

/** Bytes of the second half that are in memory at once. */
const COMPARED = 1 << 16;

/**
 * Reads the first half, if the second is the same. Of each: length of all text u32 @0, and of the header u32 @4; the header
 * as JSON @8, the sources, the code.
 *
 * All sources are one string, which chunks have pieces of. V8 keeps so long a string apart from small objects, and never
 * copies it; sources that were read one by one made it collect garbage earlier, and were copied then. The code is read to
 * where the text was, because the kernel makes new memory page by page, each at its first use.
 */
function readHalf(fd: number, half: number, key: string): CodeCache | undefined {
  const twin: Twin = { fd, half, part: Buffer.allocUnsafeSlow(COMPARED) };
  if (readSync(fd, twin.part, 0, LENGTHS, 0) !== LENGTHS) return undefined;
  const length = twin.part.readUInt32LE(0);
  const sourcesAt = LENGTHS + twin.part.readUInt32LE(4);
  if (length > half) return undefined;
  const buffer = Buffer.allocUnsafeSlow(Math.max(length, half - length));
  if (!readTwin(twin, buffer, 0, length)) return undefined;
  const text = buffer.toString('latin1', 0, length);
  const header = JSON.parse(text.slice(LENGTHS, sourcesAt)) as Header;
  if (header.key !== key || !readTwin(twin, buffer, length, half)) return undefined;
  const chunks = new Map<string, Compiled>();
  for (const [name, { size, modified, offset, length: bytes, at }] of Object.entries(header.chunks)) {
    const source = text.slice(sourcesAt + at, sourcesAt + at + size);
    chunks.set(name, { size, modified, code: buffer.subarray(offset, offset + bytes), source });
  }
  return { runs: header.runs, chunks };
}

/** A file of two halves that should be the same. */
interface Twin {
  readonly fd: number;
  readonly half: number;
  readonly part: Buffer;
}

/** Reads the bytes of the first half from one offset to another. @returns whether the second half has the same there */
function readTwin({ fd, half, part }: Twin, to: Buffer, from: number, end: number): boolean {
  if (readSync(fd, to, 0, end - from, from) !== end - from) return false;
  for (let at = from; at < end; ) {
    const read = readSync(fd, part, 0, Math.min(part.length, end - at), half + at);
    if (read === 0 || to.compare(part, 0, read, at - from, at - from + read) !== 0) return false;
    at += read;
  }
  return true;
}

/** Writes a cache, whole or not at all, if its folder can be trusted or made. */
export function writeCache(
  folder: string,
  name: string,
  header: Pick<Header, 'key' | 'runs'>,
  chunks: ReadonlyMap<string, Compiled>,
): void {
  try {
    makeFolder(folder);
    const half = serialize(header, chunks);
    const temporary = `${folder}/.${name}.${Math.random().toString(36).slice(2)}.tmp`;
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      for (const part of [half, half])
        if (writeSync(fd, part) !== part.length) throw new Error('a short write');
      // Before the rename: after a power failure the name must not stand for an empty file.
      fsyncSync(fd);
      renameSync(temporary, `${folder}/${name}`);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    removeUnused(folder);
  } catch {
    // The next run compiles again.
  }
}

/** The folder, made in a place that can be trusted; a home that is not there is not made. */
function makeFolder(folder: string): void {
  const caches = parentOf(folder);
  const existing = [folder, caches, parentOf(caches)].find((path) => stat(path) !== undefined);
  if (existing === undefined) throw new Error(`there is no ${parentOf(caches)}`);
  requireFolder(trustWalk(owners())(existing, WHAT));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireFolder(trustWalk(owners())(folder, WHAT));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** In a folder where all may make names, such as /tmp, ours may already be somebody else's. */
function requireFolder(path: string): void {
  const stats = stat(path);
  if (stats?.isDirectory() !== true || (stats.mode & 0o022) !== 0)
    throw new Error(`${path} can be written by others`);
}

function stat(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function serialize(
  { key, runs }: Pick<Header, 'key' | 'runs'>,
  chunks: ReadonlyMap<string, Compiled>,
): Buffer {
  const entries: Record<string, Entry> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  let sources = '';
  for (const [name, { code, source, size, modified }] of chunks) {
    entries[name] = { size, modified, offset, length: code.length, at: sources.length };
    sources += source;
    const rest = -code.length & (ALIGNMENT - 1);
    parts.push(code, new Uint8Array(rest));
    offset += code.length + rest;
  }
  const header = JSON.stringify({ key, runs, chunks: entries } satisfies Header);
  const text = Buffer.from(`${header}${sources}`, 'latin1');
  const lengths = Buffer.alloc(LENGTHS);
  lengths.writeUInt32LE(LENGTHS + text.length);
  lengths.writeUInt32LE(header.length, 4);
  return Buffer.concat([lengths, text, ...parts]);
}

/** Files that other versions of this program, or of Node, have left, and those of writers that were killed. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const isUnfinished = name.endsWith('.tmp');
    if (!name.endsWith('.code') && !isUnfinished) continue;
    const stats = stat(`${folder}/${name}`);
    const limit = isUnfinished ? UNFINISHED_AFTER_MS : UNUSED_AFTER_MS;
    if (stats !== undefined && Date.now() - stats.mtimeMs > limit)
      rmSync(`${folder}/${name}`, { force: true });
  }
}
