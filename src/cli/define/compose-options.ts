/**
 * Options of the commands that make one profile of several.
 * @module
 */
import type { ArgumentRow, OptionRows } from './command-definition.ts';
import {
  color,
  documentOptions,
  hostOptions,
  namesOf,
  output,
  proofReport,
  quiet,
} from './shared-options.ts';

/** The forms that a composed profile is written in. */
type ComposedForm = 'docker' | 'podman' | 'oci' | 'kubernetes';

const RESOLVED = 'The host, for --to oci and --to kubernetes, which have no conditions:';

export const composeOptions = {
  to: {
    value: 'form',
    help: 'what to write (default: the form of the profiles; docker if they differ and have conditions, else oci)',
    choices: namesOf<ComposedForm>({ docker: true, podman: true, oci: true, kubernetes: true }),
  },
  ...documentOptions,
  name: { value: 'name', help: 'metadata.name of a SeccompProfile' },
  check: {
    value: 'file',
    help: 'write nothing: check that this profile means the result, or with --stricter is stricter',
    kind: 'profile',
    conflicts: ['name', 'format', 'json', 'output'],
  },
  for: {
    value: 'arch',
    help: 'make the result for hosts of this architecture, repeatable (default: all that the profiles name)',
    repeatable: true,
    kind: 'arch',
  },
  stricter: {
    help: 'if no rules can say the result for a call, give the call a stricter verdict and list it',
  },
  output,
  report: proofReport,
  quiet: { ...quiet, help: 'print no summary' },
  color,
  dialect: hostOptions.dialect,
  object: hostOptions.object,
  'base-dir': hostOptions['base-dir'],
  arch: { ...hostOptions.arch, heading: RESOLVED },
  kernel: { ...hostOptions.kernel, heading: RESOLVED },
  caps: { ...hostOptions.caps, heading: RESOLVED },
  cap: { ...hostOptions.cap, heading: RESOLVED },
} as const satisfies OptionRows;

export const composeArguments = [
  {
    name: 'profile',
    help: 'files, - for standard input, or built-in profiles',
    variadic: true,
    kind: 'profile',
  },
] as const satisfies readonly ArgumentRow[];

export const composeNotes = [
  'Verdicts from strict to loose: KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW. Of two errnos, that of the first profile counts.',
] as const;

export const composeExitCodes = {
  0: 'the result is written, or the profile of --check means it',
  1: 'the profile of --check means something else',
  2: 'wrong usage, a profile that cannot be used, or a result for which no rules are found',
  3: 'a file that cannot be read or written',
} as const;
