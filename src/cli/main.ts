#!/usr/bin/env node
/**
 * The program `oci-seccomp`. Here, and nowhere else, argv is read and the exit code set.
 * @module
 */
import './clock.ts'; // first: it notes when loading began
import { CommanderError } from 'commander';
import { errorCodes, OciSeccompError } from '../errors.ts';
import { createProgram } from './program.ts';
import { renderError } from './render-error.ts';
import { writeStderr } from './streams.ts';

const USAGE_EXIT_CODE = 2;
const DEFECT_EXIT_CODE = 3;

async function main(): Promise<void> {
  try {
    process.exitCode = await createProgram().run(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has written help, version or its message already; its own exit code for wrong usage is 1.
      process.exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
    } else if (error instanceof OciSeccompError) {
      writeStderr(renderError(error));
      process.exitCode = errorCodes[error.code].exitCode;
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      writeStderr(`error: a defect of oci-seccomp, please report it:\n${text}\n`);
      process.exitCode = DEFECT_EXIT_CODE;
    }
  }
}

void main();
