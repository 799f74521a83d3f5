/**
 * Calls for which rules of one profile contradict each other, in sentences.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { ContradictedCall } from '../../compose/contradicted-rules.ts';

/** @param settled - what was taken: `the strictest counts here` */
export function contradictionLines(
  name: string,
  calls: readonly ContradictedCall[],
  settled: string,
): readonly string[] {
  const refused = calls.filter(({ isRefused }) => isRefused);
  const others = calls.filter(({ isRefused }) => !isRefused);
  return [
    ...(refused.length === 0
      ? []
      : [
          `libseccomp refuses ${name} (EEXIST), so runc and crun start no container under it: rules for ${namesOf(refused)} have the same comparisons and different actions; ${settled}`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `rules of ${name} contradict each other for ${namesOf(others)}: ${settled}, and libseccomp may take another, or refuse them`,
        ]),
  ];
}

/** The same of a profile that was made of one with such rules. */
export function keptContradictionLines(calls: readonly ContradictedCall[]): readonly string[] {
  const refused = calls.filter(({ isRefused }) => isRefused);
  const others = calls.filter(({ isRefused }) => !isRefused);
  return [
    ...(refused.length === 0 ? [] : [`libseccomp refuses the result too, for ${namesOf(refused)}`]),
    ...(others.length === 0 ? [] : [`rules of the result contradict each other too, for ${namesOf(others)}`]),
  ];
}

/** Calls of a list that are shown; --report and --json have all. */
const SHOWN = 12;

function namesOf(calls: readonly ContradictedCall[]): string {
  const more = calls.length - SHOWN;
  const shown = calls.slice(0, SHOWN).map(({ name }) => name);
  return listWords(more > 0 ? [...shown, `${more} more`] : shown);
}
