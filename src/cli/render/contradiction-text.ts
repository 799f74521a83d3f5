/**
 * Calls for which rules of one profile contradict each other, in sentences.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { listWords } from '../../abi/list-words.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
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
  return byMachines(calls, archs, {
    refused: (names, where) =>
      `libseccomp refuses ${name}${where} (EEXIST), so runc and crun start no container under it${where === '' ? '' : ' there'}: rules for ${names} have different actions and share a test of 32 bits; ${settled}`,
    others: (names, where) =>
      `rules of ${name} contradict each other for ${names}${where}: ${settled}, and libseccomp may take another`,
  });
}

/** The same of a profile that was made of one with such rules. */
export function keptContradictionLines(
  calls: readonly ContradictedCall[],
  archs: readonly ArchName[],
): readonly string[] {
  return byMachines(calls, archs, {
    refused: (names, where) => `libseccomp refuses the result too${where}, for ${names}`,
    others: (names, where) => `rules of the result contradict each other too, for ${names}${where}`,
  });
}

/** A sentence about calls. @param where - ` on x86_64`; empty: on all machines that were looked at */
type Sentence = (names: string, where: string) => string;

/** One sentence for all calls that libseccomp refuses on the same machines, and one for those that meet on the same. */
function byMachines(
  calls: readonly ContradictedCall[],
  archs: readonly ArchName[],
  sentences: Readonly<Record<'refused' | 'others', Sentence>>,
): readonly string[] {
  const groups = new Map<string, { sentence: Sentence; where: string; calls: ContradictedCall[] }>();
  for (const kind of ['refused', 'others'] as const) {
    for (const call of calls) {
      const isRefused = call.refusedOn.length > 0;
      if (isRefused !== (kind === 'refused')) continue;
      const machines = archs.filter((arch) => (isRefused ? call.refusedOn : call.metOn).includes(arch));
      const where = machines.length === archs.length ? '' : ` on ${listWords(machines)}`;
      const group = groups.get(`${kind}${where}`) ?? { sentence: sentences[kind], where, calls: [] };
      groups.set(`${kind}${where}`, group);
      group.calls.push(call);
    }
  }
  return [...groups.values()].map(({ sentence, where, calls: own }) => sentence(namesOf(own), where));
}

/** Calls of a list that are shown; --report and --json have all. */
const SHOWN = 12;

function namesOf(calls: readonly ContradictedCall[]): string {
  const more = calls.length - SHOWN;
  const shown = calls.slice(0, SHOWN).map(nameOf);
  return listWords(more > 0 ? [...shown, `${more} more`] : shown);
}

/** Machines of 64 bits have `socketcall` and `ipc` for the programs of another architecture alone. */
function nameOf({ name, metOn }: ContradictedCall): string {
  const isOwn = metOn.some((arch) => directSyscallNumber(name, arch) !== undefined);
  return isOwn || !/^(socketcall|ipc)$/.test(name) ? name : `${name} of 32-bit programs`;
}
