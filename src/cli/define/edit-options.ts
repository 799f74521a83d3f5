/**
 * What `allow` and `deny` have in common.
 * @module
 */
import type { OptionRows } from './command-definition.ts';
import { ENVIRONMENT_CODE, output, quiet, readingOptions } from './shared-options.ts';

export const editArguments = [
  { name: 'profile', help: 'a JSON file, or - for standard input', kind: 'profile' },
  {
    name: 'call',
    help: 'name of a system call, then its arguments as for explain: numbers or names; _ and those left out may be anything',
    variadic: true,
    kind: 'syscall',
  },
] as const;

export const editOptions = {
  ...readingOptions,
  diff: { help: 'print the change as a patch, in place of the whole text' },
  output,
  quiet: { ...quiet, help: 'print no summary' },
} as const satisfies OptionRows;

export const editExitCodes = {
  0: 'the text is written; if there is nothing to change, as it was',
  2: 'wrong usage, a profile that cannot be used, a call that is refused, or an edit that cannot be made',
  3: ENVIRONMENT_CODE,
} as const;
