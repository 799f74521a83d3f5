/**
 * Instructions taken apart: mnemonic, operands as text, targets, meaning. Every word decodes: an unknown operation
 * is shown as `.word`, and fields that an operation ignores are shown where they are not 0.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { explain, testedArchs } from './explain-instruction.ts';
import { type OperandShape, opcodeOf, usesOf } from './opcodes.ts';
import { followPaths } from './path-facts.ts';
import type { Program, SockFilter } from './program.ts';
import { jumpTargets } from './program-problems.ts';

/** An instruction with what its numbers mean. */
export interface DecodedInstruction extends SockFilter {
  /** Its place in the program, from 0. */
  readonly index: number;
  /** `.word` where there is no such operation. */
  readonly mnemonic: string;
  /** In the syntax of the assembler, `#0xc000003e, 5, 2`; empty for operations without. */
  readonly operands: string;
  /** Absolute; of a branch first the one taken if its condition holds. May lie past the end. */
  readonly targets: readonly number[];
  /** What the numbers stand for: `AUDIT_ARCH_X86_64`, `openat`, `ERRNO EPERM (1)`. */
  readonly comment: string | undefined;
  /** Whether a call can get here, as far as jumps on arch, nr and constants decide it. */
  readonly reachable: boolean;
}

/** Takes a program apart. */
export function decodeInstructions(program: Program, endian: Endian): readonly DecodedInstruction[] {
  const all = followPaths(program);
  const archs = testedArchs(all);
  return program.map((instruction, index) => {
    const { code, jt, jf, k } = instruction;
    const facts = all[index];
    return {
      index,
      code,
      jt,
      jf,
      k,
      mnemonic: opcodeOf(code)?.mnemonic ?? '.word',
      operands: formatOperands(instruction, index),
      targets: jumpTargets(instruction, index),
      comment: facts === undefined ? undefined : explain(instruction, facts, endian, archs),
      reachable: facts !== undefined,
    };
  });
}

type Formatter = (instruction: SockFilter, targets: string) => string;

const formatters = {
  field: ({ k }) => `[${k}]`,
  indirect: ({ k }) => `[x+${k}]`,
  header: ({ k }) => `4*([${k}]&0xf)`,
  constant: ({ k }) => `#${hex(k)}`,
  scratch: ({ k }) => `M[${k}]`,
  length: () => 'len',
  x: () => 'x',
  a: () => 'a',
  jump: (_, targets) => targets,
  branch: ({ k }, targets) => `#${hex(k)}, ${targets}`,
  branchX: (_, targets) => `x, ${targets}`,
  none: () => '',
} as const satisfies Record<OperandShape, Formatter>;

function formatOperands(instruction: SockFilter, index: number): string {
  const { code, jt, jf, k } = instruction;
  const opcode = opcodeOf(code);
  if (opcode === undefined) return `${hex(code)}, ${jt}, ${jf}, ${hex(k)}`;
  const format: Formatter = formatters[opcode.shape];
  const text = format(instruction, jumpTargets(instruction, index).join(', '));
  const unused = formatUnused(instruction, opcode.shape);
  return unused === '' || text === '' ? text + unused : `${text} ${unused}`;
}

/** Fields without a meaning that are not 0, `{jt 1, k 0x8}`: with them, the text assembles to the same bytes. */
function formatUnused({ jt, jf, k }: SockFilter, shape: OperandShape): string {
  const uses = usesOf(shape);
  const fields = [
    ...(uses.jumps || jt === 0 ? [] : [`jt ${jt}`]),
    ...(uses.jumps || jf === 0 ? [] : [`jf ${jf}`]),
    ...(uses.k || k === 0 ? [] : [`k ${hex(k)}`]),
  ];
  return fields.length === 0 ? '' : `{${fields.join(', ')}}`;
}

function hex(word: number): string {
  return `0x${word.toString(16)}`;
}
