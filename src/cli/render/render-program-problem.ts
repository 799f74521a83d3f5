/**
 * What the kernel minds about a program, as people read it.
 * @module
 */
import type { PlacedProblem } from '../../pipeline/program-source.ts';

/** Tells these problems from those of profiles and texts. */
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
