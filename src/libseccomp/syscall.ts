/**
 * Names and numbers of system calls as the loaded libseccomp knows them.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { suggestSyscall } from '../abi/nearest-name.ts';
import { OciSeccompError } from '../errors.ts';
import { type ArchSpelling, findArch } from './arch.ts';
import {
  formatVersion,
  type Library,
  type LibraryOption,
  libraryOf,
  nativeArch,
  requireArch,
} from './library.ts';

/** `__NR_SCMP_ERROR`: no architecture has the name. */
const NR_SCMP_ERROR = -1;

/**
 * Looks up a name, or a number or pseudo number. Wraps seccomp_syscall_resolve_name_arch(3) and
 * seccomp_syscall_resolve_num_arch(3).
 *
 * @param arch - any spelling; default: the library's own architecture
 * @returns for a name its number, a pseudo number (≤ -100) if only other architectures have the call; for a number
 *   its name; `undefined` if the library knows no such call
 * @throws OciSeccompError `ERR_USAGE` for an unknown architecture or what is neither name nor i32;
 *   `ERR_LIBSECCOMP_TOO_OLD` if the library lacks the architecture
 */
export function resolveSyscall(
  name: string,
  arch?: ArchSpelling,
  options?: LibraryOption,
): number | undefined;
export function resolveSyscall(nr: number, arch?: ArchSpelling, options?: LibraryOption): string | undefined;
export function resolveSyscall(
  syscall: string | number,
  arch: ArchSpelling = 'native',
  options: LibraryOption = {},
): number | string | undefined {
  const library = libraryOf('resolveSyscall', options);
  const found = findArch(arch, { library });
  return typeof syscall === 'string'
    ? resolveName(library, syscall, found)
    : resolveNumber(library, checkNumber(syscall), found);
}

/**
 * Looks up a name and rewrites it as rules do: the pseudo number of a multiplexed call (`socket` on x86) becomes the
 * number of its multiplexer (`socketcall`). Wraps seccomp_syscall_resolve_name_rewrite(3).
 *
 * @returns `undefined` for a name that the library does not know
 * @throws OciSeccompError as {@link resolveSyscall}
 */
export function resolveSyscallRewrite(
  arch: ArchSpelling,
  name: string,
  options: LibraryOption = {},
): number | undefined {
  const library = libraryOf('resolveSyscallRewrite', options);
  const found = findArch(arch, { library });
  requireArch(library, found);
  return toNumber(library, 'seccomp_syscall_resolve_name_rewrite', name, found);
}

/** The number of a name on an architecture; `undefined` for a name the library does not know. */
export function resolveName(library: Library, name: string, arch: ArchName): number | undefined {
  return numbersOf(library).get(arch)?.get(name) ?? askNumber(library, name, arch);
}

/** Asks the library, and keeps the answer. */
function askNumber(library: Library, name: string, arch: ArchName): number | undefined {
  requireArch(library, arch);
  const nr = toNumber(library, 'seccomp_syscall_resolve_name_arch', name, arch);
  if (nr === undefined) return undefined;
  const byArch = numbersOf(library);
  const known = byArch.get(arch);
  if (known === undefined) byArch.set(arch, new Map([[name, nr]]));
  else known.set(name, nr);
  return nr;
}

/** Numbers of the names that were asked for. Each step of a compilation asks again, and a call into C takes a microsecond. */
const numbers = new WeakMap<Library, Map<ArchName, Map<string, number>>>();

function numbersOf(library: Library): Map<ArchName, Map<string, number>> {
  const known = numbers.get(library);
  if (known !== undefined) return known;
  const made = new Map<ArchName, Map<string, number>>();
  numbers.set(library, made);
  return made;
}

function toNumber(
  library: Library,
  call: 'seccomp_syscall_resolve_name_arch' | 'seccomp_syscall_resolve_name_rewrite',
  name: unknown,
  arch: ArchName,
): number | undefined {
  if (typeof name !== 'string')
    throw new OciSeccompError('ERR_USAGE', `the name of a system call is a text, not ${describe(name)}`);
  // A C string ends at its first NUL; such a name would be read as a shorter one.
  if (name.includes('\0')) return undefined;
  const nr = library.call(call)(architectures[arch].scmpArch, name) as number;
  return nr === NR_SCMP_ERROR ? undefined : nr;
}

function resolveNumber(library: Library, nr: number, arch: ArchName): string | undefined {
  requireArch(library, arch);
  const resolve = library.call('seccomp_syscall_resolve_num_arch');
  return (resolve(architectures[arch].scmpArch, nr) as string | null) ?? undefined;
}

function checkNumber(nr: unknown): number {
  if (typeof nr === 'number' && Number.isInteger(nr) && nr >= -0x80000000 && nr <= 0x7fffffff) return nr;
  throw new OciSeccompError('ERR_USAGE', `a system call is a name or a 32-bit number, not ${describe(nr)}`);
}

/**
 * The number of a call as rules need it: that of the library's own architecture. libseccomp translates it for the others.
 *
 * @throws OciSeccompError `ERR_USAGE` for a name the library does not know
 */
export function toNative(library: Library, syscall: string | number): number {
  if (typeof syscall !== 'string') return checkNumber(syscall);
  const nr = resolveName(library, syscall, nativeArch(library));
  if (nr !== undefined) return nr;
  const near = suggestSyscall(syscall.slice(0, 100))?.names;
  throw new OciSeccompError(
    'ERR_USAGE',
    `libseccomp ${formatVersion(library.version)} does not know the system call ${describe(syscall)}`,
    {
      ...(near === undefined ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
      details: { syscall },
    },
  );
}

/** The library's table, as a runtime on this machine uses it: `{name: 'libseccomp 2.5.4', resolve}`. */
export function librarySyscallTable(library: Library) {
  const known = numbersOf(library);
  const resolve = (name: string, arch: ArchName): number | undefined =>
    known.get(arch)?.get(name) ?? askNumber(library, name, arch);
  return { name: `libseccomp ${formatVersion(library.version)}`, resolve };
}
