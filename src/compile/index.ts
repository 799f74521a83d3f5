/**
 * Policies to programs: what libseccomp or the builtin compiler makes of them, the proof, the formats they are written in.
 *
 *     Policy ─compilePolicy→ CompiledFilter ─emitFilter→ bytes or text
 *
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { emitFormats } from './emit-formats.ts';

export type { RuleAccount } from '../policy/rule-account.ts';
export * from './builtin/index.ts';
export type { Claim, ClaimedCall, ClaimInput, Hashed } from './claim.ts';
export type { BackendName, CompiledFilter, CompileOptions } from './compile-policy.ts';
export type { Contradiction, ContradictionCause } from './contradictions.ts';
export type { Deviation } from './deviation.ts';
export { type EmitFormat, emitFormats, type Provenance } from './emit.ts';
export type { EmittedFilter, EncodedFormat } from './emit-encoded.ts';
export { claimRows, formatClaim, makeClaim } from './given-claim.ts';
export {
  compilePolicy,
  emitFilter,
  findHazard,
  librarySyscallTable,
  tryGuesses,
  verifyPrograms,
} from './given-filter.ts';
export { proveProgram } from './given-proof.ts';
export type { HazardRule } from './hazardous-rules.ts';
export type { ProgramStore } from './kept-program.ts';
export type { Observed } from './observed-policy.ts';
export type { Counterexample, OnDecided, Proof, ProofInput } from './prove.ts';
export type { SkipEffect, SkippedName } from './skipped-names.ts';
export type { Guess, Verification, VerifyInput } from './verify-filter.ts';
export type { Found, Weakness, WeaknessKind } from './weaknesses.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen(emitFormats);
