/**
 * `oci-seccomp simulate`: the verdicts of a program on many calls.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  color,
  ENVIRONMENT_CODE,
  endian,
  FILTER_HELP,
  formatOptions,
  meaningOptions,
  quiet,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';

export const definition = defineCommand({
  description:
    'Runs a filter over system calls and prints its verdict on each: a program, all programs of a process, or what a profile becomes.',
  arguments: [
    { name: 'filter', help: FILTER_HELP, kind: 'filter' },
    {
      name: 'calls',
      help: 'file of calls, one a line; - for standard input',
      optional: true,
      default: '-',
      kind: 'file',
    },
  ],
  options: {
    ...meaningOptions,
    endian,
    arch: {
      ...meaningOptions.arch,
      help: 'architecture of JSON calls that name none (default: this machine)',
    },
    'host-arch': {
      value: 'arch',
      help: 'architecture of the host of a profile (default: this machine if it runs such calls)',
      kind: 'arch',
    },
    ...formatOptions(['human', 'json'], 'human', 'form of the output; json: an object a call, one a line'),
    quiet: { ...quiet, help: 'print only calls that are not as expected, and no summary' },
    color,
  },
  notes: [
    'Calls are lines of a table: arch, syscall, up to six arguments, and the expected action if there is one:',
    {
      lines: [
        '  x86_64  openat  0xffffff9c  N  0      ALLOW',
        '  x86     0-400   N  N  1-3             ERRNO(EPERM)',
      ],
    },
    'N is any value (0 is tried), a-b is every value from a to b, and # begins a comment. Or JSON lines:',
    {
      lines: [
        '  {"arch": "x86_64", "syscall": "openat", "args": [3, "0x7ffe00000000"],',
        '   "expected": "ALLOW"}   (on one line)',
      ],
    },
  ],
  exitCodes: {
    0: 'all calls are as expected',
    1: 'a call is not, or the process has no filter',
    2: 'wrong usage, or a line or the filter cannot be read',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    { does: 'Test a filter with a table of calls', line: 'oci-seccomp simulate filter.bpf calls.txt' },
    {
      does: 'Ask for the verdict on one call',
      line: "echo 'x86_64 mount' | oci-seccomp simulate filter.bpf",
    },
    {
      does: "Ask what Docker's default does",
      line: "echo 'x86_64 mount' | oci-seccomp simulate docker-default",
    },
    {
      does: 'Expect what is not so: the exit code is 1',
      line: "echo 'x86_64 getppid KILL_PROCESS' | oci-seccomp simulate filter.bpf -q",
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-', calls = '-'], options) => {
  if (operand === '-' && calls === '-') {
    const hint = 'name a file for one of them: oci-seccomp simulate filter.bpf -';
    throw new OciSeccompError('ERR_USAGE', 'filter and calls cannot both be standard input', { hint });
  }
  const [{ architectures }, { machineArch }, { parseArch }, { hostArchFor }, simulate] = await Promise.all([
    import('../../abi/architectures.ts'),
    import('../../kernel/this-machine.ts'),
    import('../operands/host-options.ts'),
    import('../answers/explain-question.ts'),
    import('../answers/simulate-calls.ts'),
  ]);
  const { arch, hostArch, format, quiet: isQuiet = false, ...rest } = options;
  const asked = arch === undefined ? undefined : parseArch(arch);
  const defaultArch = architectures[asked ?? machineArch()];
  const reading = { ...rest, hostArch, arch: hostArch ?? hostArchFor(asked) };
  const prepared = await simulate.prepareOperand(operand, reading, defaultArch.name);
  const start = performance.now();
  const tally = await simulate.simulateCalls(prepared, calls, {
    defaultArch,
    json: format === 'json',
    quiet: isQuiet,
  });
  const { writeAside } = await import('../streams.ts');
  writeAside(simulate.renderTally(tally, (performance.now() - start) / 1000));
  return tally.badLines > 0 ? 'ERR_CALLS' : answer(tally.unexpected === 0);
};
