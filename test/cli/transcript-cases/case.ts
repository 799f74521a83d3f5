/** What the rows of this folder share: their form, operands and inputs. `{folder}` stands for the folder of the run. */
import type { RunOptions } from '../run.ts';

export interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly options?: RunOptions;
}

export const host = ['--arch', 'x86_64', '--kernel', '6.1'];
export const plain = 'fixtures/cli/socket.json';
export const kubernetes = 'fixtures/kubernetes';
export const web = 'fixtures/compose/web.json';
export const baseline = 'fixtures/compose/baseline.json';
export const meaning = 'fixtures/cli/conditions.json';
/** Equal alone, not beside a filter that answers LOG. */
export const killing = 'fixtures/cli/kill-getppid.json';
export const unknownAction = 'fixtures/cli/unknown-action.asm';
/** The architecture of the call, and a machine for it. */
export const caller = [...host, '--host-arch', 'x86_64'];
export const onOldKernel = ['--arch', 'x86_64', '--host-arch', 'x86_64', '-k', '3.10'];

export const getppid =
  'ld [arch]\njeq #AUDIT_ARCH_X86_64, 2, 5\nld [nr]\njeq #110, 4, 5\nret ERRNO(EPERM)\nret ALLOW\n';

/** A rule that nobody enforces: no call has the name. */
export const typo = {
  input: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ptrase"],"action":"SCMP_ACT_ERRNO"}]}',
};
/** Calls of i386's socketcall. */
export const sockets = {
  input:
    '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"syscalls":[{"names":["bind","connect","socket"],"action":"SCMP_ACT_ALLOW"}]}',
};
/** Left to a tracer. */
export const traced = {
  input: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_TRACE"}]}',
};
/** Actions that came with Linux 4.14 and 5.0. */
export const modern = {
  input:
    '{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"names":["getpid"],"action":"SCMP_ACT_KILL_PROCESS"},{"names":["getuid"],"action":"SCMP_ACT_NOTIFY"}]}',
};
/** What crun gets for ambiguous.json. */
export const ambiguous =
  'IAAAAAQAAAAVAAANPgAAwCAAAAAAAAAANQAAAQAAAEAVAAAS/////xUAAA+HAAAAIAAAABQAAAAVAAACAAAAACAAAAAQAAAAFQANAP8AAAAgAAAAFAAAACUACgAAAAAAFQAACAAAAAAgAAAAEAAAADUABwYKAAAAFQAABwMAAEAgAAAAAAAAABUAAAOIAAAAIAAAABAAAAAVAAMA/wAAADUAAQAKAAAABgAAAAEABQAGAAAAAAD/fwYAAAAAAAAA\n';
/** A copy of a default, as its author changed it. */
export const copy = '{folder}/copy.json';
