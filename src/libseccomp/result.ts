/**
 * The one place where libseccomp's return codes become errors.
 *
 * Source: libseccomp 2.6.1 src/api.c: negative errno from a closed list.
 * @module
 */
import { OciSeccompError } from '../errors.ts';

interface ResultCode {
  readonly name: string;
  readonly meaning: string;
  /** What it means for some calls, by the start of their name. */
  readonly by?: Readonly<Record<string, string>>;
}

const resultCodes: Readonly<Record<number, ResultCode>> = {
  2: { name: 'ENOENT', meaning: 'it does not exist' },
  3: { name: 'ESRCH', meaning: 'a thread could not be synchronised' },
  12: { name: 'ENOMEM', meaning: 'out of memory' },
  13: {
    name: 'EACCES',
    meaning: 'the operation is not permitted',
    by: {
      seccomp_rule_add: 'the action is the default action',
      seccomp_attr_set: 'the attribute is read-only',
    },
  },
  14: { name: 'EFAULT', meaning: 'an internal error of libseccomp' },
  17: {
    name: 'EEXIST',
    meaning: 'it exists already',
    by: {
      seccomp_rule_add: 'an earlier rule has the same comparisons and another action',
      seccomp_arch_add: 'the filter has this architecture already',
      seccomp_arch_remove: 'the filter does not have this architecture',
      seccomp_merge: 'both filters have an architecture',
    },
  },
  22: {
    name: 'EINVAL',
    meaning: 'an argument is not valid',
    by: {
      seccomp_rule_add: 'an argument is compared twice, or the kernel does not know the action',
      seccomp_merge: 'the filters differ in their attributes',
    },
  },
  33: {
    name: 'EDOM',
    meaning: 'it cannot be done for an architecture of the filter',
    by: { seccomp_arch_add: 'the architecture has another byte order than the filter' },
  },
  34: { name: 'ERANGE', meaning: 'the buffer is too small' },
  95: {
    name: 'EOPNOTSUPP',
    meaning: 'the kernel or the library does not support it',
    by: { seccomp_rule_add_exact: 'the filter has several architectures' },
  },
  125: { name: 'ECANCELED', meaning: 'the kernel or the C library refused' },
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
  const code = resultCodes[errno] ?? { name: `errno ${errno}`, meaning: 'unknown to this package' };
  const special = Object.entries(code.by ?? {}).find(([prefix]) => call.startsWith(prefix));
  const reason = `${code.name} (${errno}), ${special?.[1] ?? code.meaning}`;
  const text = `${call}(${parameters.map(show).join(', ')})`;
  throw new OciSeccompError('ERR_LIBSECCOMP', `${text}: ${reason}`, {
    details: { call: text, errno, reason },
  });
}

/** Words and tokens are known by their hexadecimal form. */
function show(parameter: string | number): string {
  return typeof parameter === 'number' && parameter > 0xffff
    ? `0x${parameter.toString(16)}`
    : String(parameter);
}
