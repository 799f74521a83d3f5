/**
 * The messages between the agent and the program that makes a filter for it: one JSON text each way.
 * @module
 */
import { exactJson } from '../../abi/exact-json.ts';
import { type ErrorCode, errorCodes, OciSeccompError } from '../../errors.ts';
import type { ProcessLimits } from '../../libseccomp/watchdog.ts';
import type { FitTask, Fitted } from './fit-profile.ts';

/** libseccomp has a limit of its own for rule sets that it may not survive; this is for everything together. */
export const LIMITS: ProcessLimits = { cpuMs: 30_000, wallSeconds: 600 };

interface FittedByProgram extends Fitted {
  /** The file that libseccomp was loaded from; `undefined`: it was not, or cannot be told. */
  readonly libraryFile: string | undefined;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details: Record<string, unknown>;
}

export function encodeTask({ source, ...rest }: FitTask): string {
  const bytes = source.bytes === undefined ? undefined : Buffer.from(source.bytes).toString('base64');
  return JSON.stringify({ ...rest, name: source.name, bytes });
}

export function decodeTask(text: string): FitTask {
  const { name, bytes, ...rest } = JSON.parse(text);
  return { ...rest, source: bytes === undefined ? { name } : { name, bytes: Buffer.from(bytes, 'base64') } };
}

export function encodeFitted(fitted: FittedByProgram): string {
  return JSON.stringify({ fitted });
}

export function encodeFailure(error: unknown): string {
  if (!(error instanceof OciSeccompError)) throw error;
  const { code, message, hint, details } = error;
  // A counterexample holds 64-bit values; messages have said them already.
  return exactJson({ failure: { code, message, hint, details } });
}

/** @throws OciSeccompError the error that the program had; `ERR_HOOK` if the text is not an answer */
export function decodeFitted(text: string): FittedByProgram {
  const { fitted, failure } = parse(text);
  if (fitted !== undefined) return { ...fitted, seccomp: fitted.seccomp, raw: fitted.raw };
  if (failure === undefined)
    throw new OciSeccompError('ERR_HOOK', 'the program that makes filters gave no answer');
  const { code, message, hint, details } = failure;
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'ERR_HOOK';
  throw new OciSeccompError(known, message, { hint, details });
}

function parse(text: string): { readonly fitted?: FittedByProgram; readonly failure?: Failure } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
