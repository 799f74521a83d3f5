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
import type { Run, Runs } from './definitions/shared.ts';
import { exitCodeOf } from './exit-code.ts';
import { writeStderr, writeStdout } from './streams.ts';
import { PACKAGE_VERSION } from './version.ts';

export interface Program {
  /** Parses argv and runs the command. @returns the exit code @throws CommanderError after help or wrong usage */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const EXIT_CODES = `
Exit codes:
  0  the answer is yes: equal, within, clean, written
  1  the answer is no: different, looser, findings, a proof that fails, a weakness under --strict
  2  trouble: wrong usage, or an input that cannot be read as what it should be
  3  the environment: no libseccomp, a file that cannot be read or written, no permission`;

/** Builds the command line. */
export function createProgram(): Program {
  let exitCode = 0;
  const runs: Runs =
    <Options>(load: () => Promise<Run<Options>>) =>
    async (...parameters: unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const run = await load();
      exitCode = exitCodeOf(await run(command.args, command.opts() as Options));
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
