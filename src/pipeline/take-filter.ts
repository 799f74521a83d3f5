/**
 * Filters and calls as callers of the library hand them in, read once.
 * @module
 */
import { describe, readGiven } from '../abi/check-values.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import type { Program, SockFilter } from '../bpf/program.ts';
import type { DecidableProgram } from '../decision/answer-call.ts';
import { OciSeccompError } from '../errors.ts';
import type { KernelVersion } from '../oci/host.ts';

/**
 * The programs of a filter. Without one the kernel asks nobody, and no answer is about a filter.
 *
 * @throws OciSeccompError `ERR_USAGE` if it is not a filter, or has no programs
 */
export function takeFilter(filter: {
  readonly programs: readonly DecidableProgram[];
}): readonly DecidableProgram[] {
  return readGiven('the filter', () => {
    const { programs }: { readonly programs?: unknown } = Object(filter);
    if (!Array.isArray(programs) || programs.length === 0) {
      throw new OciSeccompError('ERR_USAGE', 'the filter has no programs', {
        hint: 'give at least one program: readFilter reads it from bytes',
      });
    }
    return [...programs].map(takeProgram);
  });
}

function takeProgram(given: unknown, index: number): DecidableProgram {
  const { program, endian, kernel }: Partial<DecidableProgram> = Object(given);
  const isProgram = Array.isArray(program) && [...program].every(isInstruction);
  const { kernel: first = 0, major = 0 }: Partial<KernelVersion> = Object(kernel);
  const isKernel = [first, major].every((each) => typeof each === 'number');
  if (isProgram && isKernel && (endian === 'little' || endian === 'big')) {
    return { program: program as Program, endian, ...(kernel === undefined ? {} : { kernel }) };
  }
  throw new OciSeccompError('ERR_USAGE', `program ${index + 1} of the filter is not {program, endian}`, {
    hint: "a program is a list of {code, jt, jf, k}, and endian is 'little' or 'big'; readFilter reads both from bytes",
  });
}

/** Whether the numbers are good ones, verifyProgram says. */
function isInstruction(given: unknown): given is SockFilter {
  const { code, jt, jf, k }: Partial<SockFilter> = Object(given);
  return [code, jt, jf, k].every((each) => typeof each === 'number');
}

/**
 * A call, as the kernel shows it to filters. Whether its numbers are in range, who writes them into memory says.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value of another type
 */
export function takeCall(call: SeccompData): SeccompData {
  return readGiven('the call', () => {
    const { nr, arch, instructionPointer, args }: Partial<SeccompData> = Object(call);
    const areNumbers = typeof nr === 'number' && typeof arch === 'number';
    const words: readonly unknown[] = Array.isArray(args) ? [...args] : [args];
    const areWords = [instructionPointer, ...words].every((each) => typeof each === 'bigint');
    if (areNumbers && areWords && Array.isArray(args))
      return { nr, arch, instructionPointer, args: words } as SeccompData;
    throw new OciSeccompError('ERR_USAGE', `a call is not ${describe(call)} of this form`, {
      hint: 'give {nr, arch, instructionPointer, args}: two numbers, a bigint and a list of bigints',
    });
  });
}
