/**
 * `oci-seccomp run`: a command under a filter, in the place of this process.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { requireTrial } from '../define/refused-together.ts';
import {
  compiledRuntime,
  filterOptions,
  output,
  quiet,
  reportOptions,
  textOrJson,
} from '../define/shared-options.ts';

export const definition = defineCommand({
  description: `Runs a command under the filter of a profile, compiled and proven first. The command takes this process's place: same process id, terminal, environment, limits and descriptors; exit status and signals are the command's own.`,
  arguments: [
    {
      name: 'command',
      help: 'the command and its arguments',
      optional: true,
      variadic: true,
      kind: 'command',
    },
  ],
  options: {
    ...filterOptions,
    runtime: {
      ...compiledRuntime,
      help: `whose filter: ${compiledRuntime.help}`,
    },
    'no-new-privs': {
      value: 'when',
      help: 'set no_new_privs, so that set-user-ID programs gain nothing; auto: if CAP_SYS_ADMIN is missing',
      choices: ['always', 'auto', 'never'],
      default: 'always',
    },
    log: { help: 'have the kernel log what the filter denies (SECCOMP_FILTER_FLAG_LOG)' },
    observe: {
      help: 'a trial: deny nothing; the kernel logs the calls that the profile would deny (not with --strict)',
    },
    'allow-unproven': {
      help: 'load a program that is not proven to mean what the profile says, with a warning',
    },
    force: { help: 'run the command even if the filter denies what it needs to start' },
    'dry-run': {
      value: 'trace',
      help: 'run nothing; show what would be denied of the calls in an strace output or list',
      kind: 'file',
    },
    verbose: { short: 'v', help: 'say which filter is loaded' },
    ...textOrJson,
    ...reportOptions,
    output: { ...output, help: 'with --dry-run: write its report to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no warnings; with --dry-run, no report: the exit code is the answer' },
  },
  passThrough: true,
  notes: [
    "The exit code is the command's own. These are for a command that is not started, and for --dry-run:",
  ],
  exitCodes: {
    0: 'with --dry-run, no call of the trace would be denied',
    1: 'the filter denies what the command needs to start, is not proven, or has a weakness that --strict refuses; with --dry-run, a call would be denied',
    2: 'wrong usage, or a profile that cannot be used',
    3: 'a library or file that cannot be read, no permission',
    126: 'the command cannot be run',
    127: 'there is no such command',
  },
  examples: [
    {
      does: "Run a shell under Docker's default profile",
      line: "oci-seccomp run -- sh -c 'grep Seccomp: /proc/self/status'",
    },
    {
      does: 'Run tests under a profile, and have the kernel log what it denies',
      line: 'oci-seccomp run --profile profile.json --log -- npm test',
    },
    {
      does: 'Try a profile: nothing is denied, and audit says what would be',
      line: 'oci-seccomp run --profile profile.json --observe -- npm test\n  oci-seccomp audit --profile profile.json',
    },
    {
      does: 'Find out before what a profile would deny; if it denies something, the exit code is 1',
      line: 'strace -f -o trace.txt npm test\n  oci-seccomp run --profile profile.json --dry-run trace.txt',
    },
  ],
});

export const run: Run<typeof definition> = async ([command, ...words], options) => {
  if (options.dryRun !== undefined) {
    if (options.observe === true) throw noTrialOfTrace();
    return (await import('../run/dry-run.ts')).runDryRun(options.dryRun, options);
  }
  if (options.observe === true) requireTrial(options.strict === true, options.backend);
  if (command === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'there is no command to run', {
      hint: 'oci-seccomp run [options] -- command arguments',
    });
  }
  if (options.format === 'json' || options.output !== '-') {
    throw new OciSeccompError('ERR_USAGE', '--format, --json and --output are for --dry-run', {
      hint: 'what the command prints goes where it goes without oci-seccomp',
    });
  }
  return (await import('../run/become-command.ts')).becomeCommand([command, ...words], options);
};

function noTrialOfTrace(): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', '--dry-run and --observe exclude each other', {
    hint: '--dry-run runs nothing, --observe runs the command and denies nothing',
  });
}
