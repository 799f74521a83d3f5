/**
 * Loading a program as a filter of the calling thread.
 *
 * Sources: seccomp(2); Linux 6.18 include/uapi/linux/seccomp.h, include/uapi/linux/filter.h (`struct sock_fprog`),
 * kernel/seccomp.c seccomp_set_mode_filter (the errors).
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { errnoName } from '../abi/errno.ts';
import { EACCES, EINVAL, ENOMEM, ENOSYS, EPERM } from '../abi/errno-constants.ts';
import { filterFlags, internalFlagBits, type OciFlag } from '../abi/flags.ts';
import { syscallNumber } from '../abi/syscall-numbers.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import { machineArch } from './this-machine.ts';

export const SECCOMP_SET_MODE_FILTER = 1;
/** struct sock_fprog: len u16 @0, filter pointer @8 (@4 where pointers have 32 bits). */
const SOCK_FPROG_SIZE = 16;
const SOCK_FILTER_SIZE = 8;

/** Makes one system call that is fully prepared, and no other. @returns 0, or the error number */
export type PreparedCall = () => number;

/**
 * Prepares to load a program on the calling thread, and loads nothing yet. The returned call makes seccomp(2) and
 * nothing else, because the filter may deny every other call of this process.
 *
 * @param program - `sock_filter[]` in this machine's byte order; the kernel takes 1..4096 instructions
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function prepareFilterLoad(program: Uint8Array, flags: readonly OciFlag[]): PreparedCall {
  const bits = flags.reduce((sum, flag) => sum | filterFlags[flag].bit, 0);
  const load = prepareLoad(program, bits);
  return () => (load() === 0 ? 0 : loadKoffi().errno());
}

/**
 * Loads a program on every thread of this process, or on none (SECCOMP_FILTER_FLAG_TSYNC).
 *
 * @returns 0; the error number with a minus; or the id of a thread that has filters which the calling one lacks
 */
export function loadOnAllThreads(program: Uint8Array, flags: readonly OciFlag[]): number {
  const bits = flags.reduce((sum, flag) => sum | filterFlags[flag].bit, 0);
  const result = prepareLoad(program, bits | filterFlags.SECCOMP_FILTER_FLAG_TSYNC.bit)();
  return result < 0 ? -loadKoffi().errno() : result;
}

/** @returns a listener's descriptor, or the error number with a minus */
type PreparedListener = () => number;

/**
 * As {@link prepareFilterLoad}, for a filter that notifies a listener. The returned call gives the listener's descriptor,
 * which is closed on execve.
 *
 * Since Linux 5.19 (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV), a signal does not interrupt a request that was received.
 * On older kernels the call starts again.
 */
export function prepareListener(program: Uint8Array): PreparedListener {
  const bits =
    internalFlagBits.SECCOMP_FILTER_FLAG_NEW_LISTENER | filterFlags.SECCOMP_FILTER_FLAG_SPEC_ALLOW.bit;
  const attempts = [bits | filterFlags.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.bit, bits].map((each) =>
    prepareLoad(program, each),
  );
  return () => {
    for (const [index, load] of attempts.entries()) {
      const result = load();
      if (result >= 0) return result;
      const errno = loadKoffi().errno();
      if (errno !== EINVAL || index === attempts.length - 1) return -errno;
    }
    return -EINVAL;
  };
}

/**
 * Binds seccomp(2): `(operation, flags, args)`, the result of the system call. An error is -1 and errno.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function bindSeccomp(
  arch: ArchName = machineArch(),
): (operation: number, flags: number, args: Uint8Array | Uint16Array | Uint32Array | null) => number {
  const nr = syscallNumber('seccomp', arch) ?? -1;
  // Typed as uintptr_t: syscall(2) is variadic, and every argument of seccomp(2) fits a register.
  const syscall = loadKoffi()
    .load(null)
    .func('syscall', 'long', ['long', 'uintptr_t', 'uintptr_t', 'void *']);
  return (operation, flags, args) => Number(syscall(nr, operation, flags, args));
}

/** seccomp(SECCOMP_SET_MODE_FILTER) as one call; its result. */
function prepareLoad(program: Uint8Array, flags: number): () => number {
  const koffi = loadKoffi();
  const memory = new Uint8Array(new ArrayBuffer(SOCK_FPROG_SIZE + program.length));
  memory.set(program, SOCK_FPROG_SIZE);
  const address: bigint = koffi.address(memory);
  new Uint16Array(memory.buffer, 0, 1)[0] = program.length / SOCK_FILTER_SIZE;
  const filter = address + BigInt(SOCK_FPROG_SIZE);
  if (koffi.sizeof('void *') === 8) new BigUint64Array(memory.buffer, 8, 1)[0] = filter;
  else new Uint32Array(memory.buffer, 4, 1)[0] = Number(filter);
  const seccomp = bindSeccomp();
  // SAFETY: this closure holds `memory`; an ArrayBuffer's memory does not move.
  return () => seccomp(SECCOMP_SET_MODE_FILTER, flags, memory);
}

const reasons: Readonly<Record<number, { readonly what: string; readonly hint: string }>> = {
  [EACCES]: {
    what: 'this process may not filter itself: it has neither no_new_privs nor CAP_SYS_ADMIN',
    hint: 'set no_new_privs, or run with CAP_SYS_ADMIN',
  },
  [EINVAL]: {
    what: 'the kernel rejects the program or a flag',
    hint: 'oci-seccomp doctor lists the flags that this kernel knows; a program has 1 to 4096 instructions',
  },
  [ENOMEM]: {
    what: 'the filters of this process are too long in total',
    hint: 'the kernel accepts 32768 instructions in total, including inherited filters',
  },
  [EPERM]: {
    what: 'a filter that this process already has, or a security module, denies seccomp(2)',
    hint: 'run this outside of the sandbox or container',
  },
  [ENOSYS]: {
    what: 'this kernel has no seccomp(2), or a filter that this process already has hides it',
    hint: 'it needs Linux 3.17 or newer with CONFIG_SECCOMP_FILTER',
  },
};

/** The error for a filter that the kernel did not load. */
export function loadError(errno: number): OciSeccompError {
  const { what, hint } = reasons[errno] ?? {
    what: 'the kernel refused it',
    hint: 'seccomp(2) lists the errors',
  };
  return new OciSeccompError(
    'ERR_KERNEL',
    `the filter was not loaded: ${errnoName(errno) ?? errno} (${errno}), ${what}`,
    { hint, details: { errno } },
  );
}
