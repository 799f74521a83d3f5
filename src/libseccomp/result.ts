/**
 * The one place where libseccomp's return codes become errors.
 *
 * Source: libseccomp 2.6.1 src/api.c: negative errno from a closed list.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import {
  EACCES,
  ECANCELED,
  EDOM,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOMEM,
  EOPNOTSUPP,
  ERANGE,
  ESRCH,
} from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';

interface ResultCode {
  readonly meaning: string;
  /** What it means for some calls, by the start of their name. */
  readonly by?: Readonly<Record<string, string>>;
}

const SYSTEM_REFUSED = 'the kernel or the C library refused';
const NO_ACTION = 'the kernel or the API level does not know the action';
/** src/api.c (_ctx_valid) */
const NO_ARCH = 'the filter has no architecture';
/** src/api.c (_syscall_valid) */
const NO_NUMBER = 'the number is -1 without API_TSKIP, or one of -2 to -99';
/** src/arch.c (arch_syscall_translate): from the number to the name, and to the other number. No other step fails with EFAULT. */
const UNKNOWN_NUMBER =
  "libseccomp knows no call of this machine by this number, so it cannot find the call's number on the filter's other architectures";

const resultCodes: Readonly<Record<number, ResultCode>> = {
  [ENOENT]: { meaning: 'it does not exist' },
  [ESRCH]: { meaning: 'a thread could not be synchronised' },
  [ENOMEM]: { meaning: 'out of memory' },
  [EACCES]: {
    meaning: 'the operation is not permitted',
    by: {
      seccomp_rule_add: 'the action is the default action',
      seccomp_attr_set: 'the attribute is read-only',
    },
  },
  [EFAULT]: {
    meaning: 'an internal error of libseccomp',
    by: { seccomp_rule_add: UNKNOWN_NUMBER, seccomp_syscall_priority: UNKNOWN_NUMBER },
  },
  [EEXIST]: {
    meaning: 'it exists already',
    by: {
      seccomp_rule_add:
        'an earlier rule has another action, and libseccomp makes the same test of 32 bits of both',
      seccomp_arch_add: 'the filter has this architecture already',
      seccomp_arch_remove: 'the filter does not have this architecture',
      seccomp_merge: 'both filters have an architecture',
    },
  },
  [EINVAL]: {
    meaning: 'an argument is not valid',
    by: {
      seccomp_rule_add: `an argument is compared twice, ${NO_ACTION}, ${NO_NUMBER}, or ${NO_ARCH}`,
      seccomp_syscall_priority: `${NO_NUMBER}, or ${NO_ARCH}`,
      seccomp_attr_get: NO_ARCH,
      seccomp_attr_set: `${NO_ACTION}, CTL_TSYNC together with NOTIFY, or ${NO_ARCH}`,
      seccomp_merge:
        'the filters differ in default action, CTL_NNP or CTL_TSYNC, or one of them has no architecture',
      seccomp_api_set: 'the library does not know this API level',
      seccomp_export: NO_ARCH,
      seccomp_precompute: NO_ARCH,
      seccomp_transaction: NO_ARCH,
    },
  },
  [EDOM]: {
    meaning: 'it cannot be done for an architecture of the filter',
    by: {
      seccomp_arch_add: 'the architecture has another byte order than the filter',
      seccomp_merge: 'the filters have different byte orders',
      seccomp_rule_add_exact: 'the architecture lacks the call',
    },
  },
  [ERANGE]: { meaning: 'the buffer is too small' },
  [EOPNOTSUPP]: {
    meaning: 'the kernel or the library does not support it',
    by: { seccomp_rule_add_exact: 'the filter has several architectures' },
  },
  [ECANCELED]: { meaning: SYSTEM_REFUSED },
};

/**
 * Throws if a return code is an error.
 *
 * @param call - the C function
 * @param parameters - what it was called with, as messages show it
 * @throws OciSeccompError `ERR_LIBSECCOMP`, `details: {call, errno, reason}` with errno positive
 */
export function checkResult(result: number, call: string, ...parameters: readonly (string | number)[]): void {
  if (result >= 0) return;
  const errno = -result;
  // With API_SYSRAWRC also any error of the system.
  const code: ResultCode = resultCodes[errno] ?? { meaning: SYSTEM_REFUSED };
  const special = Object.entries(code.by ?? {}).find(([prefix]) => call.startsWith(prefix));
  const reason = `${formatErrno(errno)}, ${special?.[1] ?? code.meaning}`;
  const text = `${call}(${parameters.map(show).join(', ')})`;
  throw new OciSeccompError('ERR_LIBSECCOMP', `${text}: ${reason}`, {
    details: { call: text, errno, reason },
  });
}

/** The error of a rule that failed after architectures were changed: libseccomp may have undone the change. */
export function withLostArchs(error: unknown): unknown {
  if (!(error instanceof OciSeccompError)) return error;
  return new OciSeccompError(error.code, error.message, {
    hint: 'libseccomp may have undone addArch, removeArch or merge: start a new filter, and change architectures before the first rule',
    details: error.details,
    cause: error,
  });
}

/** Words and tokens are known by their hexadecimal form. */
function show(parameter: string | number): string {
  return typeof parameter === 'number' && parameter > 0xffff
    ? `0x${parameter.toString(16)}`
    : String(parameter);
}
