/**
 * The commands about machines: syscalls, doctor.
 * @module
 */
import type { Define } from './shared.ts';

export const defineMachineCommands: Define = (root, runs) => {
  root
    .command('syscalls')
    .summary('translate between names and numbers of system calls')
    .description('Prints the numbers of system calls, or the names of numbers, on one or all architectures.')
    .argument('[name|number...]', 'system calls; none: all of the architecture')
    .option('-a, --arch <arch>', 'one architecture (default: all; for a whole list: this machine)')
    .option('--json', 'print JSON')
    .action(runs(async () => (await import('../commands/syscalls.ts')).runSyscalls));

  root
    .command('doctor')
    .summary('show what this machine has: libseccomp, kernel features, runtimes')
    .description('Shows what this machine has of everything oci-seccomp works with.')
    .option('--library <file>', 'libseccomp to look at (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option('--json', 'print JSON')
    .action(runs(async () => (await import('../commands/doctor.ts')).runDoctor));
};
