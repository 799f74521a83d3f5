/**
 * Classic BPF programs: every form they are written in, listings, the kernel's checks, a simulator.
 *
 *     bytes or text ─readProgram→ Program ─encodeProgram→ bytes, ─disassemble→ listing
 *
 * @module
 */
export type { ListingForm } from '../abi/listing-form.ts';
export { type AssembleOptions, assemble } from './assemble.ts';
export { type BasicBlock, basicBlocks, controlFlowDot } from './control-flow.ts';
export { type DecodedInstruction, decodeInstructions } from './decode-instructions.ts';
export { disassemble } from './disassemble.ts';
export { decodeProgram, encodeProgram, type Program, type SockFilter } from './program.ts';
export {
  type ProgramForm,
  type ReadProgramOptions,
  type ReadProgramResult,
  readProgram,
  readPrograms,
} from './read-program.ts';
export {
  type PreparedProgram,
  type PrepareOptions,
  prepareProgram,
  type RunResult,
  type Trace,
  type TraceStep,
} from './simulate-program.ts';
export type { TextProblem, TextProblemCode } from './text-problem.ts';
export { type ProgramProblem, type ProgramProblemCode, verifyProgram } from './verify-program.ts';
