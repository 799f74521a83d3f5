/**
 * Filters and calls as callers of the library hand them in, read once.
 * @module
 */
import type { SeccompData } from '../abi/seccomp-data.ts';
import { atLeastOne, seccompData, takerFor, withMembers } from '../abi/value-shape.ts';
import type { DecidableProgram } from '../decision/answer-call.ts';
import { decidableProgram } from '../decision/space-shape.ts';

/** Without a program the kernel asks nobody, and no answer is about a filter. */
const filterOf = withMembers<{ readonly programs: readonly DecidableProgram[] }>({
  programs: atLeastOne('program', decidableProgram),
});

/**
 * The programs of a filter.
 *
 * @param call - the call that is handed the filter
 * @param name - of its parameter
 * @throws OciSeccompError `ERR_USAGE` if it is not a filter, or has no programs
 */
export function takeFilter(call: string, name: string, filter: unknown): readonly DecidableProgram[] {
  return takerFor(call)(name, filterOf, filter).programs;
}

/** A call, as the kernel shows it to filters. @throws OciSeccompError `ERR_USAGE` for a value of another type */
export function takeCall(call: string, data: unknown): SeccompData {
  return takerFor(call)('call', seccompData, data);
}
