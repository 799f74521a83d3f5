/**
 * Error numbers: names and numbers as x86, ARM and most other architectures have them. MIPS and PA-RISC number many
 * names differently, which nothing here accounts for.
 *
 * Sources: Linux 6.18 include/uapi/asm-generic/errno-base.h and errno.h; glibc bits/errno.h (`ENOTSUP`).
 * @module
 */

/** In the order of their numbers, from 1; `-` is a number without a name of its own. */
const namesByNumber = `
EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV
ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT
EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT
ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ
ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP
EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM
ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD
ENOTRECOVERABLE ERFKILL EHWPOISON`
  .trim()
  .split(/\s+/);

/** Second names: the number's first name is the one that is printed. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['EWOULDBLOCK', 'EAGAIN'],
  ['EDEADLOCK', 'EDEADLK'],
  ['ENOTSUP', 'EOPNOTSUPP'],
]);

/** Every errno name, second names included, sorted. */
export const errnoNames: readonly string[] = [
  ...namesByNumber.filter((name) => name !== '-'),
  ...aliases.keys(),
].sort();

/**
 * Finds an error number by its exact name.
 *
 * @returns 1..133, or `undefined` for an unknown name
 */
export function errnoByName(name: string): number | undefined {
  const nr = name === '-' ? 0 : namesByNumber.indexOf(aliases.get(name) ?? name) + 1;
  return nr === 0 ? undefined : nr;
}

/**
 * Finds the name of an error number: `EAGAIN` for 11, not `EWOULDBLOCK`.
 *
 * @returns the name, or `undefined` if the number has none
 */
export function errnoName(nr: number): string | undefined {
  const name = namesByNumber[nr - 1];
  return name === '-' ? undefined : name;
}

/** Prints an error number for people: `EPERM (1)`, and the bare number where there is no name: `4000`. */
export function formatErrno(nr: number): string {
  const name = errnoName(nr);
  return name === undefined ? String(nr) : `${name} (${nr})`;
}
