/**
 * Where the error of a traced call came from, as far as a filter can tell.
 * @module
 */
import { parseReturnWord } from '../../abi/actions.ts';
import type { Explanation, Way } from '../../report/explain-call.ts';

/**
 * @param error - with which the call ended: `EPERM`
 * @returns a line if the filter lets the call through, else nothing
 */
export function renderTracerError({ ways }: Explanation, error: string): string {
  return ways.every(getsThrough)
    ? `  ${error} came from the kernel itself or another filter, if the process had this one\n`
    : '';
}

/** The same as JSON. */
export function tracerErrorJson({ ways }: Explanation, error: string) {
  return { name: error, fromElsewhere: ways.every(getsThrough) };
}

/** Whether the kernel carries the call out, whatever its unknown arguments are. */
function getsThrough({ answer }: Way): boolean {
  return answer.outcomes.every(
    (outcome) =>
      outcome.kind === 'word' && ['allow', 'log'].includes(parseReturnWord(outcome.word).action?.kind ?? ''),
  );
}
