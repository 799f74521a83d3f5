/**
 * Claims of what commands compile and compare.
 * @module
 */
import { type Claim, makeClaim } from '../compile/claim.ts';
import type { CompiledFilter } from '../compile/compile.ts';
import type { Proof } from '../compile/prove.ts';
import type { DecidableProgram } from '../decision/answer.ts';
import { hashProgram } from './hash.ts';
import type { LoweredInput } from './profile-work.ts';

/** What is claimed of the program that was compiled from a profile. */
export function claimOfCompiled(work: LoweredInput, compiled: CompiledFilter): Claim {
  return makeClaim({
    ...partsOf(work),
    programs: [hashProgram('the program', compiled)],
    compiler: `libseccomp ${compiled.libraryVersion}`,
    proof: compiled.proof,
  });
}

/** What is claimed of programs from elsewhere that were held against a profile. */
export function claimOfPrograms(
  work: LoweredInput,
  name: string,
  programs: readonly DecidableProgram[],
  proof: Proof,
): Claim {
  const called = (index: number): string => (programs.length === 1 ? name : `${name}, filter ${index + 1}`);
  return makeClaim({
    ...partsOf(work),
    programs: programs.map((program, index) => hashProgram(called(index), program)),
    compiler: undefined,
    proof,
  });
}

function partsOf({ input, host, resolution, lowered, table }: LoweredInput) {
  const { documents, profile } = input;
  return { documents, profile, host, resolution, lowered, table };
}
