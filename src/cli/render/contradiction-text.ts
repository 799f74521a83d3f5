/**
 * Calls for which rules of one profile contradict each other, in sentences.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { listWords } from '../../abi/list-words.ts';
import type { ContradictedCall } from '../../compose/contradicted-rules.ts';

/**
 * @param archs - the machines that were looked at
 * @param settled - what was taken: `the strictest counts here`
 */
export function contradictionLines(
  name: string,
  calls: readonly ContradictedCall[],
  archs: readonly ArchName[],
  settled: string,
): readonly string[] {
  const { refused, others, where } = sortCalls(calls, archs);
  return [
    ...(refused.length === 0
      ? []
      : [
          `libseccomp refuses ${name}${where} (EEXIST), so runc and crun start no container under it${where === '' ? '' : ' there'}: rules for ${namesOf(refused)} have the same comparisons and different actions; ${settled}`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `rules of ${name} contradict each other for ${namesOf(others)}: ${settled}, and libseccomp may take another, or refuse them`,
        ]),
  ];
}

/** The same of a profile that was made of one with such rules. */
export function keptContradictionLines(
  calls: readonly ContradictedCall[],
  archs: readonly ArchName[],
): readonly string[] {
  const { refused, others, where } = sortCalls(calls, archs);
  return [
    ...(refused.length === 0 ? [] : [`libseccomp refuses the result too${where}, for ${namesOf(refused)}`]),
    ...(others.length === 0 ? [] : [`rules of the result contradict each other too, for ${namesOf(others)}`]),
  ];
}

interface SortedCalls {
  readonly refused: readonly ContradictedCall[];
  readonly others: readonly ContradictedCall[];
  /** On which machines libseccomp refuses some; empty if on all. */
  readonly where: string;
}

function sortCalls(calls: readonly ContradictedCall[], archs: readonly ArchName[]): SortedCalls {
  const refused = calls.filter(({ refusedOn }) => refusedOn.length > 0);
  const refusing = archs.filter((arch) => refused.some(({ refusedOn }) => refusedOn.includes(arch)));
  return {
    refused,
    others: calls.filter(({ refusedOn }) => refusedOn.length === 0),
    where: refusing.length === archs.length ? '' : ` on ${listWords(refusing)}`,
  };
}

/** Calls of a list that are shown; --report and --json have all. */
const SHOWN = 12;

function namesOf(calls: readonly ContradictedCall[]): string {
  const more = calls.length - SHOWN;
  const shown = calls.slice(0, SHOWN).map(({ name }) => name);
  return listWords(more > 0 ? [...shown, `${more} more`] : shown);
}
