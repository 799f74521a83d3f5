/**
 * The commands and their options. What a command does is loaded when it runs: reading help needs no libseccomp.
 * @module
 */
import { Command, Option } from 'commander';
import { PACKAGE_VERSION } from './version.ts';

/** A command's work: resolves to the exit code. */
type Run<Options> = (operands: readonly string[], options: Options) => Promise<number>;

export interface Program {
  /** Parses argv and runs the command. @returns the exit code @throws CommanderError after help or wrong usage */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const PROFILE_HELP = 'a file, - for standard input, or a built-in profile: docker-default, podman-default';

const EXIT_CODES = `
Exit codes: 0 fine, 1 the input is invalid, 2 wrong usage, 3 the environment (library missing, file unreadable).`;

/** Builds the command line. */
export function createProgram(): Program {
  let exitCode = 0;
  const runs =
    <Options>(load: () => Promise<Run<Options>>) =>
    async (...parameters: unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const run = await load();
      exitCode = await run(command.args, command.opts() as Options);
    };

  const root = new Command('oci-seccomp')
    .description(
      'Seccomp profiles of containers: validate them, resolve them for a host, compile them to BPF.',
    )
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .exitOverride();

  const compile = root
    .command('compile')
    .summary('compile a profile to the filter that a runtime would install')
    .description('Compiles a profile to the BPF program that a container runtime would install on the host.')
    .argument('<profile>', PROFILE_HELP);
  addHostOptions(compile)
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['bpf', 'pfc', 'c', 'json', 'base64', 'asm'])
        .default('bpf'),
    )
    .option(
      '-r, --runtime <runtime>',
      'runc, runc@1.1, runc@1.2, crun, youki, or plain (libseccomp alone)',
      'runc',
    )
    .addOption(
      new Option('--backend <backend>', 'what compiles the rules')
        .choices(['libseccomp'])
        .default('libseccomp'),
    )
    .option('--library <file>', 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option('--timeout <seconds>', 'time limit for rule sets that libseccomp may not survive', '10')
    .option('-v, --verbose', 'list every rule dropped, skipped or changed, and why')
    .option('-q, --quiet', 'print no summary')
    .addHelpText(
      'after',
      `
Examples:
  oci-seccomp compile docker-default -o docker-default.bpf
  oci-seccomp compile profile.json --arch arm64 --runtime crun --format asm
  oci-seccomp compile bundle/config.json --format base64`,
    )
    .action(runs(async () => (await import('./commands/compile.ts')).runCompile));

  const resolve = root
    .command('resolve')
    .summary('print the linux.seccomp section that an engine makes of a profile')
    .description(
      "Evaluates a profile's conditions for a host and prints the runtime-spec linux.seccomp object.",
    )
    .argument('<profile>', PROFILE_HELP);
  addHostOptions(resolve)
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .option('-v, --verbose', 'list every rule kept or dropped, and why')
    .option('-q, --quiet', 'print no summary')
    .action(runs(async () => (await import('./commands/resolve.ts')).runResolve));

  root
    .command('validate')
    .summary('find every problem in profiles')
    .description(
      'Reads profiles and prints every problem with its place. Directories are searched for *.json.',
    )
    .argument('<profile...>', 'files, directories, globs, - for standard input, or built-in profiles')
    .addOption(dialectOption())
    .addOption(
      new Option('-f, --format <format>', 'form of the output').choices(['human', 'json']).default('human'),
    )
    .option('-q, --quiet', 'print errors only, no warnings')
    .action(runs(async () => (await import('./commands/validate.ts')).runValidate));

  root
    .command('syscalls')
    .summary('translate between names and numbers of system calls')
    .description('Prints the numbers of system calls, or the names of numbers, on one or all architectures.')
    .argument('[name|number...]', 'system calls; none: all of the architecture')
    .option('-a, --arch <arch>', 'one architecture (default: all; for a whole list: this machine)')
    .option('--json', 'print JSON')
    .action(runs(async () => (await import('./commands/syscalls.ts')).runSyscalls));

  root
    .command('doctor')
    .summary('show what this machine has: libseccomp, kernel features, runtimes')
    .description('Shows what this machine has of everything oci-seccomp works with.')
    .option('--library <file>', 'libseccomp to look at (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option('--json', 'print JSON')
    .action(runs(async () => (await import('./commands/doctor.ts')).runDoctor));

  return {
    run: async (argv) => {
      await root.parseAsync([...argv]);
      return exitCode;
    },
  };
}

function dialectOption(): Option {
  return new Option(
    '-d, --dialect <dialect>',
    'how to read the profile (default: told from its content)',
  ).choices(['docker', 'podman', 'oci', 'oci-config']);
}

/** The options that say what a profile is resolved for. */
function addHostOptions(command: Command): Command {
  return command
    .addOption(dialectOption())
    .addOption(
      new Option('-e, --engine <engine>', 'who resolves the profile (default: by dialect)').choices([
        'docker',
        'podman',
        'cri-o',
        'containerd',
      ]),
    )
    .option('-a, --arch <arch>', 'architecture of the host: any usual spelling (default: this machine)')
    .option('-k, --kernel <release>', 'kernel of the host, for instance 6.1 (default: this machine)')
    .addOption(
      new Option('--caps <set>', "capabilities of the container (default: docker; a bundle's own)").choices([
        'docker',
        'podman',
        'all',
        'none',
      ]),
    )
    .option(
      '--cap <capability>',
      'one more capability, repeatable',
      (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
    );
}
