/**
 * Classic BPF programs: every form they are written in, listings, the kernel's checks, a simulator.
 *
 *     bytes or text ─readProgram→ Program ─encodeProgram→ bytes, ─disassemble→ listing
 *
 * @module
 */
export type { ListingForm } from '../abi/listing-form.ts';
export type { AssembleOptions } from './assemble.ts';
export type { BasicBlock } from './control-flow.ts';
export type { DecodedInstruction } from './decode-instructions.ts';
export {
  assemble,
  basicBlocks,
  controlFlowDot,
  decodeInstructions,
  decodeProgram,
  disassemble,
  encodeProgram,
  findProgramProblems,
  prepareProgram,
  readProgram,
  readPrograms,
} from './given-program.ts';
export type { Program, SockFilter } from './program.ts';
export type { ProgramProblem, ProgramProblemCode } from './program-problems.ts';
export type { ProgramForm, ReadProgramOptions, ReadProgramResult } from './read-program.ts';
export type { PreparedProgram, PrepareOptions, RunResult, Trace, TraceStep } from './simulate-program.ts';
export type { TextProblem, TextProblemCode } from './text-problem.ts';
