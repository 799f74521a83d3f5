/**
 * Calls, outcomes and conditions in words.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { formatArgument, formatMask } from '../abi/arguments.ts';
import { type Comparison, operators, U32_MAX, U64_MAX } from '../abi/operators.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { formatNumber, syscallName } from '../abi/syscall-numbers.ts';
import { syscallSignature } from '../abi/syscall-signatures.ts';
import type { ArgumentTest, Case } from './describe.ts';
import type { CompanyDifference } from './filters-in-company.ts';
import type { Outcome } from './space.ts';
import { archOfCall } from './witness.ts';

/** How the values of one system call are written. */
export interface Words {
  /** Writes a value of an argument (`index`), or of no argument in particular. */
  readonly value: (value: bigint, index: number | undefined) => string;
  /** A mask, in parentheses where it is more than one word. */
  readonly mask: (mask: bigint, index: number | undefined) => string;
  /** 32: the low half of an argument is all of it. */
  readonly bits: 32 | 64;
  /** Whose names errors have. */
  readonly arch: ArchName | undefined;
}

/** Numbers without names. */
const plainWords: Words = { value: formatValue, mask: formatBits, bits: 64, arch: undefined };

/**
 * Names for the values of a system call's arguments, where it has any: `AF_VSOCK (40)`.
 *
 * @param others - values of arguments that are known: the names of `prctl`'s second depend on its first
 */
