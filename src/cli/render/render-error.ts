/**
 * Errors as text.
 * @module
 */
import type { OciSeccompError } from '../../errors.ts';
import type { Problem } from '../../oci/problems.ts';
import { renderProblem } from './render-problems.ts';
import { isProgramProblem, renderProgramProblem } from './render-program-problem.ts';
import { visibleLines, visibleText } from './safe-text.ts';

/** Problems shown before an error; `validate` shows all. */
const MAX_SHOWN = 20;

/**
 * The first problems an error carries, then `error: what happened [ERR_CODE]`, the error's notes (`details.notes`) and
 * the hint, each on a line of its own.
 */
export function renderError({ code, message, hint, details }: OciSeccompError): string {
  const problems = Array.isArray(details.problems) ? (details.problems as readonly Problem[]) : [];
  const more = problems.length > MAX_SHOWN ? `... and ${problems.length - MAX_SHOWN} more\n` : '';
  const advice = hint === undefined ? '' : `  hint: ${visibleLines(hint)}\n`;
  const shown = problems.slice(0, MAX_SHOWN).map(renderAnyProblem).join('');
  const notes = Array.isArray(details.notes) ? (details.notes as readonly string[]) : [];
  const noted = notes.map((note) => `  ${visibleLines(note)}\n`).join('');
  return `${shown}${more}error: ${visibleText(message)} [${code}]\n${noted}${advice}`;
}

function renderAnyProblem(problem: Problem): string {
  return isProgramProblem(problem) ? renderProgramProblem(problem) : renderProblem(problem);
}
