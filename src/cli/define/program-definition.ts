/**
 * The program's own help and man page.
 * @module
 */

export const PROGRAM_DESCRIPTION =
  'Seccomp profiles of containers: validate and lint them, compile them to proven BPF, explain and compare filters, install them.';

/** What exit codes mean unless a command says more. */
export const PROGRAM_EXIT_CODES = {
  0: 'the answer is yes: equal, within, clean, written',
  1: 'the answer is no: different, looser, findings, a proof that fails, a weakness under --strict',
  2: 'trouble: wrong usage, or an input that cannot be read as what it should be',
  3: 'the environment: no libseccomp, a file that cannot be read or written, no permission',
} as const satisfies Readonly<Record<string, string>>;
