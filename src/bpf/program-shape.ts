/**
 * What a program is made of, for those that callers of the library hand in.
 * @module
 */
import { listOf, recordOf, reusable, u8, u16, u32 } from '../abi/value-shape.ts';
import type { Program, SockFilter } from './program.ts';

/** Whether the kernel would take the program, `findProgramProblems` says. */
export const program = reusable<Program>(listOf(recordOf<SockFilter>({ code: u16, jt: u8, jf: u8, k: u32 })));
