/**
 * The commands about BPF programs: disasm, asm, simulate.
 * @module
 */
import { type Command, Option } from 'commander';
import type { Define, Runs } from './shared.ts';

export const defineProgramCommands: Define = (root, runs) => {
  defineDisasm(root, runs);
  defineAsm(root, runs);
  defineSimulate(root, runs);
};

const PROGRAM_HELP = 'raw BPF, base64, hex, a C array, JSON or assembly in a file; - for standard input';

function endianOption(): Option {
  return new Option('--endian <endian>', 'byte order of the target (default: told from the program)').choices(
    ['little', 'big'],
  );
}

function defineDisasm(root: Command, runs: Runs): void {
  root
    .command('disasm')
    .summary('list the instructions of a BPF program, with names for its numbers')
    .description('Lists the instructions of a BPF program. The listing assembles to the same bytes.')
    .argument('[program]', PROGRAM_HELP)
    .option('-p, --pid <pid>', 'list each filter of a live process instead, oldest first')
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['asm', 'json', 'dot'])
        .default('asm'),
    )
    .addOption(endianOption())
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .addHelpText(
      'after',
      `
Examples:
  oci-seccomp disasm filter.bpf
  oci-seccomp disasm --pid 1234
  oci-seccomp disasm filter.bpf --format dot | dot -Tsvg -o filter.svg`,
    )
    .action(runs(async () => (await import('../commands/disasm.ts')).runDisasm));
}

function defineAsm(root: Command, runs: Runs): void {
  root
    .command('asm')
    .summary('assemble a listing, or convert a BPF program')
    .description(
      'Assembles what disasm lists or people write. Programs in other forms are converted. A program that the kernel would refuse is not written.',
    )
    .argument('<program>', PROGRAM_HELP)
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['bpf', 'base64', 'hex', 'c', 'json'])
        .default('bpf'),
    )
    .addOption(endianOption())
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .option('--force', 'write the program even if the kernel would refuse it')
    .addHelpText(
      'after',
      `
Examples:
  oci-seccomp asm filter.asm -o filter.bpf
  printf 'ld [nr]\\njeq #110, no, yes\\nno: ret ERRNO(EPERM)\\nyes: ret ALLOW\\n' | oci-seccomp asm - --format c`,
    )
    .action(runs(async () => (await import('../commands/asm.ts')).runAsm));
}

function defineSimulate(root: Command, runs: Runs): void {
  root
    .command('simulate')
    .summary('run a BPF program over system calls from a table')
    .description('Runs a BPF program over system calls and prints its verdict on each.')
    .argument('<program>', PROGRAM_HELP)
    .argument('[calls]', 'file of calls, one a line; - for standard input', '-')
    .addOption(endianOption())
    .option('-a, --arch <arch>', 'architecture of JSON calls that name none (default: this machine)')
    .option('--json', 'print a JSON object a call')
    .option('-q, --quiet', 'print only calls that are not as expected, and no summary')
    .addHelpText(
      'after',
      `
Calls are lines of a table, arch, syscall, up to six arguments and the expected action if there is one:
  x86_64  openat  0xffffff9c  N  0      ALLOW
  x86     0-400   N  N  1-3             ERRNO(EPERM)
N is any value (0 is tried), a-b every value from a to b, # begins a comment. Or JSON lines:
  {"arch": "x86_64", "syscall": "openat", "args": [3, "0x7ffe00000000"], "expected": "ALLOW"}

Exit codes: 0 all calls are as expected, 1 a call is not, 2 a line or the program cannot be read.`,
    )
    .action(runs(async () => (await import('../commands/simulate.ts')).runSimulate));
}
