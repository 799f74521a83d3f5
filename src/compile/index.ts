/**
 * Policies to programs: what libseccomp or the builtin compiler makes of them, the proof, the formats they are written in.
 *
 *     Policy ─compilePolicy→ CompiledFilter ─emitFilter→ bytes or text
 *
 * @module
 */

export { librarySyscallTable } from '../libseccomp/syscall.ts';
export type { RuleAccount } from '../policy/rule-account.ts';
export * from './builtin/index.ts';
export { type Claim, type ClaimInput, type Hashed, makeClaim } from './claim.ts';
export { claimRows, formatClaim } from './claim-text.ts';
export {
  type BackendName,
  type CompiledFilter,
  type CompileOptions,
  compilePolicy,
} from './compile-policy.ts';
export type { Contradiction, ContradictionCause } from './contradictions.ts';
export type { Deviation } from './deviation.ts';
export { type EmitFormat, emitFilter, emitFormats, type Provenance } from './emit.ts';
export type { EmittedFilter, EncodedFormat } from './emit-encoded.ts';
export { type HazardRule, isHazardous } from './hazardous-rules.ts';
export type { ProgramStore } from './kept-program.ts';
export { type Counterexample, type Proof, type ProofInput, proveProgram } from './prove.ts';
export type { SkipEffect, SkippedName } from './skipped-names.ts';
export {
  type Guess,
  tryGuesses,
  type Verification,
  type VerifyInput,
  verifyPrograms,
} from './verify-filter.ts';
export type { Found, Weakness, WeaknessKind } from './weaknesses.ts';
