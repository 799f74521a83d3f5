/**
 * The call that a user asks about, from operands: a system call by name or number, arguments by name or number.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../../abi/architectures.ts';
import { parseArgument } from '../../abi/arguments.ts';
import {
  allSyscallNames,
  directSyscallNumber,
  type MultiplexedCall,
  multiplexedCall,
  syscallName,
} from '../../abi/syscall-numbers.ts';
import { isX32Number } from '../../abi/x32-number.ts';
import { OciSeccompError } from '../../errors.ts';
import { callSpelling } from './call-spelling.ts';
import { CALL_NUMBER, unknownCall } from './unknown-call.ts';

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

const MAX_ARGUMENTS = 6;
/** Stands for an argument that may be anything. */
export const ANY_VALUE = '_';

/**
 * Reads the operands of a question.
 *
 * @throws OciSeccompError `ERR_USAGE` for a call that no architecture has, or not this one, and for bad arguments
 */
export function parseQuestion(word: string, args: readonly string[], arch: ArchName): AskedCall {
  const meant = callSpelling(word);
  const call = CALL_NUMBER.test(meant) ? byNumber(meant, arch) : byName(meant, arch);
  if (args.length > MAX_ARGUMENTS) {
    throw new OciSeccompError('ERR_USAGE', `a system call has at most six arguments, not ${args.length}`);
  }
  return { ...call, args: parseArguments(args, call.syscall, call.arch) };
}

type Callee = Pick<AskedCall, 'arch' | 'syscall' | 'nr' | 'multiplexed'>;

function byNumber(word: string, arch: ArchName): Callee {
  const nr = Number(word);
  if (nr > 0xffff_ffff)
    throw new OciSeccompError('ERR_USAGE', `${word} is not a system call number: those have 32 bits`);
  // Records and filters see x32 calls under x86_64's word.
  const own = arch === 'x86_64' && isX32Number(nr) ? 'x32' : arch;
  return { arch: own, syscall: syscallName(nr, own), nr, multiplexed: undefined };
}

function byName(word: string, arch: ArchName): Callee {
  if (!allSyscallNames().includes(word)) throw unknownCall(word);
  const nr = directSyscallNumber(word, arch);
  const multiplexed = multiplexedCall(word, arch);
  if (nr !== undefined || multiplexed !== undefined) return { arch, syscall: word, nr, multiplexed };
  const having = allArchitectures.filter(
    ({ name }) => directSyscallNumber(word, name) !== undefined || multiplexedCall(word, name) !== undefined,
  );
  throw new OciSeccompError('ERR_USAGE', `${arch} has no system call '${word}'`, {
    hint:
      having.length === 0
        ? 'no architecture has it any more'
        : `these have it: ${having.map(({ name }) => name).join(', ')}; choose one with --arch`,
    details: { arch, syscall: word, architectures: having.map(({ name }) => name) },
  });
}

function parseArguments(
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
