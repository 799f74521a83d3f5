/**
 * The arguments of a call that somebody asks about, of which some may be anything.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { ArchName } from './architectures.ts';
import { inRegister, parseArgument } from './arguments.ts';
import { describe } from './check-values.ts';
import { isFlagSet, type KnownArgument } from './flag-sets.ts';
import { U64_MAX } from './operators.ts';
import { parseFlagSet } from './read-flag-set.ts';

const MAX_ARGUMENTS = 6;

/**
 * Reads the arguments of a call.
 *
 * @param args - numbers, C names as {@link parseArgument} takes them, or flags as {@link parseFlagSet}; `undefined`: it may be anything
 * @param syscall - whose names count; `undefined`: only numbers are taken
 * @returns as filters see them, 0..2^64-1
 * @throws OciSeccompError `ERR_USAGE` for more than six arguments, a word that the argument does not take, and a number that is not
 *   whole or does not fit; numbers beyond 2^53 must be bigints
 */
export function parseCallArguments(
  args: readonly (bigint | number | string | undefined)[],
  syscall: string | undefined,
  arch: ArchName,
): readonly KnownArgument[] {
  if (args.length > MAX_ARGUMENTS) {
    throw new OciSeccompError('ERR_USAGE', `a system call has at most six arguments, not ${args.length}`, {
      hint: 'leave out those behind the sixth',
    });
  }
  const others = new Map<number, bigint>();
  return args.map((arg, index) => {
    if (arg === undefined) return undefined;
    const place = { syscall: syscall ?? '', index, arch, others };
    const value =
      typeof arg === 'string'
        ? (parseFlagSet(arg, place) ?? parseArgument(arg, place))
        : inRegister(wholeNumber(arg, index), arch);
    if (!isFlagSet(value)) others.set(index, value);
    return value;
  });
}

function wholeNumber(arg: bigint | number, index: number): bigint {
  const value = typeof arg === 'bigint' || Number.isSafeInteger(arg) ? BigInt(arg) : undefined;
  if (value !== undefined && value <= U64_MAX && value >= -(2n ** 63n)) return value;
  throw new OciSeccompError(
    'ERR_USAGE',
    `argument ${index} is a whole number from -2^63 to 2^64-1, not ${describe(arg)}`,
    { hint: 'give a number beyond 2^53 as bigint' },
  );
}
