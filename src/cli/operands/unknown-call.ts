/**
 * The error for a word that names no system call, with what its writer may have meant.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { type SyscallSuggestion, suggestSyscall } from '../../abi/nearest-name.ts';
import { formatCallNumber } from '../../abi/syscall-numbers.ts';
import { OciSeccompError } from '../../errors.ts';

/** A system call number as users write it: decimal or hexadecimal, at most 32 bits of digits. */
export const CALL_NUMBER = /^(?:0x[0-9a-f]{1,8}|[0-9]{1,10})$/i;

/**
 * The error for a word that is not a system call on any architecture, with names that look like it.
 *
 * @param arch - the only architecture on which a number was looked up
 */
export function unknownCall(operand: string, arch?: ArchName): OciSeccompError {
  if (CALL_NUMBER.test(operand) && Number(operand) > 0x7fff_ffff) {
    const number = formatCallNumber(Number(operand));
    return new OciSeccompError('ERR_USAGE', `no system call has the number ${number}`, {
      hint: `oci-seccomp explain PROFILE ${operand} says what a filter answers; a tracer writes -1 for a call that it skips`,
    });
  }
  if (CALL_NUMBER.test(operand) && arch !== undefined) {
    return new OciSeccompError('ERR_USAGE', `${arch} has no system call with the number ${operand}`, {
      hint: `oci-seccomp syscalls ${operand} says which architectures have one, oci-seccomp syscalls --arch ${arch} lists those of ${arch}`,
    });
  }
  if (CALL_NUMBER.test(operand)) {
    return new OciSeccompError('ERR_USAGE', `no system call has the number ${operand}`, {
      hint: 'x32 numbers carry bit 30 (0x40000000), MIPS numbers start at 4000, 5000 or 6000',
    });
  }
  if (/^E[A-Z][A-Z0-9]+$/.test(operand)) {
    return new OciSeccompError('ERR_USAGE', `${operand} is an error, not a system call`, {
      hint: 'oci-seccomp audit finds in logs which call was denied; oci-seccomp explain PROFILE lists all calls that are',
    });
  }
  const suggestion = suggestSyscall(operand);
  return new OciSeccompError('ERR_USAGE', `no architecture has a system call '${operand}'`, {
    ...(suggestion === undefined ? {} : { hint: renderSuggestion(operand, suggestion) }),
  });
}

function renderSuggestion(operand: string, { names, why }: SyscallSuggestion): string {
  if (why === 'libc') {
    const calls = names.length === 1 ? 'system call behind it is' : 'system calls behind it are';
    return `${operand} is a function of the C library; the ${calls} ${names.join(', ')}`;
  }
  if (why === 'other-spelling') return `${operand} is another spelling of ${names.join(', ')}`;
  return `did you mean ${names.join(' or ')}?`;
}
