/**
 * Policies to programs, without libseccomp.
 *
 *     Policy ─expandPolicy→ rules of each architecture ─synthesizePolicy→ Program
 *
 * @module
 */
export { readCallCounts, synthesizePolicy } from './given-rules.ts';
export type { CallCounts } from './read-call-counts.ts';
export type { Synthesized } from './synthesize-policy.ts';
