/**
 * The commands about what filters mean: explain, diff, subset, verify.
 * @module
 */
import { type Command, Option } from 'commander';
import { addHostOptions, type Define, PROFILE_HELP, type Runs, STRICT_HELP } from './shared.ts';

export const defineMeaningCommands: Define = (root, runs) => {
  defineExplain(root, runs);
  defineDiff(root, runs);
  defineSubset(root, runs);
  defineVerify(root, runs);
};

const FILTER_HELP =
  'a profile or a BPF program in a file, - for standard input, docker-default, podman-default, or pid:PID';

/** The options that say what a profile is compiled for. */
function addReadingOptions(command: Command): Command {
  return addHostOptions(command)
    .option(
      '-r, --runtime <runtime>',
      'runc, runc@1.1, runc@1.2, crun, youki, or plain (libseccomp alone)',
      'runc',
    )
    .option('--library <file>', 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)');
}

function defineExplain(root: Command, runs: Runs): void {
  const explain = root
    .command('explain')
    .summary('say what a filter does with a system call, and why')
    .description(
      'Says what a filter does with a system call, and why: which rule matches, which others name the call and what keeps them from matching.',
    )
    .usage(
      '[options] <filter> <syscall> [argument...]\n       oci-seccomp explain --pid PID [options] <syscall> [argument...]',
    )
    .argument('[filter]', FILTER_HELP)
    .argument(
      '[call...]',
      'name or number of a system call, then its arguments: decimal, hexadecimal, or names (AF_INET, CLONE_NEWUSER|SIGCHLD); _ and those left out may be anything',
    );
  addReadingOptions(explain)
    .option('-p, --pid <pid>', 'the filters of a live process, in place of the first operand')
    .option(
      '--host-arch <arch>',
      'architecture of the host of a profile (default: this machine if it runs such calls)',
    )
    .option('-t, --trace', 'list the instructions executed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  oci-seccomp explain docker-default clone
  oci-seccomp explain docker-default socket AF_VSOCK
  oci-seccomp explain profile.json ioctl _ TIOCSTI --runtime crun
  oci-seccomp explain --pid 1234 mount --trace`,
    )
    .action(runs(async () => (await import('../commands/explain.ts')).runExplain));
  const arch = explain.options.find(({ long }) => long === '--arch');
  if (arch !== undefined)
    arch.description = "architecture of the call (default: this machine's, or the filter's)";
}

/** The options for the second of two operands. */
function addOtherOptions(command: Command): Command {
  return command
    .optionsGroup('Options for the second filter, where it is not as the first:')
    .addOption(
      new Option('--other-dialect <dialect>', 'how to read it').choices([
        'docker',
        'podman',
        'oci',
        'oci-config',
        'kubernetes',
      ]),
    )
    .addOption(
      new Option('--other-engine <engine>', 'who resolves it').choices([
        'docker',
        'podman',
        'cri-o',
        'containerd',
      ]),
    )
    .option('--other-arch <arch>', 'architecture of its host')
    .option('--other-kernel <release>', 'kernel of its host')
    .addOption(
      new Option('--other-caps <set>', 'capabilities of its container').choices([
        'docker',
        'podman',
        'all',
        'none',
      ]),
    )
    .option(
      '--other-cap <capability>',
      'one more capability, repeatable',
      (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
    )
    .option('--other-runtime <runtime>', 'runtime that installs it')
    .option('--other-library <file>', 'libseccomp that compiles it')
    .optionsGroup('Options:');
}

function defineDiff(root: Command, runs: Runs): void {
  const diff = root
    .command('diff')
    .summary('compare two filters exactly')
    .description(
      'Compares two filters for every call there can be: the system calls that the second treats otherwise, when, and a call that shows it.',
    )
    .argument('<filter>', FILTER_HELP)
    .argument('[other]', 'the second filter (default: the first with the --other options)');
  addOtherOptions(addReadingOptions(diff))
    .addOption(
      new Option('--fail-on <change>', 'changes that make the exit code 1')
        .choices(['looser', 'stricter', 'any'])
        .default('any'),
    )
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['human', 'json', 'markdown'])
        .default('human'),
    )
    .option('-v, --verbose', 'list all system calls of long lists')
    .addHelpText(
      'after',
      `
Exit codes: 0 they are equal, or have no such difference as --fail-on names; 1 they have; 2 one of them cannot be
read as a filter; 3 as for every command. A call that cannot be decided counts as different.

Examples:
  oci-seccomp diff docker-default podman-default
  oci-seccomp diff old.json new.json --fail-on looser --format markdown
  oci-seccomp diff profile.json --other-runtime crun
  oci-seccomp diff profile.json pid:1234`,
    )
    .action(runs(async () => (await import('../commands/diff.ts')).runDiff));
}

function defineSubset(root: Command, runs: Runs): void {
  const subset = root
    .command('subset')
    .summary('prove that a filter lets through nothing that another does not')
    .description(
      'Says whether no call gets a looser verdict from the first filter than from the second: a proof, or calls that stick out.',
    )
    .argument('<inner>', FILTER_HELP)
    .argument('[outer]', 'the filter that should contain it (default: the first with the --other options)');
  addOtherOptions(addReadingOptions(subset))
    .option('-v, --verbose', 'list all system calls of long lists')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Verdicts from strict to loose: KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW.
Exit codes: 0 it is within the other; 1 it is not, or that cannot be proven; 2 one of them cannot be read as a
filter; 3 as for every command.

Examples:
  oci-seccomp subset my-profile.json docker-default
  oci-seccomp subset pid:1234 baseline.json`,
    )
    .action(runs(async () => (await import('../commands/subset.ts')).runSubset));
}

function defineVerify(root: Command, runs: Runs): void {
  const verify = root
    .command('verify')
    .summary('prove that a filter means a profile')
    .description(
      'Says whether a program, or the filters of a live process, mean what a profile says for a runtime: a proof, or a call that is answered otherwise.',
    )
    .argument('<profile>', PROFILE_HELP)
    .argument('[filter]', 'a BPF program in a file, - for standard input, or pid:PID for a live process');
  addReadingOptions(verify)
    .option('-p, --pid <pid>', 'the filters of a live process, in place of the second operand')
    .option('--strict', STRICT_HELP)
    .option('-v, --verbose', 'list all system calls of long lists')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 they are equal for every call; 1 they are not, the process has no filter, or --strict finds a
weakness; 2 one of them cannot be read as what it should be; 3 as for every command. --strict also refuses other
threads of the process under other filters, and a difference that another filter beside it could make.
Without --strict these are named, and the answer is "equal" instead of "proven".
This is the way to compare with a running container: runc puts the sections of its ENOSYS stub in random order,
so its filters are the same as compile's in meaning, and not always byte for byte.

Examples:
  oci-seccomp verify profile.json filter.bpf --runtime crun
  oci-seccomp verify docker-default --pid 1234`,
    )
    .action(runs(async () => (await import('../commands/verify.ts')).runVerify));
}
