/**
 * Claims that callers make, or print: each call checks what it is handed.
 * @module
 */
import { takerFor } from '../abi/value-shape.ts';
import { type Claim, type ClaimInput, makeClaim as uncheckedMakeClaim } from './claim.ts';
import { claimInput, claim as shapeOfClaim } from './claim-shape.ts';
import { claimRows as uncheckedClaimRows, formatClaim as uncheckedFormatClaim } from './claim-text.ts';

/**
 * Makes a claim: what a proof rests on, and what weakens it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function makeClaim(input: ClaimInput): Claim {
  return uncheckedMakeClaim(takerFor('makeClaim')('input', claimInput, input));
}

/**
 * A claim in one line: it is `proven: …` only if there is no weakness; otherwise it names the weaknesses. It also says if no test
 * runs the runtime.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatClaim(claim: Claim): string {
  return uncheckedFormatClaim(takerFor('formatClaim')('claim', shapeOfClaim, claim));
}

/**
 * Everything that a claim rests on, by name, as the comment at the head of written programs has it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function claimRows(claim: Claim): Readonly<Record<string, string>> {
  return uncheckedClaimRows(takerFor('claimRows')('claim', shapeOfClaim, claim));
}
