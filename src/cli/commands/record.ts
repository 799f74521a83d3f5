/**
 * `oci-seccomp record`: a profile from what a command calls.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { recordOptions } from '../define/record-options.ts';
import { ENVIRONMENT_CODE, USAGE_CODE } from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Runs a command, records the system calls of all its processes, and writes a profile that allows these and what a container needs to start. Root is not needed. The recorder only observes: each call waits until it is counted, and is then made, whatever it is.',
  editsInPlace: true,
  arguments: [
    {
      name: 'command',
      help: 'the command and its arguments',
      optional: true,
      variadic: true,
      kind: 'command',
    },
  ],
  options: recordOptions,
  passThrough: true,
  notes: [
    'Options stand before the command. The command gets this terminal, its environment and its descriptors. Its exit code is the exit code of record, unless it is 0.',
    'Notifications observe and cannot decide: the kernel reads the arguments again after the recorder has seen them, and a program can change them in between. A recorded value is what the recorder saw.',
    'A recorded program runs with no_new_privs unless you have CAP_SYS_ADMIN: programs such as sudo then gain nothing. It cannot have a listener of its own. On x86_64, aarch64 and riscv64 its processes are traced for their signals: a signal then makes no call fail while the call waits for the recorder. --no-guard leaves that out. If a process is recorded already, or the kernel is older than Linux 5.5, ptrace is used instead.',
    'With --container, the command starts a container, and what its program calls is recorded. What the profile of the container denies stays denied, and is not recorded. It runs with no_new_privs unless it has CAP_SYS_ADMIN. If the recorder ends, the container is ended.',
    'The recording is written at least each second. If the recorder is killed, the kernel kills the command and what it started; with --no-guard the command alone, and it answers ENOSYS to every call of the others.',
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
      line: 'oci-seccomp record -o service.json --within docker-default -- npm test',
    },
    {
      does: 'Record another run, and make the profile of both',
      line: "oci-seccomp record -o service.json --append -- sh -c 'ls /etc | sort'",
    },
    {
      does: 'Record the program of a container, under the profile it has; runc and crun work alike (as root)',
      line: 'oci-seccomp record --container -o service.json -- podman run --rm IMAGE',
    },
    {
      does: 'Make a profile of a trace',
      line: 'strace -f -o trace.txt npm test\n  oci-seccomp record --via strace:trace.txt -o service.json',
    },
    {
      does: 'See what a profile allows and no recorded run used; if there is something, the exit code is 1',
      line: 'oci-seccomp record --recording service.recording.json --compare docker-default',
    },
  ],
});

export const run: Run<typeof definition> = async (words, options) =>
  (await import('../record/run-recording.ts')).runRecording(words, options);
