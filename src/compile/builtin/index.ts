/**
 * Policies to programs, without libseccomp.
 *
 *     Policy ─expandPolicy→ rules of each architecture ─buildProgram→ Program
 *
 * @module
 */

export type { BuiltProgram } from './build-program.ts';
export { buildProgram, readCallCounts } from './given-rules.ts';
export type { CallCounts } from './read-call-counts.ts';
