/**
 * `oci-seccomp record`: a profile from what a command calls.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { color, ENVIRONMENT_CODE, output, quiet } from '../define/shared-options.ts';

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
    list: { help: 'write the names of the recorded calls, one a line, in place of a profile' },
    args: {
      value: 'calls',
      help: 'allow these calls only with the values that were recorded: socket,ioctl or prctl:0, arguments from 0 on',
    },
    quiet: { ...quiet, help: 'print no summary' },
    color,
  },
  passThrough: true,
  notes: [
    'The exit code is that of the command, if it is not 0. Otherwise:',
    'If the recorder is killed, the kernel answers ENOSYS to the calls of what still runs under it, and kills the command.',
  ],
  exitCodes: {
    0: 'the profile is written',
    2: 'wrong usage',
    3: ENVIRONMENT_CODE,
    126: 'the command cannot be run',
    127: 'there is no such command',
  },
  examples: [
    { does: 'Make a profile of a command', line: 'oci-seccomp record -o profile.json -- sh -c date' },
  ],
});

export const run: Run<typeof definition> = async (words, options) => {
  if (words.length === 0) {
    throw new OciSeccompError('ERR_USAGE', 'there is no command to record', {
      hint: 'oci-seccomp record [options] -- command arguments',
    });
  }
  return (await import('../record/run-recording.ts')).runRecording(words, options);
};
