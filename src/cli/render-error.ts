/**
 * Errors as people read them.
 * @module
 */
import type { OciSeccompError } from '../errors.ts';
import type { Problem } from '../oci/problems.ts';
import { renderProblem } from './render-problems.ts';

/** The problems an error carries, then `error: what happened [ERR_CODE]` and the hint on a line of its own. */
export function renderError({ code, message, hint, details }: OciSeccompError): string {
  const problems = Array.isArray(details.problems) ? (details.problems as readonly Problem[]) : [];
  const advice = hint === undefined ? '' : `  hint: ${hint}\n`;
  return `${problems.map(renderProblem).join('')}error: ${message} [${code}]\n${advice}`;
}
