/**
 * The errnos that Podman reads in `errno` and `defaultErrno`, with the host's numbers.
 *
 * Sources: containers/common 0.50.1 and 0.67.1 pkg/seccomp/errno_list.go (which names; the numbers are those of the
 * architecture it is built for).
 *
 * NOTE: the list is Podman's, not the kernel's: it knows no EINTR, for instance, and refuses a profile naming it.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { errnoByName } from '../../abi/errno.ts';

/** All errno names Podman knows, in the order of the numbers most architectures give them. */
export const podmanErrnoNames: readonly string[] = `
EPERM ENOENT ESRCH EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV
ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP ENOMSG EIDRM EREMOTE EBADMSG EOVERFLOW EILSEQ EUSERS ENOTSOCK EDESTADDRREQ
EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP ENOTSUP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE
EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS
ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED
EOWNERDEAD ENOTRECOVERABLE`
  .trim()
  .split(/\s+/);

/**
 * Reads an errno as Podman does on a host (containers/common pkg/seccomp `getErrno`): a decimal u32, or a name.
 *
 * @returns a u32, or `undefined` for a text that Podman refuses
 */
export function parsePodmanErrno(text: string, arch: ArchName): number | undefined {
  if (!/^[0-9]+$/.test(text)) return podmanErrno(text, arch);
  return Number(text) <= 0xffff_ffff ? Number(text) : undefined;
}

/**
 * Finds the number of an errno name as Podman does on a host.
 *
 * @returns 1..1133, or `undefined` for a name Podman does not know
 */
export function podmanErrno(name: string, arch: ArchName): number | undefined {
  return podmanErrnoNames.includes(name) ? errnoByName(name, arch) : undefined;
}
