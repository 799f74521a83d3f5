/**
 * A question about a call, of which perhaps not all arguments are known.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { parseCallArguments } from '../abi/call-arguments.ts';
import type { KnownArgument } from '../abi/flag-sets.ts';
import type { MultiplexedCall } from '../abi/syscall-numbers.ts';

export interface CallQuestion {
  readonly arch: ArchName;
  /** `undefined`: a number that no system call of the architecture has. */
  readonly syscall: string | undefined;
  /** As filters see it; `undefined`: the call goes through a multiplexer only. */
  readonly nr: number | undefined;
  readonly multiplexed: MultiplexedCall | undefined;
  /** Those given; `undefined` where the user wrote `_`. */
  readonly args: readonly KnownArgument[];
}

/** Stands for an argument that may be anything. */
export const ANY_VALUE = '_';

/**
 * Reads the arguments of a call from words.
 *
 * @throws OciSeccompError `ERR_USAGE` as {@link parseCallArguments}
 */
export function parseArguments(
  words: readonly string[],
  syscall: string | undefined,
  arch: ArchName,
): readonly KnownArgument[] {
  return parseCallArguments(
    words.map((word) => (word === ANY_VALUE ? undefined : word)),
    syscall,
    arch,
  );
}
