/**
 * A shell script that starts bubblewrap with filters, for which bubblewrap wants file descriptors.
 *
 * Source: bwrap(1), `--seccomp` and `--add-seccomp-fd` (0.6 and later).
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { encodeProgram, type Program } from '../bpf/program.ts';

/** A program and the byte order of its machine. */
export interface EncodableProgram {
  readonly program: Program;
  readonly endian: Endian;
}

/** The first descriptor that a filter gets; the shell keeps 0 to 2, and 9 for standard input. */
const FIRST = 3;
/** A shell has the descriptors 3 to 8 for filters. */
export const MOST_FILTERS = 6;

/**
 * Writes the script.
 *
 * @param name - of the filter, for the comment
 * @param programs - the oldest first, at most {@link MOST_FILTERS}
 */
export function bwrapScript(name: string, programs: readonly EncodableProgram[]): string {
  const options =
    programs.length === 1
      ? `--seccomp ${FIRST}`
      : programs.map((_, i) => `--add-seccomp-fd ${FIRST + i}`).join(' ');
  const plain = name.replace(/[^\x20-\x7e]/g, '?');
  const inner = `exec 0<&9 9<&-\nexec bwrap ${options} "$@"`;
  const body = programs.reduceRight((rest, program, i) => withFilter(rest, program, FIRST + i), inner);
  return `#!/bin/sh
# Starts bubblewrap with the filter of ${plain}.
# Give it what bwrap takes: sh FILE --ro-bind / / --dev /dev COMMAND
exec 9<&0
${body}
`;
}

/** The program in base64 goes through a pipe, whose end is the descriptor. */
function withFilter(rest: string, { program, endian }: EncodableProgram, descriptor: number): string {
  const bytes = encodeProgram(program, endian);
  const text = Buffer.from(bytes).toString('base64');
  return `base64 -d <<'FILTER' | {
${wrap(text)}
FILTER
exec ${descriptor}<&0
${rest}
}`;
}

function wrap(text: string): string {
  return text.replace(/.{76}(?=.)/g, '$&\n');
}
