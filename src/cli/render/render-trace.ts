/**
 * The instructions that a filter executes for a call, with the registers.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { exactValue, isFlagSet, type KnownArgument } from '../../abi/flag-sets.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { decodeInstructions } from '../../bpf/decode-instructions.ts';
import { instructionText } from '../../bpf/disassemble.ts';
import { prepareProgram, type Trace, type TraceStep } from '../../bpf/simulate-program.ts';
import type { DecidableProgram } from '../../decision/answer-call.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { Explanation } from '../../report/explain-call.ts';
import type { Filtered } from '../operands/filter-operand.ts';
import { verdictJson } from './json-meaning.ts';

const TEXT_WIDTH = 32;

/** What one filter executes for one way into the kernel. */
interface Executed {
  readonly nr: number;
  /** Of several filters, the oldest first. */
  readonly filter: number;
  readonly call: SeccompData;
  /** Arguments are left open: they count as 0 here, and flags that are not given as clear. */
  readonly isOpen: boolean;
  readonly program: DecidableProgram;
  readonly trace: Trace;
}

function executed({ ways }: Explanation, { programs, name }: Filtered): readonly Executed[] {
  return ways.flatMap(({ call: { arch, nr, args: given } }) => {
    const args = Array.from({ length: 6 }, (_, index) => exampleOf(given[index]));
    const call = { nr: nr | 0, arch: architectures[arch].auditArch, instructionPointer: 0n, args };
    const isOpen = given.filter((value) => exactValue(value) !== undefined).length < 6;
    return programs.map((program, filter) => {
      const trace = prepareProgram(program.program, { endian: program.endian, name }).trace(call);
      return { nr: nr >>> 0, filter, call, isOpen, program, trace };
    });
  });
}

/** The smallest value of a set, or nearly. */
function exampleOf(argument: KnownArgument): bigint {
  if (!isFlagSet(argument)) return argument ?? 0n;
  const { how, flags } = argument;
  if (how === 'none') return 0n;
  return how === 'any' ? (flags[0] ?? 0n) : flags.reduce((sum, flag) => sum | flag, 0n);
}

/** One trace for each way into the kernel and each filter. */
export function renderTraces(explanation: Explanation, filtered: Filtered): string {
  const { length } = filtered.programs;
  return executed(explanation, filtered)
    .map((each) => {
      const which = length === 1 ? '' : ` of filter ${each.filter + 1}`;
      const note = each.isOpen ? ' (what is not given counts as 0 here)' : '';
      return `trace${which}${note}: ${renderTrace(each)}`;
    })
    .join('');
}

/** The same as JSON. */
export function tracesJson(explanation: Explanation, filtered: Filtered) {
  return executed(explanation, filtered).map(({ nr, filter, call, program, trace }) => {
    const listing = decodeInstructions(program.program, program.endian);
    return {
      nr,
      filter,
      args: call.args.map(String),
      verdict: verdictJson(trace.returnWord, archOfCall(call)),
      path: trace.path.map(({ index, a, x, taken }) => {
        const { mnemonic = '', operands = '', comment = null } = listing[index] ?? {};
        return { index, mnemonic, operands, comment, a, x, taken: taken ?? null };
      }),
    };
  });
}

/** One line an instruction: its line of the listing, what the accumulator held, which way a branch went. */
function renderTrace({ program: { program, endian }, call, trace }: Executed): string {
  const { path, steps, returnWord } = trace;
  const listing = decodeInstructions(program, endian);
  const width = String(program.length).length;
  const lines = path.map((step) => {
    const instruction = listing[step.index];
    if (instruction === undefined) return '';
    const text = instructionText(instruction).padEnd(TEXT_WIDTH);
    const comment = instruction.comment === undefined ? '' : `; ${instruction.comment}`;
    return `  ${String(step.index).padStart(width)}  ${text} ${registers(step).padEnd(26)} ${comment}`.trimEnd();
  });
  const head = `${steps} of ${program.length} instructions, to ${formatReturnWord(returnWord, archOfCall(call))}:`;
  return `${[head, ...lines].join('\n')}\n`;
}

function registers({ instruction, a, x, taken }: TraceStep): string {
  const usesX = x === 0 ? '' : ` x=0x${x.toString(16)}`;
  const branch = taken === undefined ? '' : taken ? ' yes' : ' no';
  // The first load has nothing in the registers yet.
  return (instruction.code & 0x07) === 0 ? usesX.trim() : `a=0x${a.toString(16)}${usesX}${branch}`;
}
