/**
 * Where libseccomp fails, the builtin compiler may not. It is only offered: `compile` promises the runtime's own program.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { Claim } from '../../compile/claim.ts';
import { createWork } from '../../decision/work.ts';
import { type ErrorCode, OciSeccompError } from '../../errors.ts';
import { type CompileRequest, compileLoaded } from '../../pipeline/compile-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { plural } from '../render/render-problems.ts';

/** There is no library to take names from. */
const NO_LIBRARY: readonly ErrorCode[] = ['ERR_LIBSECCOMP_MISSING', 'ERR_LIBSECCOMP_TOO_OLD', 'ERR_FFI'];

/** Failures that another compiler may not have: a library that is missing or fails, a program that is too long or wrong. */
const FAILURES: readonly ErrorCode[] = [
  ...NO_LIBRARY,
  'ERR_LIBSECCOMP',
  'ERR_LIBSECCOMP_TIMEOUT',
  'ERR_LIBSECCOMP_CRASH',
  'ERR_BPF_INVALID',
  'ERR_PROOF',
  'ERR_UNDECIDED',
];

/**
 * An error of a compilation with libseccomp, with the advice to ask for the builtin compiler if that was tried here and
 * makes a proven program. Nothing is promised that was not tried, and the program's claim is quoted as it is.
 *
 * @param hasTimeout - whether `--timeout` was given, which only libseccomp has a use for
 * @returns the same error where the builtin compiler does not help
 */
export async function offerBuiltin(
  error: unknown,
  input: LoadedProfile,
  request: CompileRequest,
  hasTimeout: boolean,
): Promise<unknown> {
  if (!(error instanceof OciSeccompError) || !FAILURES.includes(error.code)) return error;
  // Pseudo filter code is libseccomp's.
  if (request.backend === 'builtin' || request.pfc === true) return error;
  const { code, message, hint, details, cause } = error;
  const without = NO_LIBRARY.includes(code) && request.library !== undefined;
  const { onStep: _, ...rest } = request;
  const asked = { ...rest, ...(without ? { library: undefined } : {}), backend: 'builtin' } as const;
  const made = await tryToCompile(input, asked);
  if (made === undefined) return error;
  const { formatClaim } = await import('../../compile/claim-text.ts');
  const { instructions, claim } = made;
  const idle = [...(without ? ['--library'] : []), ...(hasTimeout ? ['--timeout'] : [])];
  const options = `--backend builtin${idle.length > 0 ? ` and without ${listWords(idle)}` : ''}`;
  const offer = `compile with ${options}: that program (${plural(instructions, 'instruction')}) is not the one that ${request.runtime.name} would install; ${formatClaim(claim)}`;
  return new OciSeccompError(code, message, {
    hint: hint === undefined ? offer : `${hint}; or ${offer}`,
    details: { ...details, builtin: { instructions } },
    cause,
  });
}

/** Steps for an offer: less than a second. Whoever asks for the builtin compiler gets nine times as many. */
const STEPS_OF_OFFER = 4_000_000;

/** @returns `undefined` if the builtin compiler makes no proven program, or with `strict` none that is all it reads like */
async function tryToCompile(
  input: LoadedProfile,
  request: CompileRequest,
): Promise<{ readonly instructions: number; readonly claim: Claim } | undefined> {
  try {
    const { compiled, claim } = await compileLoaded(input, {
      ...request,
      allowUnproven: false,
      work: createWork(STEPS_OF_OFFER),
    });
    return { instructions: compiled.program.length, claim };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return undefined;
  }
}
