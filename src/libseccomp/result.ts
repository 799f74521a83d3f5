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
}

const resultCodes: Readonly<Record<number, ResultCode>> = {
  1: { name: 'EPERM', meaning: 'the filter does not permit the operation' },
  2: { name: 'ENOENT', meaning: 'there is no such rule' },
  3: { name: 'ESRCH', meaning: 'a thread could not be synchronised' },
  12: { name: 'ENOMEM', meaning: 'out of memory' },
  13: { name: 'EACCES', meaning: 'the rule equals the default action, or the kernel denied the operation' },
  14: { name: 'EFAULT', meaning: 'an internal error of libseccomp' },
  17: { name: 'EEXIST', meaning: 'it exists already, or contradicts what exists' },
  22: { name: 'EINVAL', meaning: 'an argument is not valid' },
  33: { name: 'EDOM', meaning: 'it cannot be done for this architecture' },
  34: { name: 'ERANGE', meaning: 'the buffer is too small' },
  125: { name: 'ECANCELED', meaning: 'the kernel or the C library refused' },
};

/**
 * Throws if a return code is an error. Called once a rule: the message is put together only when there is one.
 *
 * @param call - the C function
 * @param parameters - what it was called with, as messages show it
 * @throws OciSeccompError `ERR_LIBSECCOMP`, `details: {call, errno, reason}` with errno positive
 */
export function checkResult(result: number, call: string, ...parameters: readonly (string | number)[]): void {
  if (result >= 0) return;
  const errno = -result;
  const code = resultCodes[errno] ?? { name: `errno ${errno}`, meaning: 'unknown to this package' };
  const reason = `${code.name} (${errno}), ${code.meaning}`;
  const text = `${call}(${parameters.join(', ')})`;
  throw new OciSeccompError('ERR_LIBSECCOMP', `${text}: ${reason}`, {
    details: { call: text, errno, reason },
  });
}
