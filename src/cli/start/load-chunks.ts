/**
 * Loads the chunks that the program is built as (tools/program-chunks.mjs): files of one folder, which require each other as
 * `./name.cjs`. Each is a function that takes what Node hands to a CommonJS module. Node's own loader would search for each
 * file, and it takes no compiled code.
 * @module
 */
import { Script } from 'node:vm';
import { OciSeccompError } from '../../errors.ts';
import { type CodeCache, emptyCache, readCache, writeCache } from './code-cache.ts';
import type { LaterSettings } from './optimize-later.ts';
import { type Build, type ChunkText, chunkReader } from './read-chunks.ts';

/** Where compiled code is kept for this run. */
export interface CachePlace {
  readonly folder: string;
  /** A name of a file: of the command. */
  readonly name: string;
  /** What the code depends on, besides the chunks. */
  readonly key: string;
}

interface Chunk {
  readonly module: { readonly exports: Record<string, unknown> };
  readonly script: Script;
  readonly text: ChunkText;
  /** Whether it was loaded after V8's settings changed. */
  readonly isLate: boolean;
}

type Load = (chunk: string) => Record<string, unknown>;
type ChunkFunction = (
  exports: object,
  require: (id: string) => unknown,
  module: { readonly exports: object },
  filename: string,
  folder: string,
  importModule: (specifier: string) => Promise<unknown>,
) => void;

/** A run that compiled something anew adds it; after so many it is left, because what runs do differs a little. */
const ENOUGH_RUNS = 3;
/** Above: the command was used wrongly, or could not do its work. */
const LAST_ANSWER = 1;

/**
 * Returns a function that loads a chunk, once.
 *
 * @param later - settings of V8 that change on the way
 */
export function chunkLoader(build: Build, place: CachePlace | undefined, later?: LaterSettings): Load {
  const cache: CodeCache = place === undefined ? emptyCache : readCache(place.folder, place.name, place.key);
  const chunks = new Map<string, Chunk>();
  // The class of the chunks: this file is bundled apart, with a copy.
  const errorClass = (): typeof OciSeccompError =>
    (chunks.get('base.cjs')?.module.exports.OciSeccompError as typeof OciSeccompError) ?? OciSeccompError;
  const read = chunkReader(build, cache, errorClass);
  let compiled = false;
  let isLate = false;
  const load: Load = (name) => {
    const known = chunks.get(name);
    if (known !== undefined) return known.module.exports;
    if (name === later?.chunk) {
      later.set();
      isLate = true;
    }
    const file = `${build.folder}/${name}`;
    const text = read(name);
    const script = new Script(text.source, { filename: file, cachedData: text.code });
    if (text.code === undefined || script.cachedDataRejected === true) compiled = true;
    // V8 keeps an object without a prototype as a table. It would describe any other object anew for each export.
    const module = { exports: Object.create(null) as Record<string, unknown> };
    chunks.set(name, { module, script, text, isLate });
    try {
      const execute = script.runInThisContext() as ChunkFunction;
      execute(module.exports, requireFrom, module, file, build.folder, importModule);
    } catch (error) {
      // The next request must not get half of the chunk.
      chunks.delete(name);
      throw error;
    }
    return module.exports;
  };
  const requireFrom = (id: string): unknown => (id.startsWith('./') ? load(id.slice(2)) : require(id));
  if (place !== undefined) {
    process.on('exit', (code) => {
      if (code > LAST_ANSWER || (!compiled && cache.runs >= ENOUGH_RUNS)) return;
      const codes = codesOf(chunks, cache, isLate ? later : undefined);
      writeCache(place.folder, place.name, { key: place.key, runs: compiled ? 1 : cache.runs + 1 }, codes);
    });
  }
  return load;
}

/**
 * The compiled code of the chunks. What this run did not load stays: with other options, the same command loads other chunks.
 *
 * @param changed - settings of V8 that have changed on the way
 */
function codesOf(
  chunks: ReadonlyMap<string, Chunk>,
  cache: CodeCache,
  changed: LaterSettings | undefined,
): CodeCache['chunks'] {
  const codes = new Map(cache.chunks);
  const keep = (late: boolean): void => {
    for (const [name, { script, text, isLate }] of chunks)
      if (isLate === late) codes.set(name, { ...text, code: script.createCachedData() });
  };
  keep(true);
  // V8 notes in each code what its settings are now, which must be what they were when the chunk was loaded.
  changed?.reset();
  keep(false);
  return codes;
}

/** `import()` of this file, which Node loaded. Chunks import packages and modules by it, and lint the rules of a project. */
function importModule(specifier: string): Promise<unknown> {
  return import(specifier);
}
