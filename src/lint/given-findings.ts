/**
 * Findings that callers take apart: what they hand in is checked.
 * @module
 */
import { listOf, maybe, type Shape, takerFor, text, valueThat, withMembers } from '../abi/value-shape.ts';
import type { Finding } from './engine/finding.ts';
import { singleFindings as uncheckedSingleFindings } from './engine/merge-findings.ts';

const place: Shape<object> = valueThat('a finding', (value) => typeof value === 'object' && value !== null);
const whatIsRead = withMembers<{ rule: string; places?: readonly object[] }>({
  rule: text,
  places: maybe(listOf(place)),
});

/** A finding is handed on as it is: it can have more members than those that are known here. */
function aFinding<T extends Finding>(): Shape<T> {
  return (value, reading) => {
    whatIsRead(value, reading);
    return value as T;
  };
}

/**
 * Findings as lint rules reported them, one a place: those that `lintProfile` merged because they say the same of several places are
 * taken apart.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function singleFindings<T extends Finding>(findings: readonly T[]): readonly T[] {
  return uncheckedSingleFindings(takerFor('singleFindings')('findings', listOf(aFinding<T>()), findings));
}
