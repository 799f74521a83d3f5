/**
 * The program that the agent starts to make a filter with libseccomp: a fault of the library ends it, and not the agent
 * of all containers. A task on standard input, an answer on standard output; importing it elsewhere makes no sense.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mappedFiles } from '../../kernel/process-maps.ts';
import { endProcessAfter } from '../../libseccomp/watchdog.ts';
import { decodeTask, encodeFailure, encodeFitted, LIMITS } from './fit-messages.ts';
import { fitProfile } from './fit-profile.ts';

const [STDIN, STDOUT] = [0, 1];

async function answer(): Promise<string> {
  try {
    const task = decodeTask(readFileSync(STDIN, 'utf8'));
    endProcessAfter(LIMITS);
    const fitted = await fitProfile(task);
    const path = fitted.library?.path;
    const loaded = mappedFiles('self')?.find((file) => file === path || /\/libseccomp\.so[^/]*$/.test(file));
    return encodeFitted({ ...fitted, libraryFile: loaded });
  } catch (error) {
    return encodeFailure(error);
  }
}

answer().then((text) => writeFileSync(STDOUT, text));
