/**
 * From the words of a question to its explanation.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { Node, Space } from '../../decision/space.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { architecturesOf, type Explanation, explainCall } from '../../report/explain-call.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { parseQuestion } from '../operands/call-question.ts';
import {
  decideFilter,
  explainSubject,
  type Filtered,
  filterOf,
  readSubject,
} from '../operands/filter-operand.ts';
import { parseArch } from '../operands/host-options.ts';

export interface Question {
  /** What has the filter. */
  readonly subject: string;
  readonly syscall: string;
  readonly args: readonly string[];
}

/** What {@link explainQuestion} reads besides: `arch` is the call's, `hostArch` the host's. */
export type QuestionOptions = MeaningOptions & { readonly hostArch?: string };

/** @throws OciSeccompError for what cannot be read, and `ERR_UNDECIDED` if the filter is too complex */
export async function explainQuestion(
  { subject, syscall, args }: Question,
  { arch: wanted, hostArch, ...rest }: QuestionOptions,
): Promise<{ readonly explanation: Explanation; readonly filtered: Filtered }> {
  const asked = wanted === undefined ? undefined : parseArch(wanted);
  // A misspelled call should not wait for a filter to be compiled.
  if (asked !== undefined) parseQuestion(syscall, args, asked);
  const reading = { ...rest, arch: hostArch ?? hostFor(asked) };
  const filtered = await filterOf(await readSubject(subject, reading), reading);
  const { space, root } = decideFilter(filtered);
  const arch = asked ?? defaultArch(space, root, filtered);
  return {
    explanation: explainCall(space, root, explainSubject(filtered), parseQuestion(syscall, args, arch)),
    filtered,
  };
}

/** The 64-bit architecture whose machines run programs of this one too. */
const parents: Partial<Record<ArchName, ArchName>> = {
  x86: 'x86_64',
  x32: 'x86_64',
  arm: 'aarch64',
  s390: 's390x',
  mips: 'mips64',
  mips64n32: 'mips64',
  mipsel: 'mipsel64',
  mipsel64n32: 'mipsel64',
  ppc: 'ppc64',
  parisc: 'parisc64',
};

/** The host to resolve a profile for: this machine if it runs such calls, else one of the call's architecture. */
export function hostFor(asked: ArchName | undefined): ArchName {
  const machine = machineArch();
  if (asked === undefined || machine === asked || machine === parents[asked]) return machine;
  return architectures[asked].uname.length > 0 ? asked : (parents[asked] ?? asked);
}

/** This machine's, if the filter is for it; else the first that the filter is for. */
export function defaultArch(space: Space, root: Node, { work }: Filtered): ArchName {
  if (work !== undefined) return work.host.arch;
  const machine = machineArch();
  const known = architecturesOf(space, root);
  return known.includes(machine) ? machine : (known[0] ?? machine);
}
