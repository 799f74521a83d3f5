/**
 * The command that runs others: run.
 * @module
 */
import { Option } from 'commander';
import { addHostOptions, type Define, STRICT_HELP } from './shared.ts';

export const defineRunCommands: Define = (root, runs) => {
  const run = root
    .command('run')
    .summary('run a command under a filter')
    .description(
      `Runs a command under the filter of a profile, compiled and proven first. The command takes this process's place: same process id, terminal, environment, limits and descriptors; exit status and signals are the command's own.`,
    )
    .argument('[command...]', 'the command and its arguments')
    .option(
      '-p, --profile <profile>',
      'a profile or a BPF program in a file, - for standard input, or a built-in profile',
      'docker-default',
    );
  addHostOptions(run)
    .option(
      '-r, --runtime <runtime>',
      'whose filter: runc, runc@1.1, runc@1.2, crun, youki, or plain (libseccomp alone)',
      'runc',
    )
    .option('--library <file>', 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option(
      '--timeout <seconds>',
      'processor time for libseccomp where it may not come to an end; waiting for a busy machine does not count',
      '10',
    )
    .addOption(
      new Option(
        '--no-new-privs <when>',
        'set no_new_privs, so that set-user-ID programs gain nothing; auto: if CAP_SYS_ADMIN is missing',
      )
        .choices(['always', 'auto', 'never'])
        .default('always'),
    )
    .option('--log', 'have the kernel log what the filter denies (SECCOMP_FILTER_FLAG_LOG)')
    .option(
      '--allow-unproven',
      'load a program that is not proven to mean what the profile says, with a warning',
    )
    .option('--strict', STRICT_HELP)
    .option('--force', 'run the command even if the filter denies what it needs to start')
    .option(
      '--dry-run <trace>',
      'run nothing; show what would be denied of the calls in an strace output or list',
    )
    .option('-v, --verbose', 'say which filter is loaded')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Exit codes: the command's own. If it is not started: 1 the filter denies what it needs to start, is not proven or
has a weakness that --strict refuses; 2 wrong usage, or a profile that cannot be used; 3 the environment; 126 the
command cannot be run; 127 there is none.

Examples:
  oci-seccomp run -- sh -c 'cat /proc/self/status'
  oci-seccomp run --profile profile.json --log -- npm test
  strace -f -o trace.txt npm test; oci-seccomp run --profile profile.json --dry-run trace.txt`,
    )
    .action(runs(async () => (await import('../commands/run.ts')).runRun));
};
