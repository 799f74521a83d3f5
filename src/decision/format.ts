/**
 * Calls, outcomes and conditions in words.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { operators } from '../abi/operators.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscalls.ts';
import type { ArgumentTest } from './describe.ts';
import type { Outcome } from './space.ts';
import { archOfCall } from './witness.ts';

/** `x86_64 socket(0x28)`: arguments up to the last that is not 0; the instruction pointer if it is not 0. */
export function formatCall(call: SeccompData): string {
  const arch = archOfCall(call);
  const name = arch === undefined ? undefined : syscallName(call.nr, arch);
  const last = call.args.findLastIndex((argument) => argument !== 0n);
  const args = call.args.slice(0, last + 1).map(formatValue);
  const from =
    call.instructionPointer === 0n ? '' : ` at instruction pointer ${formatValue(call.instructionPointer)}`;
  return `${arch ?? `arch 0x${call.arch.toString(16)}`} ${name ?? `syscall ${call.nr}`}(${args.join(', ')})${from}`;
}

/** Small numbers in decimal, others in hexadecimal. */
export function formatValue(value: bigint): string {
  return value < 10n ? `${value}` : `0x${value.toString(16)}`;
}

/** `ERRNO EPERM (1)`; of a conflict all actions. */
export function formatOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'word':
      return formatReturnWord(outcome.word);
    case 'conflict':
      return `conflict of ${outcome.words.map(formatReturnWord).join(' and ')}`;
    case 'undecided':
      return `undecided: instruction ${outcome.instruction}: ${outcome.reason}`;
    case 'boolean':
      return `${outcome.holds}`;
  }
}

/** `arg0 == 0x28`, `arg1 & 0x7e020000 == 0`. */
export function formatComparison({ index, op, value, valueTwo }: Comparison): string {
  if (op === 'maskedEq') return `arg${index} & ${formatValue(value)} == ${formatValue(valueTwo & value)}`;
  return `arg${index} ${operators[op].symbol} ${formatValue(value)}`;
}

const U64_LAST = 0xffff_ffff_ffff_ffffn;
const U32_LAST = 0xffff_ffffn;

/** `arg0 == 0x28`, `arg0 >= 0x29`, `low half of arg1 in 2..5 or 8`; masks as `arg0 & 0xff == 1`. */
export function formatTest({ index, part, test }: ArgumentTest): string {
  const argument = index === undefined ? 'instruction pointer' : `arg${index}`;
  const subject = part === 'whole' ? argument : `${part} half of ${argument}`;
  if (test.kind === 'masked') {
    const masked = `${subject} & ${formatValue(test.mask)}`;
    const values = test.values.map(formatValue);
    if (values.length === 1) return `${masked} ${test.equal ? '==' : '!='} ${values[0]}`;
    return `${masked} ${test.equal ? 'one of' : 'none of'} ${values.join(', ')}`;
  }
  const last = part === 'whole' ? U64_LAST : U32_LAST;
  const [first, second] = test.ranges;
  if (first !== undefined && second === undefined) return formatRange(subject, first, last);
  const gap = first?.[0] === 0n && second?.[1] === last && test.ranges.length === 2;
  if (gap && first !== undefined && second !== undefined && first[1] + 2n === second[0]) {
    return `${subject} != ${formatValue(first[1] + 1n)}`;
  }
  const parts = test.ranges.map(([from, to]) =>
    from === to ? formatValue(from) : `${formatValue(from)}..${formatValue(to)}`,
  );
  return `${subject} one of ${parts.join(', ')}`;
}

function formatRange(subject: string, [from, to]: readonly [bigint, bigint], last: bigint): string {
  if (from === to) return `${subject} == ${formatValue(from)}`;
  if (to === last) return `${subject} >= ${formatValue(from)}`;
  if (from === 0n) return `${subject} <= ${formatValue(to)}`;
  return `${subject} in ${formatValue(from)}..${formatValue(to)}`;
}
