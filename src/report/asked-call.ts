/**
 * A question about a call, of which perhaps not all arguments are known.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { parseArgument } from '../abi/arguments.ts';
import type { MultiplexedCall } from '../abi/syscall-numbers.ts';

export interface AskedCall {
  readonly arch: ArchName;
  /** `undefined`: a number that no system call of the architecture has. */
  readonly syscall: string | undefined;
  /** As filters see it; `undefined`: the call goes through a multiplexer only. */
  readonly nr: number | undefined;
  readonly multiplexed: MultiplexedCall | undefined;
  /** Those given; `undefined` where the user wrote `_`. */
  readonly args: readonly (bigint | undefined)[];
}

/** Stands for an argument that may be anything. */
export const ANY_VALUE = '_';

/**
 * Reads the arguments of a call.
 *
 * @throws OciSeccompError `ERR_USAGE` for what is no value of the argument
 */
export function parseArguments(
  words: readonly string[],
  syscall: string | undefined,
  arch: ArchName,
): readonly (bigint | undefined)[] {
  const others = new Map<number, bigint>();
  return words.map((word, index) => {
    if (word === ANY_VALUE) return undefined;
    const parsed = parseArgument(word, { syscall: syscall ?? '', index, arch, others });
    const value = fitting(parsed, arch);
    others.set(index, value);
    return value;
  });
}

/**
 * On 32-bit architectures a negative number has 32 bits. More are possible: 64-bit code that enters by `int 0x80` is
 * seen as x86 with all of its registers.
 */
function fitting(value: bigint, arch: ArchName): bigint {
  if (architectures[arch].bits === 64) return value;
  const low = value & 0xffff_ffffn;
  return value > low && BigInt.asUintN(64, BigInt.asIntN(32, low)) === value ? low : value;
}
