/**
 * The commands and their options. What a command does is loaded when it runs: reading help needs no libseccomp.
 * @module
 */
import { Command } from 'commander';
import { defineHookCommand } from './definitions/hook.ts';
import { defineLintCommands } from './definitions/lint.ts';
import { defineMachineCommands } from './definitions/machine.ts';
import { defineMeaningCommands } from './definitions/meaning.ts';
import { defineProfileCommands } from './definitions/profiles.ts';
import { defineProgramCommands } from './definitions/programs.ts';
import { defineRunCommands } from './definitions/run.ts';
import type { Runs } from './definitions/shared.ts';
import { writeStderr, writeStdout } from './streams.ts';
import { PACKAGE_VERSION } from './version.ts';

export interface Program {
  /** Parses argv and runs the command. @returns the exit code @throws CommanderError after help or wrong usage */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const EXIT_CODES = `
Exit codes: 0 fine, 1 the input is invalid, 2 wrong usage, 3 the environment (library missing, file unreadable).`;

/** Builds the command line. */
export function createProgram(): Program {
  let exitCode = 0;
  const runs: Runs =
    <Options>(load: () => Promise<(operands: readonly string[], options: Options) => Promise<number>>) =>
    async (...parameters: unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const run = await load();
      exitCode = await run(command.args, command.opts() as Options);
    };

  const root = new Command('oci-seccomp')
    .description(
      'Seccomp profiles of containers: validate and lint them, compile them to proven BPF, explain and compare filters, install them.',
    )
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    // A reader of the help that closes early (`| head`) is no error.
    .configureOutput({ writeOut: writeStdout, writeErr: writeStderr })
    .enablePositionalOptions() // so that what follows the command of run is the command's
    .exitOverride();

  defineProfileCommands(root, runs);
  defineMeaningCommands(root, runs);
  defineProgramCommands(root, runs);
  defineLintCommands(root, runs);
  defineMachineCommands(root, runs);
  defineHookCommand(root, runs);
  defineRunCommands(root, runs);

  return {
    run: async (argv) => {
      await root.parseAsync([...argv]);
      return exitCode;
    },
  };
}
