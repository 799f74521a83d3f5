/**
 * A program's control flow: basic blocks and the ways between them, also as a picture for Graphviz.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { type DecodedInstruction, decodeInstructions } from './decode-instructions.ts';
import { instructionText } from './disassemble.ts';
import type { Program } from './program.ts';

/** Instructions that are always executed together; known by the index of the first. */
export interface BasicBlock {
  /** Index of its first instruction. */
  readonly start: number;
  /** Its instructions; only the last one can jump or return. */
  readonly instructions: readonly DecodedInstruction[];
  /** Starts of the blocks it goes on to: none after a return, first the one taken if a condition holds. */
  readonly successors: readonly number[];
}

/** Splits a program into basic blocks, in order. A successor past the end is no block's start. */
export function basicBlocks(program: Program, endian: Endian): readonly BasicBlock[] {
  const decoded = decodeInstructions(program, endian);
  const starts = new Set([0]);
  for (const instruction of decoded) {
    if (!endsBlock(instruction)) continue;
    starts.add(instruction.index + 1);
    for (const target of instruction.targets) starts.add(target);
  }
  const blocks: BasicBlock[] = [];
  let open: DecodedInstruction[] = [];
  for (const instruction of decoded) {
    open.push(instruction);
    const next = instruction.index + 1;
    if (!starts.has(next) && next < decoded.length) continue;
    const { mnemonic, targets } = instruction;
    const successors = targets.length > 0 ? targets : mnemonic === 'ret' ? [] : [next];
    blocks.push({ start: open[0]?.index ?? 0, instructions: open, successors });
    open = [];
  }
  return blocks;
}

function endsBlock({ mnemonic, targets }: DecodedInstruction): boolean {
  return targets.length > 0 || mnemonic === 'ret';
}

/**
 * Draws the control flow in the language of Graphviz: a box for each block, edges `yes` and `no` after a condition.
 */
export function controlFlowDot(program: Program, endian: Endian, title: string): string {
  const blocks = basicBlocks(program, endian);
  const width = String(program.length).length;
  const nodes = blocks.map(({ start, instructions }) => {
    const text = instructions.map((each) => `${quoted(nodeLine(each, width))}\\l`).join('');
    const isDead = instructions.every(({ reachable }) => !reachable);
    return `  b${start} [label="${text}"${isDead ? ', style=dashed, fontcolor=gray50' : ''}];`;
  });
  const edges = blocks.flatMap(({ start, successors }) =>
    successors.map((to, i) => {
      const label = successors.length === 2 ? ` [label="${i === 0 ? 'yes' : 'no'}"]` : '';
      return `  b${start} -> ${to < program.length ? `b${to}` : 'end'}${label};`;
    }),
  );
  const hasEnd = blocks.some(({ successors }) => successors.some((to) => to >= program.length));
  const lines = [
    'digraph program {',
    `  graph [label="${quoted(title)}", labelloc=t, fontname=monospace];`,
    '  node [shape=box, fontname=monospace];',
    '  edge [fontname=monospace];',
    ...nodes,
    ...(hasEnd ? ['  end [label="past the end", shape=octagon];'] : []),
    ...edges,
    '}',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function nodeLine(instruction: DecodedInstruction, width: number): string {
  const { index, comment } = instruction;
  const text = `${String(index).padStart(width)}  ${instructionText(instruction)}`;
  return comment === undefined ? text : `${text}  ; ${comment}`;
}

function quoted(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, '?');
}
