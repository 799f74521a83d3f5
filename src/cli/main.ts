#!/usr/bin/env node
/**
 * The start of the program `oci-seccomp`: it loads the chunks that the command needs.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { OciSeccompError } from '../errors.ts';
import { nodeTooOld } from './node-too-old.ts';
import { cacheFolder } from './start/code-cache.ts';
import { type CachePlace, chunkLoader } from './start/load-chunks.ts';
import { FIRST_CHUNK, laterSettings } from './start/optimize-later.ts';
import { printPage } from './start/print-page.ts';

/** The hash of all chunks; tools/build.mjs fills it in. */
declare const BUILD_ID: string;

const STDERR = 2;

interface Program {
  readonly main: (argv: readonly string[]) => Promise<void>;
  readonly print: (rest: Uint8Array) => Promise<void>;
}

function start(): void {
  const [, , ...words] = process.argv;
  const rest = printPage(words, __dirname);
  if (rest?.length === 0) return;
  const reason = nodeTooOld();
  if (reason !== undefined) {
    process.exitCode = 3;
    tell(`error: ${reason}\n`);
    return;
  }
  const later = laterSettings(words);
  // These last: an update may replace the files meanwhile.
  const isReadAhead = words[0] === 'agent' || words[0] === 'record';
  const build = { folder: __dirname, id: BUILD_ID, isReadAhead };
  const load = chunkLoader(build, cachePlace(words, later?.chunk), later);
  let program: Program;
  try {
    program = load(FIRST_CHUNK) as unknown as Program;
  } catch (error) {
    fail(error as OciSeccompError);
    return;
  }
  void (rest === undefined ? program.main(process.argv) : program.print(rest));
}

/** Reports a chunk that is missing or was replaced. What writes other errors is in a chunk too. */
function fail(error: OciSeccompError): void {
  if (error.code !== 'ERR_IO') throw error;
  process.exitCode = 3;
  tell(`error: ${error.message} [ERR_IO]\n  hint: ${error.hint}\n`);
}

/** A container's start may wait for this. So a pipe or a terminal that is full gets nothing, and the exit code counts. */
function tell(text: string): void {
  const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const stats = fstatSync(STDERR);
    const isOwn = stats.isFIFO() || stats.isCharacterDevice();
    // Other programs share the open file and may want to wait, so O_NONBLOCK is set on one of our own.
    const fd = isOwn ? openSync('/proc/self/fd/2', O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY) : STDERR;
    writeSync(fd, text);
  } catch {
    // Nobody can be told.
  }
}

/** A hook and the agent run as root for containers of anybody: they take no code but the package's own. */
function cachePlace(words: readonly string[], lateFrom = ''): CachePlace | undefined {
  const [command = ''] = words;
  const isForContainers = command === 'hook' || command === 'agent';
  const folder = isForContainers ? undefined : cacheFolder(process.env);
  if (folder === undefined) return undefined;
  const options = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`;
  const key = `${BUILD_ID} ${process.version} ${process.arch} ${lateFrom} ${options}`;
  const verb = /^[a-z]{1,16}$/.test(command) ? command : 'program';
  // Help needs other code than work does, and a built-in profile needs none that reads files.
  const isHelp = words.some((word) => word === '--help' || word === '-h');
  const isFile = words.some((word) => word.endsWith('.json'));
  const work = isHelp ? '-help' : isFile ? '-file' : '';
  return { folder, name: `${verb}${work}-${shortHash(key)}.code`, key };
}

/** FNV-1a: it only has to tell names of files apart, and the file holds the whole key. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

start();
