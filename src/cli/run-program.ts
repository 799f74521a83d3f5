/**
 * Runs a command line by way of commander.
 * @module
 */
import { CommanderError } from 'commander';
import { createProgram } from './command-line.ts';
import { USAGE_EXIT_CODE } from './exit-code.ts';

/** @returns the exit code */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    return await createProgram().run(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has written help, version or its message already; its own exit code for wrong usage is 1.
    return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  }
}
