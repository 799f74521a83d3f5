/**
 * The child process that runs libseccomp for rule sets on which it might not return: a task on stdin, an answer on
 * stdout. A program of its own, started by the libseccomp backend; importing it elsewhere makes no sense.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { openLibrary } from '../libseccomp/library.ts';
import { endProcessAfter } from '../libseccomp/watchdog.ts';
import { buildFilter } from './build-filter.ts';
import { decodeTask, encodeBuilt, encodeError } from './child-protocol.ts';

const STDIN = 0;
const STDOUT = 1;

function main(): void {
  const { request, libraryPath, limits } = decodeTask(readFileSync(STDIN, 'utf8'));
  endProcessAfter(limits);
  let answer: string;
  try {
    answer = encodeBuilt(buildFilter(request, openLibrary(libraryPath)));
  } catch (error) {
    answer = encodeError(error);
  }
  writeFileSync(STDOUT, answer);
}

main();
