/**
 * The instructions that a filter executes for a call, with the registers.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { decodeInstructions } from '../../bpf/decode-instructions.ts';
import { instructionText } from '../../bpf/disassemble.ts';
import { prepareProgram, type TraceStep } from '../../bpf/simulate-program.ts';
import type { DecidableProgram } from '../../decision/answer-call.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { Explanation } from '../../report/explain-call.ts';
import type { Filtered } from '../operands/filter-operand.ts';

const TEXT_WIDTH = 32;

/** One line an instruction: its line of the listing, what the accumulator held, which way a branch went. */
function renderTrace({ program, endian }: DecidableProgram, call: SeccompData, name: string): string {
  const { path, steps, returnWord } = prepareProgram(program, { endian, name }).trace(call);
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

/** One trace for each way into the kernel and each filter. */
export function renderTraces({ ways }: Explanation, { programs, name }: Filtered): string {
  return ways
    .map(({ call }) => {
      const { arch, nr } = call;
      const args = Array.from({ length: 6 }, (_, index) => call.args[index] ?? 0n);
      const data = { nr: nr | 0, arch: architectures[arch].auditArch, instructionPointer: 0n, args };
      const open = call.args.filter((value) => value !== undefined).length < 6;
      const note = open ? ' (arguments that are not given count as 0 here)' : '';
      const texts = programs.map((program, i) => {
        const which = programs.length === 1 ? '' : ` of filter ${i + 1}`;
        return `trace${which}${note}: ${renderTrace(program, data, name)}`;
      });
      return texts.join('');
    })
    .join('');
}
