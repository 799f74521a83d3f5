/**
 * Error numbers and their names. Most architectures have the same; MIPS and PA-RISC number those above 34 differently.
 *
 * Sources: Linux 6.18 include/uapi/asm-generic/errno-base.h and errno.h, arch/{mips,parisc,powerpc}/include/uapi/asm/errno.h;
 * glibc bits/errno.h (`ENOTSUP`).
 * @module
 */
import type { ArchName } from './architectures.ts';

/** The largest errno: a call that returns -4095..-1 has failed. include/linux/err.h */
export const MAX_ERRNO = 4095;

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

/** Up to here, the numbers are the same everywhere. */
const LAST_COMMON = 34;

/** The numbers of the names behind it, in the same order; `35-44` is ten of them. */
const numbersByFamily = {
  mips: `45 78 46 89 93 90 - 35-44 50-55 - 59-71 74 73 77 79-88 91 92 94-99 120-134 143-151 135 137-140 1133 159 160 158
    161-168`,
  parisc: `45 248 46 251 247 249 - 35-44 160-165 - 166 54 51-53 50 55 71 57-61 64 66 67 72 167-174 47 175 176 68 216-239
    241 242 244 245 70 177-181 69 182 183 253 184-187 254-257`,
} as const;

/** A name that is a second one elsewhere. */
const ownEdeadlock: Readonly<Record<string, number>> = { mips: 56, ppc: 58 };

/** Second names: the number's first name is the one that is printed. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['EWOULDBLOCK', 'EAGAIN'],
  ['EDEADLOCK', 'EDEADLK'],
  ['ENOTSUP', 'EOPNOTSUPP'],
]);

/** Every errno name, second names included, sorted. */
export function errnoNames(): readonly string[] {
  return [...namesByNumber.filter((name) => name !== '-'), ...aliases.keys()].sort();
}

function familyOf(arch: ArchName | undefined): string | undefined {
  return arch === undefined ? undefined : /^(?:mips|parisc|ppc)/.exec(arch)?.[0];
}

/** @returns the numbers of the names behind {@link LAST_COMMON}; `undefined`: the usual ones */
function ownNumbers(family: string | undefined): readonly number[] | undefined {
  if (family !== 'mips' && family !== 'parisc') return undefined;
  return numbersByFamily[family].split(/\s+/).flatMap((word) => {
    const [first = 0, last = first] = word.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Finds an error number by its exact name.
 *
 * @param arch - whose numbers; x86's, which most have, unless told
 * @returns 1..1133, or `undefined` for an unknown name
 */
export function errnoByName(name: string, arch?: ArchName): number | undefined {
  const family = familyOf(arch);
  const edeadlock = name === 'EDEADLOCK' ? ownEdeadlock[family ?? ''] : undefined;
  if (edeadlock !== undefined) return edeadlock;
  const nr = name === '-' ? 0 : namesByNumber.indexOf(aliases.get(name) ?? name) + 1;
  if (nr === 0) return undefined;
  return nr > LAST_COMMON ? (ownNumbers(family)?.[nr - LAST_COMMON - 1] ?? nr) : nr;
}

/** One architecture of each family that has numbers of its own. */
const families: readonly ArchName[] = ['mips64', 'parisc', 'ppc64'];

/** Whether an errno name has another number on some architectures. */
export function variesByArch(name: string): boolean {
  return families.some((arch) => errnoByName(name, arch) !== errnoByName(name));
}

/**
 * Finds the name of an error number: `EAGAIN` for 11, not `EWOULDBLOCK`.
 *
 * @param arch - whose names; x86's, which most have, unless told
 * @returns the name, or `undefined` if the number has none
 */
export function errnoName(nr: number, arch?: ArchName): string | undefined {
  const family = familyOf(arch);
  if (nr > LAST_COMMON && nr === ownEdeadlock[family ?? '']) return 'EDEADLOCK';
  const own = nr > LAST_COMMON ? ownNumbers(family) : undefined;
  const index = own === undefined ? nr - 1 : own.indexOf(nr) + LAST_COMMON;
  const name = own !== undefined && index < LAST_COMMON ? undefined : namesByNumber[index];
  return name === '-' ? undefined : name;
}

/** Prints an error number for people: `EPERM (1)`, and the bare number where there is no name: `4000`. */
export function formatErrno(nr: number, arch?: ArchName): string {
  const name = errnoName(nr, arch);
  return name === undefined ? String(nr) : `${name} (${nr})`;
}
