/**
 * The call that a user asks about, from operands: a system call by name or number, arguments by name or number.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import {
  allSyscallNames,
  directSyscallNumber,
  multiplexedCall,
  syscallName,
} from '../../abi/syscall-numbers.ts';
import { isX32Number } from '../../abi/x32-number.ts';
import { OciSeccompError } from '../../errors.ts';
import { type CallQuestion, parseArguments } from '../../report/asked-call.ts';
import { callSpelling } from './call-spelling.ts';
import { CALL_NUMBER, unknownCall } from './unknown-call.ts';

/**
 * Reads the operands of a question.
 *
 * @throws OciSeccompError `ERR_USAGE` for a call that no architecture has, or not this one, and for bad arguments
 */
export function parseQuestion(word: string, args: readonly string[], arch: ArchName): CallQuestion {
  const meant = callSpelling(word);
  const call = CALL_NUMBER.test(meant) ? byNumber(meant, arch) : byName(meant, arch);
  return { ...call, args: parseArguments(args, call.syscall, call.arch) };
}

type Callee = Pick<CallQuestion, 'arch' | 'syscall' | 'nr' | 'multiplexed'>;

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
