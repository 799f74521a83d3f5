/**
 * Policies to programs, without libseccomp.
 *
 *     Policy ─expandPolicy→ rules of each architecture ─synthesizePolicy→ Program
 *
 * @module
 */
export { type CallCounts, readCallCounts } from './read-call-counts.ts';
export { type Synthesized, synthesizePolicy } from './synthesize-policy.ts';
