/**
 * The options of `record`.
 * @module
 */
import type { OptionRows, OptionsOf } from './command-definition.ts';
import { color, output, quiet, textOrJson } from './shared-options.ts';

export const recordOptions = {
  output: { ...output, help: 'write the profile to this file; - is standard output' },
  recording: {
    value: 'file',
    help: 'keep what was recorded in this file (default: PROFILE.recording.json beside the file of -o)',
    kind: 'file',
  },
  append: { help: 'add to the recording that is kept, and make the profile of all its runs' },
  container: {
    help: 'record the container that the command starts, under the profile it has; the command is podman, runc or crun with its arguments',
  },
  'no-guard': {
    help: 'leave ptrace to the command, for strace, gdb or another recorder; then a signal can make a call fail with EINTR that waits for the recorder',
  },
  via: {
    value: 'source',
    help: 'read what others recorded, repeatable: strace:FILE (also perf trace), audit:FILE, list:FILE (names, one a line), recording:FILE',
    repeatable: true,
  },
  args: {
    value: 'calls',
    help: 'allow these calls only with the values that were recorded: socket,ioctl or prctl:0, arguments from 0 on (always: socket:0, personality:0, and clone without namespaces)',
  },
  'allow-clone3': {
    help: 'allow clone3 if it was called: no filter sees its flags, which can make namespaces (default: it gets ENOSYS, and C libraries call clone)',
  },
  list: { help: 'write the names of the recorded calls, one a line, in place of a profile' },
  runtime: {
    short: 'r',
    value: 'runtime',
    help: 'allow what this runtime needs to start a container, repeatable (default: runc and crun; plain: nothing)',
    repeatable: true,
    kind: 'runtime',
  },
  'no-new-privileges': { help: 'containers are started with no_new_privs, for which a runtime needs less' },
  arch: {
    short: 'a',
    value: 'arch',
    help: 'make the profile for hosts of this architecture, with its equivalents of the recorded calls, repeatable (default: this machine)',
    repeatable: true,
    kind: 'arch',
  },
  within: {
    value: 'profile',
    help: 'allow no more than this profile, for instance docker-default',
    kind: 'profile',
  },
  compare: {
    value: 'profile',
    help: 'make no new profile: show what this one allows and no run used, and write it without that to the file of -o',
    kind: 'profile',
  },
  ...textOrJson,
  quiet: { ...quiet, help: 'print no report' },
  color,
} as const satisfies OptionRows;

export type RecordOptions = OptionsOf<typeof recordOptions>;
