/**
 * The program's own help and man page.
 * @module
 */
import type { Example } from './command-definition.ts';

export const PROGRAM_DESCRIPTION =
  'Seccomp profiles of containers: validate and lint them, compile them to proven BPF, explain and compare filters, install them.';

/** What people come for. */
export const PROGRAM_EXAMPLES = [
  { does: 'See what a profile does with a call, and why', line: 'oci-seccomp explain docker-default mount' },
  {
    does: 'Find what is wrong or weak in profiles; if one has an error, the exit code is 1',
    line: 'oci-seccomp lint profiles/',
  },
  {
    does: "Write a copy of Docker's default that denies one call more, for docker run --security-opt seccomp=FILE",
    line: 'oci-seccomp deny docker-default chroot -o no-chroot.json',
  },
] as const satisfies readonly Example[];

/** What exit codes mean unless a command says more. */
export const PROGRAM_EXIT_CODES = {
  0: 'the answer is yes: equal, within, clean, written',
  1: 'the answer is no: different, looser, findings, a proof that fails, a weakness under --strict',
  2: 'trouble: wrong usage, or an input that cannot be read as what it should be',
  3: 'the environment: no libseccomp, a file that cannot be read or written, no permission',
} as const satisfies Readonly<Record<string, string>>;
