/**
 * `node read-filters.mjs PID`: prints what readProcessFilters gives in a process of its own, as one JSON value.
 * @module
 */
import { OciSeccompError } from '../../../src/errors.ts';
import { readProcessFilters } from '../../../src/kernel/process-filters.ts';

function outcome(pid: number): unknown {
  try {
    return { lengths: readProcessFilters(pid).map(({ program }) => program.length) };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const { code, message, hint, details } = error;
    return { code, message, hint, details };
  }
}

process.stdout.write(JSON.stringify(outcome(Number(process.argv[2]))));
