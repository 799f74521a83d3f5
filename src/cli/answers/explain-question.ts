/**
 * From the words of a question to its explanation.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { exactValue } from '../../abi/flag-sets.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { CallQuestion } from '../../report/asked-call.ts';
import {
  architecturesOf,
  callsOf,
  type Explanation,
  explainCall,
  type Way,
} from '../../report/explain-call.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { parseQuestion } from '../operands/call-question.ts';
import {
  type DecidedFilter,
  decideWhole,
  explainSubject,
  type Filtered,
  filterOf,
  readSubject,
  unlessTooComplex,
} from '../operands/filter-operand.ts';
import { parseArch, requireUses } from '../operands/host-options.ts';

interface Question {
  /** What has the filter. */
  readonly subject: string;
  readonly syscall: string;
  readonly args: readonly string[];
}

/** What {@link explainQuestion} reads besides: `arch` is the call's, `hostArch` the host's. */
type QuestionOptions = MeaningOptions & { readonly hostArch?: string };

/** An explanation, and the filter with the diagrams that it rests on. */
interface Explained {
  readonly explanation: Explanation;
  readonly filtered: Filtered;
}

/** @throws OciSeccompError for what cannot be read, and `ERR_UNDECIDED` if the call alone is too complex */
export async function explainQuestion(
  { subject, syscall, args }: Question,
  { arch: wanted, hostArch, ...rest }: QuestionOptions,
): Promise<Explained> {
  const asked = wanted === undefined ? undefined : parseArch(wanted);
  // A misspelled call should not wait for a filter to be compiled.
  if (asked !== undefined) parseQuestion(syscall, args, asked);
  const reading = { ...rest, arch: hostArch ?? hostArchFor(asked) };
  const source = await readSubject(subject, reading);
  await requireUses({ ...rest, hostArch }, [source]);
  if (source.kind === 'program') {
    const filtered = await filterOf(source, reading);
    const whole = decideWhole(filtered);
    const arch = asked ?? defaultArch(whole, filtered);
    return explainAsked(filtered, whole, parseQuestion(syscall, args, arch));
  }
  // The answer for one call needs no proof of all others, and that takes as long as libseccomp takes for the program.
  const call = parseQuestion(syscall, args, asked ?? parseArch(reading.arch));
  const filtered = await filterOf(source, reading, (policy) =>
    // The proof is for all arguments.
    callsOf(call, policy).map((each) => ({ ...each, args: each.args.map(exactValue) })),
  );
  return explainAsked(filtered, filtered.decided, call);
}

/**
 * Explains a call by what was decided, or decides it alone.
 *
 * @param known - of all calls, or of this one; `undefined`: that was too complex, or the program was proven before
 * @throws OciSeccompError `ERR_UNDECIDED` if the call alone is too complex
 */
export async function explainAsked(
  filtered: Filtered,
  known: DecidedFilter | undefined,
  asked: CallQuestion,
): Promise<Explained> {
  const explained = (decided: DecidedFilter): Explained => {
    const own = { ...filtered, decided };
    return {
      explanation: explainCall(decided.space, decided.root, explainSubject(own), asked),
      filtered: own,
    };
  };
  const found = known && unlessTooComplex(() => explained(known));
  if (found !== undefined) return found;
  const { decideAsked } = await import('./decide-alone.ts');
  return explained(decideAsked(filtered, asked));
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
export function hostArchFor(asked: ArchName | undefined): ArchName {
  const machine = machineArch();
  if (asked === undefined || machine === asked || machine === parents[asked]) return machine;
  return architectures[asked].uname.length > 0 ? asked : (parents[asked] ?? asked);
}

/** This machine's, if the filter is for it, or too complex to tell; else the first that the filter is for. */
export function defaultArch(decided: DecidedFilter | undefined, { work }: Filtered): ArchName {
  if (work !== undefined) return work.host.arch;
  const machine = machineArch();
  const known = decided === undefined ? [] : architecturesOf(decided.space, decided.root);
  return known.includes(machine) ? machine : (known[0] ?? machine);
}

/** What was too complex to decide, so that less was decided; `undefined`: nothing. */
export function undecidedPart(
  ways: readonly Way[],
  { decided, work }: Filtered,
): 'all-calls' | 'all-arguments' | undefined {
  if (decided?.isPart !== true) return undefined;
  if (work === undefined) return 'all-calls';
  const isGiven = ways.some(({ call }) => call.args.some((value) => value !== undefined));
  return work.compiled.proof instanceof OciSeccompError && isGiven ? 'all-arguments' : undefined;
}
