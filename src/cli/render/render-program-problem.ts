/**
 * Why the kernel refuses a program, as text.
 * @module
 */
import type { PlacedProblem } from '../../pipeline/program-source.ts';

/** Whether a problem is one of a program, not of a profile or a text. */
export function isProgramProblem(problem: object): problem is PlacedProblem {
  return 'place' in problem && !('line' in problem);
}

/** `file:12: error: what is wrong [code]`, with the number of the instruction where there are no lines. */
export function renderProgramProblem(
  { place, message, code }: PlacedProblem,
  severity: 'error' | 'warning' = 'error',
): string {
  return `${place}: ${severity}: ${message} [${code}]\n`;
}