export function wordsOf(
  arch: ArchName | undefined,
  syscall: string | undefined,
  others?: ReadonlyMap<number, bigint>,
): Words {
  if (arch === undefined) return plainWords;
  const { bits } = architectures[arch];
  if (syscall === undefined) return { ...plainWords, bits, arch };
  const place = (index: number) => ({ syscall, index, arch, ...(others === undefined ? {} : { others }) });
  return {
    bits,
    arch,
    // A value with all bits is -1, not a list of every flag.
    value: (value, index) =>
      index === undefined || value === U32_MAX || value === U64_MAX
        ? formatValue(value)
        : formatArgument(value, place(index)),
    mask: (mask, index) => {
      const text = index === undefined ? '' : formatMask(mask, place(index));
      const names = /^([A-Z][A-Z0-9_|]*(?:\|0x[0-9a-f]+)?) \(/.exec(text)?.[1];
      return names === undefined ? formatBits(mask) : names.includes('|') ? `(${names})` : names;
    },
  };
}

/** `x86_64 socket(AF_VSOCK (40), 0, 0)`: as many arguments as the call has; the instruction pointer if it is not 0. */
export function formatCall(call: SeccompData): string {
  const arch = archOfCall(call);
  return `${arch ?? `arch 0x${call.arch.toString(16)}`} ${formatBareCall(call)}`;
}

/** As {@link formatCall}, without the architecture. */
export function formatBareCall(call: SeccompData): string {
  const arch = archOfCall(call);
  const name = arch === undefined ? undefined : syscallName(call.nr, arch);
  const { value } = wordsOf(arch, name, new Map(call.args.entries()));
  const arity = (name === undefined ? undefined : syscallSignature(name)?.length) ?? 0;
  const last = call.args.findLastIndex((argument) => argument !== 0n);
  const args = call.args.slice(0, Math.max(last + 1, arity)).map(value);
  const from =
    call.instructionPointer === 0n ? '' : ` at instruction pointer ${formatValue(call.instructionPointer)}`;
  return `${name ?? `syscall ${formatNumber(call.nr)}`}(${args.join(', ')})${from}`;
}

/** Numbers below 4096 in decimal, others in hexadecimal. */
export function formatValue(value: bigint): string {
  return value < 4096n ? `${value}` : `0x${value.toString(16)}`;
}

function formatBits(mask: bigint): string {
  return mask < 10n ? `${mask}` : `0x${mask.toString(16)}`;
}

/** `ERRNO EPERM (1)`; of a conflict all actions. @param arch - of the call */
export function formatOutcome(outcome: Outcome, arch?: ArchName): string {
  switch (outcome.kind) {
    case 'word':
      return formatReturnWord(outcome.word, arch);
    case 'conflict':
      return `conflict of ${outcome.words.map((word) => formatReturnWord(word, arch)).join(' and ')}`;
    case 'undecided':
      return outcome.instruction === undefined
        ? `undecided: ${outcome.reason}`
        : `undecided: instruction ${outcome.instruction}: ${outcome.reason}`;
    case 'boolean':
      return `${outcome.holds}`;
  }
}

/**
 * The text about two filters whose relation changes if another filter stands beside them.
 *
 * @param sides - what to call the two
 * @returns lines without line feeds
 */
export function formatCompany(
  { call, outcomes, beside, together }: CompanyDifference,
  sides: { readonly first: string; readonly second: string },
): readonly string[] {
  const arch = archOfCall(call);
  const [first, second] = together.map((word) => formatReturnWord(word, arch));
  return [
    `note: this holds for the two alone. Beside another filter of the same process the answer can be different:`,
    `  ${formatCall(call)}`,
    `    ${sides.first}: ${formatOutcome(outcomes[0], arch)}; beside a filter that answers ${beside.label}: ${first}`,
    `    ${sides.second}: ${formatOutcome(outcomes[1], arch)}; beside a filter that answers ${beside.label}: ${second}`,
    '  The kernel chooses the lowest action word among the filters, and kills for an unknown one only if it is chosen.',
  ];
}

/** `arg0 == AF_VSOCK (40)`, `arg1 & 0x7e020000 == 0`. */
export function formatComparison(
  { index, op, value, valueTwo }: Comparison,
  words: Words = plainWords,
): string {
  if (op === 'maskedEq') {
    return `arg${index} & ${words.mask(value, index)} == ${words.value(valueTwo & value, index)}`;
  }
  return `arg${index} ${operators[op].symbol} ${words.value(value, index)}`;
}

/** The tests of a case joined by `and`; without any `always`. */
export function formatTests({ tests }: Pick<Case, 'tests'>, words: Words = plainWords): string {
  return tests.length === 0 ? 'always' : tests.map((test) => formatTest(test, words)).join(' and ');
}

/** `arg0 == 0x28`, `arg0 >= 0x29`, `low half of arg1 one of 2..5, 8`; masks as `arg0 & 0xff == 1`. */
export function formatTest({ index, part, test }: ArgumentTest, words: Words = plainWords): string {
  const argument = index === undefined ? 'instruction pointer' : `arg${index}`;
  // A mask of low bits is the same for the whole.
  const isLow = part === 'low' && index !== undefined && (words.bits === 32 || test.kind === 'masked');
  const isWhole = part === 'whole' || isLow;
  const subject = isWhole ? argument : `${part} half of ${argument}`;
  // The high half of a value has no names.
  const named = part === 'high' ? plainWords : words;
  const value = (each: bigint): string => named.value(each, index);
  if (test.kind === 'masked') {
    const masked = `${subject} & ${named.mask(test.mask, index)}`;
    const values = test.values.map(value);
    if (values.length === 1) return `${masked} ${test.equal ? '==' : '!='} ${values[0]}`;
    return `${masked} ${test.equal ? 'one of' : 'none of'} ${values.join(', ')}`;
  }
  const last = part === 'whole' ? U64_MAX : U32_MAX;
  const [first, second] = test.ranges;
  if (first !== undefined && second === undefined) return formatRange(subject, first, last, value);
  const gaps = gapsOf(test.ranges, last);
  if (gaps !== undefined) {
    const left = gaps.map(value);
    return left.length === 1 ? `${subject} != ${left[0]}` : `${subject} none of ${left.join(', ')}`;
  }
  const parts = test.ranges.map(([from, to]) => (from === to ? value(from) : `${value(from)}..${value(to)}`));
  return `${subject} one of ${parts.join(', ')}`;
}

/** The single values that ranges leave out, if they leave out nothing else. */
function gapsOf(ranges: readonly (readonly [bigint, bigint])[], last: bigint): readonly bigint[] | undefined {
  const gaps: bigint[] = [];
  let next = 0n;
  for (const [from, to] of [...ranges, [last + 1n, last + 1n] as const]) {
    if (from > next + 1n) return undefined;
    if (from === next + 1n) gaps.push(next);
    next = to + 1n;
  }
  return gaps.length === 0 ? undefined : gaps;
}

function formatRange(
  subject: string,
  [from, to]: readonly [bigint, bigint],
  last: bigint,
  value: (value: bigint) => string,
): string {
  if (from === to) return `${subject} == ${value(from)}`;
  if (to === last) return `${subject} >= ${value(from)}`;
  if (from === 0n) return `${subject} <= ${value(to)}`;
  return `${subject} in ${value(from)}..${value(to)}`;
}
