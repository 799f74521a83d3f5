/**
 * Checks on the form of numbers: what Go's and crun's decoders take for an unsigned integer.
 * @module
 */
import type { ObjectView } from '../object-view.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { type CheckContext, decoders, on } from './check-context.ts';

/**
 * Checks that the number under a key is written as an unsigned integer; reports if it is not.
 *
 * @param code - what to report for a negative number
 * @returns its value; `undefined` if the key is absent, holds something else, or the number is of another form
 */
export function checkInteger(
  view: ObjectView,
  key: string,
  code: ProblemCode,
  { dialect, report }: CheckContext,
): bigint | undefined {
  const field = view.fields.get(key);
  if (field?.node.kind !== 'number') return undefined;
  const { integer, text } = field.node;
  if (integer === undefined) {
    const message = `${cut(text)} is not written as an integer`;
    const hint = /^-?[0-9]+(?:\.0*)?$/.test(text)
      ? 'leave out the fraction'
      : 'write it out in decimal digits';
    report({ code: 'not-an-integer', ...on(field), message, hint });
    return undefined;
  }
  if (!text.startsWith('-')) return integer;
  // crun's decoder wraps a negative value around (tried on 1.8.1) and refuses it for the u32 keys.
  const wraps = key === 'value' || key === 'valueTwo' || integer === 0n;
  const rejectedBy = wraps ? decoders(dialect) : undefined;
  report({
    code,
    ...on(field),
    message: `${cut(text)} is negative; ${quoteKey(key)} is unsigned`,
    hint: insteadOf(integer, key),
    rejectedBy,
  });
  return undefined;
}

/** What to write in the place of a negative number. */
function insteadOf(integer: bigint, key: string): string {
  if (key === 'index') return 'arguments are counted from 0 to 5';
  if (key !== 'value' && key !== 'valueTwo')
    return 'write the number that errno.h gives it, such as 1 for EPERM';
  if (integer === 0n) return 'write 0';
  if (integer < -(2n ** 63n)) return 'write a number of 64 bits';
  const long = BigInt.asUintN(64, integer);
  if (integer < -(2n ** 31n)) return `write ${long}, its form in 64 bits`;
  return `write ${BigInt.asUintN(32, integer)} if the argument is an int, ${long} if it is a long`;
}

/** A number in a message, shortened if it is long. */
export function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function quoteKey(key: string): string {
  return JSON.stringify(key);
}
