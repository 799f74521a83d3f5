/**
 * Options of `allow` and `deny`.
 * @module
 */
import type { OptionRows } from './command-definition.ts';
import { color, hostOptions, output, quiet, textOrJson } from './shared-options.ts';

export const editArguments = [
  {
    name: 'profile',
    help: 'a file, JSON or YAML, - for standard input, or a built-in profile, of which a copy is edited',
    kind: 'profile',
  },
  {
    name: 'call',
    help: 'name of a system call, or a part of an audit record that holds it (arch=c000003e syscall=165), then its arguments as for explain: numbers, names, or flags (any:CLONE_NEWUSER,CLONE_NEWNS); _ and those left out may be anything',
    variadic: true,
    kind: 'syscall',
  },
] as const;

export const editOptions = {
  dialect: hostOptions.dialect,
  object: hostOptions.object,
  'base-dir': hostOptions['base-dir'],
  arch: {
    ...hostOptions.arch,
    help: 'architecture that the names of arguments are of (default: this machine)',
  },
  diff: { help: 'print the change as a patch, in place of the whole text' },
  ...textOrJson,
  output: { ...output, help: 'write the profile to this file, which may be the same; - is standard output' },
  quiet: { ...quiet, help: 'print no summary' },
  color,
} as const satisfies OptionRows;

export const editNotes = [
  'any:FLAG,FLAG stands for all values with one of the flags, all: for those with each of them, none: for those without them. Other bits may be anything. A name alone is exactly that value.',
  'The edit is proven on hosts that show every combination of the capabilities, kernels and architectures that the conditions of rules name, for runc, crun and youki (read, not run). The summary says what else changes.',
  'In YAML, what an anchor shares between places is not edited. Rules of a base profile stand in another file and stay.',
] as const;

export const editExitCodes = {
  0: 'the text is written; if there is nothing to change, as it was',
  1: 'the call is dangerous, and --force is not given',
  2: 'wrong usage, a profile that cannot be used, or no small edit that is proven',
  3: 'a file that cannot be read or written',
} as const;
