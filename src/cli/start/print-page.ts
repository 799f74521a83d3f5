/**
 * Version and help, without loading the program: people and scripts ask for them to see whether it is there.
 * @module
 */
import { fstatSync, readFileSync, writeSync } from 'node:fs';
import { PACKAGE_VERSION } from '../version.ts';

const STDOUT = 1;
/** Documentation/admin-guide/devices.txt: 1 char is memory devices, /dev/null among them. */
const MEMORY_MAJOR = 1;

/** Where the build keeps the help of each command, and that of the program. */
const HELP_FOLDER = 'help';
const OF_PROGRAM = 'oci-seccomp';

/**
 * Prints what these words ask for, if it is a page that the build has made.
 *
 * @param folder - of the program
 * @returns what is still to be written, nothing if all is; `undefined` if the words ask for something else
 */
export function printPage(words: readonly string[], folder: string): Uint8Array | undefined {
  const page = findPage(words, folder);
  if (page === undefined) return undefined;
  try {
    return page.subarray(writeSync(STDOUT, page));
  } catch {
    // The whole program knows what to do about a reader that has gone, or is slow.
    return page;
  }
}

function findPage(words: readonly string[], folder: string): Uint8Array | undefined {
  const [first, second] = words;
  if (words.length === 1 && (first === '--version' || first === '-V'))
    return Buffer.from(`${PACKAGE_VERSION}\n`);
  if (words.length === 1 && (first === 'help' || isHelp(first))) return readHelp(OF_PROGRAM, folder);
  if (words.length !== 2) return undefined;
  const verb = first === 'help' ? second : isHelp(second) ? first : undefined;
  return verb === undefined || !/^[a-z]+$/.test(verb) ? undefined : readHelp(verb, folder);
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** Kept pages are as wide as output to a file or a pipe. */
function readHelp(name: string, folder: string): Uint8Array | undefined {
  if (isPerhapsTerminal()) return undefined;
  try {
    return readFileSync(`${folder}/${HELP_FOLDER}/${name}.txt`);
  } catch {
    return undefined;
  }
}

function isPerhapsTerminal(): boolean {
  try {
    const stats = fstatSync(STDOUT);
    return stats.isCharacterDevice() && stats.rdev >> 8 !== MEMORY_MAJOR;
  } catch {
    return true;
  }
}
