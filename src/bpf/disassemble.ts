/**
 * A program as text: a line for each instruction, absolute jump targets, and names for numbers. The text assembles to the same
 * bytes (assemble.ts); docs/bpf-text.md describes it.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { type DecodedInstruction, decodeInstructions } from './decode-instructions.ts';
import type { Program } from './program.ts';

/** Where comments begin, counted from the mnemonic. */
const COMMENT_COLUMN = 34;

/** Writes a program as a listing. */
export function disassemble(program: Program, endian: Endian): string {
  const directive = endian === 'big' ? ['.endian big'] : [];
  const width = String(program.length).length;
  const lines = decodeInstructions(program, endian).map((instruction) => {
    const { index, comment, reachable } = instruction;
    const remark = reachable ? comment : 'never reached';
    const line = `${String(index).padStart(width)}  ${instructionText(instruction)}`;
    return remark === undefined ? line : `${line.padEnd(width + 2 + COMMENT_COLUMN)}; ${remark}`;
  });
  return [...directive, ...lines].map((line) => `${line}\n`).join('');
}

/** One instruction without its number and comment: `jeq  #0x0, 48, 19`. */
export function instructionText({ mnemonic, operands }: DecodedInstruction): string {
  return `${mnemonic === '.word' ? '.word ' : mnemonic.padEnd(5)}${operands}`.trimEnd();
}
