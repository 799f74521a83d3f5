/**
 * `oci-seccomp record`: a profile from what a command calls.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { color, ENVIRONMENT_CODE, output, quiet, textOrJson, USAGE_CODE } from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Runs a command, records the system calls of all its processes, and writes a profile that allows these and what a container needs to start. Root is not needed. The recorder only observes: each call waits until it is counted, and is then made, whatever it is.',
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
    output: { ...output, help: 'write the profile to this file; - is standard output' },
    recording: {
      value: 'file',
      help: 'keep what was recorded in this file (default: PROFILE.recording.json beside the file of -o)',
      kind: 'file',
    },
    append: { help: 'add to the recording that is kept, and make the profile of all its runs' },
    via: {
      value: 'source',
      help: 'read what others recorded, repeatable: strace:FILE (also perf trace), audit:FILE, list:FILE (names, one a line), recording:FILE',
      repeatable: true,
    },
    args: {
      value: 'calls',
      help: 'allow these calls only with the values that were recorded: socket,ioctl or prctl:0, arguments from 0 on (always: socket:0, personality:0, and clone without namespaces)',
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
  },
  passThrough: true,
  notes: [
    'Options stand before the command. The command gets this terminal, its environment and its descriptors. Its exit code is the exit code, unless it is 0.',
    'Notifications observe and cannot decide: the kernel reads the arguments again after the recorder has seen them, and a program can change them in between. A recorded value is what the recorder saw.',
    'A recorded program runs with no_new_privs unless you have CAP_SYS_ADMIN: programs such as sudo then gain nothing. It cannot have a listener of its own. If a process is recorded already, or the kernel is older than Linux 5.5, ptrace is used instead.',
    'The recording is written at least each second. If the recorder is killed, the kernel kills the command and answers ENOSYS to every call of the processes that it started.',
  ],
  exitCodes: {
    0: 'the profile is written and proven; with --compare, every call that it allows is used or needed',
    1: 'a recorded call does not get through the profile; with --compare, it allows calls that no run used',
    2: USAGE_CODE,
    3: ENVIRONMENT_CODE,
    126: 'the command cannot be run',
    127: 'there is no such command',
  },
  examples: [
    {
      does: 'Record the tests of a service, and write a profile within that of Docker',
      line: 'oci-seccomp record -o profile.json --within docker-default -- npm test',
    },
    {
      does: 'Record another run, and make the profile of both',
      line: 'oci-seccomp record -o profile.json --append -- ./service --self-test',
    },
    {
      does: 'Make a profile of a trace',
      line: 'strace -f -o trace.txt ./service\n  oci-seccomp record --via strace:trace.txt -o profile.json',
    },
    {
      does: 'See what a profile allows and no recorded run used; if there is something, the exit code is 1',
      line: 'oci-seccomp record --recording profile.recording.json --compare docker-default',
    },
  ],
});

export const run: Run<typeof definition> = async (words, options) =>
  (await import('../record/run-recording.ts')).runRecording(words, options);
