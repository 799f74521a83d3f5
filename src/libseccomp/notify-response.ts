/**
 * Answers to notifications, as callers write them and as the kernel takes them.
 *
 * Source: seccomp_unotify(2), Linux 6.18 include/uapi/linux/seccomp.h.
 * @module
 */
import { describe } from '../abi/check-values.ts';
import { errnoByName, MAX_ERRNO } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import type { RawResponse } from './notify-native.ts';

/** The answer to a request: exactly one of the three. */
export type NotifyResponse =
  /** What the call returns: an i64, but not -4095..-1, which are errors. */
  | { readonly value: bigint | number }
  /** What the call fails with: a name or number, 1..4095. */
  | { readonly error: number | string }
  /** The kernel makes the call after all. SECURITY: its memory arguments may have changed; see the module's text. */
  | { readonly continue: true };

const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;

/**
 * Encodes an answer.
 *
 * @throws OciSeccompError `ERR_USAGE` for anything else
 */
export function encodeResponse(response: NotifyResponse): RawResponse {
  const given: unknown = response;
  if (typeof given !== 'object' || given === null) throw wrongResponse(describe(given));
  let [kind, value]: [string, unknown] = ['nothing', undefined];
  for (const key of Object.keys(given)) {
    const each = (given as Record<string, unknown>)[key];
    if (each === undefined) continue;
    if (value !== undefined) throw wrongResponse('several answers');
    [kind, value] = [key, each];
  }
  if (kind === 'value') return { value: parseValue(value), error: 0, flags: 0 };
  if (kind === 'error') return { value: 0n, error: -parseError(value), flags: 0 };
  if (kind === 'continue' && value === true) {
    return { value: 0n, error: 0, flags: SECCOMP_USER_NOTIF_FLAG_CONTINUE };
  }
  throw wrongResponse(`${kind.slice(0, 40)} ${describe(value)}`);
}

function wrongResponse(given: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `a request is not answered with ${given}`, {
    hint: 'answer with one of { value }, { error }, { continue: true }',
  });
}

function parseValue(value: unknown): bigint {
  const number =
    typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
  if (number === undefined || number !== BigInt.asIntN(64, number)) {
    throw new OciSeccompError('ERR_USAGE', `what a call returns is a 64-bit integer, not ${describe(value)}`);
  }
  if (number < 0n && number >= -MAX_ERRNO) {
    throw new OciSeccompError('ERR_USAGE', `${number} returned from a call would be an error`, {
      hint: `answer with { error: ${-number} }`,
    });
  }
  return number;
}

function parseError(error: unknown): number {
  const number = typeof error === 'string' ? errnoByName(error) : error;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= MAX_ERRNO)
    return number;
  throw new OciSeccompError(
    'ERR_USAGE',
    `what a call fails with is an errno's name or a number in 1..${MAX_ERRNO}, not ${describe(error)}`,
  );
}
