/**
 * Names and numbers of system calls as the loaded libseccomp knows them.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { loadKoffi } from '../ffi.ts';
import { formatVersion, type Library, requireArch } from './library.ts';

/** `__NR_SCMP_ERROR`: no architecture has the name. */
const NR_SCMP_ERROR = -1;

/**
 * Looks up a name. Wraps seccomp_syscall_resolve_name_arch(3).
 *
 * @returns the number; a pseudo number (≤ -100) if only other architectures have the call; `undefined` for a name
 *   the library does not know
 * @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` if the library lacks the architecture
 */
export function resolveSyscall(library: Library, name: string, arch: ArchName): number | undefined {
  requireArch(library, arch);
  // A C string ends at its first NUL; such a name would be taken for a shorter one.
  if (name.includes('\0')) return undefined;
  const nr = library.call('seccomp_syscall_resolve_name_arch')(architectures[arch].scmpArch, name) as number;
  return nr === NR_SCMP_ERROR ? undefined : nr;
}

/** Looks up a number or pseudo number. Wraps seccomp_syscall_resolve_num_arch(3). */
export function resolveSyscallNumber(library: Library, nr: number, arch: ArchName): string | undefined {
  requireArch(library, arch);
  const koffi = loadKoffi();
  const text = library.call('seccomp_syscall_resolve_num_arch')(architectures[arch].scmpArch, nr) as
    | bigint
    | null;
  if (text === null || text === 0n) return undefined;
  const name = koffi.decode(text, 'char', -1) as string;
  koffi.free(text); // the caller owns the string
  return name;
}

/** The library's table, as a runtime on this machine uses it: `{name: 'libseccomp 2.5.4', resolve}`. */
export function librarySyscallTable(library: Library) {
  return {
    name: `libseccomp ${formatVersion(library.version)}`,
    resolve: (name: string, arch: ArchName) => resolveSyscall(library, name, arch),
  };
}
