/**
 * The loaded libseccomp: found by soname or `OCI_SECCOMP_LIBRARY`, opened on first use, its calls bound on first use.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { frozen } from '../abi/frozen.ts';
import { anything, type OptionKinds, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import { checkLibraryFile } from './library-file.ts';
import {
  bindSymbol,
  type NativeFunction,
  type NativeLibrary,
  prototypes,
  type SymbolName,
} from './symbols.ts';

/** A release of libseccomp. */
export interface LibraryVersion {
  /** The first number: 2 of 2.6.1. */
  readonly major: number;
  /** The second number: 6 of 2.6.1. */
  readonly minor: number;
  /** The third number: 1 of 2.6.1. */
  readonly micro: number;
}

/** A libseccomp that was loaded. */
export interface Library {
  /** The argument of the dynamic linker: a soname or a path. */
  readonly path: string;
  /** Its version, as seccomp_version(3) gives it. */
  readonly version: LibraryVersion;
  /** Looks up a call that this release may lack. @returns the bound call; `undefined` if it is not there */
  readonly find: (name: SymbolName) => NativeFunction | undefined;
  /** Looks up a call that must be there. @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` if this release lacks it */
  readonly call: (name: SymbolName) => NativeFunction;
}

/** Which libseccomp to use: an opened one, or as {@link openLibrary} takes it. */
export interface LibraryOption {
  /** The library to use: loaded, a path or a soname. Default: `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`. */
  readonly library?: Library | string | undefined;
}

/** The option of calls that take a library. */
export const libraryKinds: OptionKinds<LibraryOption> = { library: anything };

/** The library that the options of a call name. @throws OciSeccompError as {@link takeOptions} and {@link openLibrary} */
export function libraryOf(call: string, options: LibraryOption): Library {
  return libraryAt(takeOptions(call, options, libraryKinds));
}

/** @throws OciSeccompError as {@link openLibrary} */
export function libraryAt({ library }: LibraryOption): Library {
  if (isLibrary(library)) return library;
  return openLibrary(library as string | undefined);
}

/** Libraries opened here; any other object is rejected even if it has the same shape. */
const openedLibraries = new WeakSet<Library>();

/** Whether it is a library that was opened here. */
export function isLibrary(value: unknown): value is Library {
  return openedLibraries.has(value as Library);
}

const SONAME = 'libseccomp.so.2';
/** The oldest release with all that cannot be done without. */
const OLDEST = '2.5.0';
const opened = new Map<string, Library>();

/**
 * Opens libseccomp, once per path.
 *
 * @param path - file or soname; by default the environment's `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`
 * @throws OciSeccompError `ERR_LIBSECCOMP_MISSING` if the library is missing, or the file is not libseccomp;
 *   `ERR_LIBSECCOMP_TOO_OLD` before 2.5.0; `ERR_USAGE` for a value that is not a path
 */
export function openLibrary(path?: string): Library {
  if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes('\0'))) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `a library must be a path, a soname or an opened library, not ${describe(path)}`,
      {
        hint:
          path === ''
            ? 'the name is empty: is it a variable that is not set?'
            : 'leave it out for the default: what OCI_SECCOMP_LIBRARY names, else libseccomp.so.2',
      },
    );
  }
  const asked = path ?? process.env.OCI_SECCOMP_LIBRARY ?? '';
  const file = asked === '' ? SONAME : asked;
  const known = opened.get(file);
  if (known !== undefined) return known;
  const library = bindLibrary(file, loadNative(file, asked !== ''));
  opened.set(file, library);
  return library;
}

const CHECK_PATH = 'check the path given for the library, or in OCI_SECCOMP_LIBRARY';

function loadNative(file: string, chosen: boolean): NativeLibrary {
  try {
    if (file.includes('/')) checkLibraryFile(file);
    return loadKoffi().load(file);
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    const reason = said.replace(/^Failed to load shared library: /, '');
    throw new OciSeccompError('ERR_LIBSECCOMP_MISSING', `${file} cannot be loaded: ${reason}`, {
      hint: chosen
        ? file.includes('/')
          ? CHECK_PATH
          : `a name without / is looked for among the libraries of the system; a file of this folder is ./${file}`
        : 'install it: apt-get install libseccomp2 (Debian, Ubuntu), dnf install libseccomp (Fedora, RHEL), ' +
          'apk add libseccomp (Alpine), pacman -S libseccomp (Arch), zypper install libseccomp2 (openSUSE); ' +
          'or name a file in OCI_SECCOMP_LIBRARY',
      details: { path: file },
      cause,
    });
  }
}

function bindLibrary(file: string, native: NativeLibrary): Library {
  const bound = new Map<SymbolName, NativeFunction | undefined>();
  const find = (name: SymbolName): NativeFunction | undefined => {
    if (!bound.has(name)) bound.set(name, bindSymbol(native, name));
    return bound.get(name);
  };
  const version = readVersion(file, find);
  const call = (name: SymbolName): NativeFunction => {
    const found = bound.get(name) ?? find(name);
    if (found !== undefined) return found;
    const { since } = prototypes[name];
    if (isOlder(version, since)) throw tooOld(name, since, file, version);
    throw notLibseccomp(file, `it says that it is ${formatVersion(version)}, but has no ${name}()`);
  };
  if (isOlder(version, OLDEST)) {
    throw tooOld('this package', OLDEST, file, version);
  }
  const library = { path: file, version, find, call };
  openedLibraries.add(library);
  return library;
}

function readVersion(file: string, find: (name: SymbolName) => NativeFunction | undefined): LibraryVersion {
  const address = find('seccomp_version')?.() as bigint | null | undefined;
  if (address === undefined) throw notLibseccomp(file, 'it has no seccomp_version()');
  if (address === null) throw notLibseccomp(file, 'its seccomp_version() answers nothing');
  // struct scmp_version {unsigned major @0, minor @4, micro @8}, owned by the library.
  const [major = 0, minor = 0, micro = 0] = loadKoffi().decode(address, 'uint32_t', 3) as Uint32Array;
  return frozen({ major, minor, micro });
}

function notLibseccomp(file: string, reason: string): OciSeccompError {
  return new OciSeccompError('ERR_LIBSECCOMP_MISSING', `${file} is not libseccomp: ${reason}`, {
    hint: CHECK_PATH,
    details: { path: file },
  });
}

/**
 * The error for a feature that a library is too old for.
 *
 * @param asked - what was asked for: a C function, an attribute, an architecture
 */
function tooOld(asked: string, minimum: string, file: string, version: LibraryVersion): OciSeccompError {
  const found = formatVersion(version);
  const message = `${asked} needs libseccomp ${minimum}; ${file} is ${found}`;
  return new OciSeccompError('ERR_LIBSECCOMP_TOO_OLD', message, {
    hint: `install libseccomp ${minimum} or newer, or name one in OCI_SECCOMP_LIBRARY`,
    details: { asked, minimum, found },
  });
}

/** @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` (`details: {asked, minimum, found}`) for an older library */
export function requireVersion({ path, version }: Library, asked: string, minimum: string): void {
  if (isOlder(version, minimum)) throw tooOld(asked, minimum, path, version);
}

function isOlder(version: LibraryVersion, minimum: string): boolean {
  const wanted = parseVersion(minimum);
  return wanted !== undefined && compareVersions(version, wanted) < 0;
}

/** @returns below 0, 0, above 0 as `a` is older than, equal to, newer than `b` */
export function compareVersions(a: LibraryVersion, b: LibraryVersion): number {
  return a.major - b.major || a.minor - b.minor || a.micro - b.micro;
}

/** `2.5.4` @throws OciSeccompError `ERR_USAGE` for a value that is not a version */
export function formatVersion(version: LibraryVersion): string {
  checkVersion(version);
  return `${version.major}.${version.minor}.${version.micro}`;
}

/** @throws OciSeccompError `ERR_USAGE` for a value that is not a version: a text compares as no release */
export function checkVersion(version: LibraryVersion): void {
  const given: Partial<LibraryVersion> | null | undefined = version;
  const parts = [given?.major, given?.minor, given?.micro];
  if (parts.every((part) => Number.isSafeInteger(part) && Number(part) >= 0)) return;
  throw new OciSeccompError('ERR_USAGE', `a version is {major, minor, micro}, not ${describe(version)}`, {
    hint: 'version() gives that of the library',
  });
}

/** Reads `2.5.4`. @returns `undefined` for anything else */
export function parseVersion(text: string): LibraryVersion | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return match === null
    ? undefined
    : { major: Number(match[1]), minor: Number(match[2]), micro: Number(match[3]) };
}

/** Facts about each library, looked up once: every rule that is added asks for them. */
const natives = new WeakMap<Library, ArchName>();
const supported = new WeakMap<Library, Set<ArchName>>();

/**
 * The architecture libseccomp was built for. Wraps seccomp_arch_native(3).
 *
 * @param library - one that {@link openLibrary} returned
 * @throws OciSeccompError `ERR_USAGE` for anything else; `ERR_LIBSECCOMP` for an architecture that this package does not know
 */
export function nativeArch(library: Library): ArchName {
  const known = natives.get(library);
  if (known !== undefined) return known;
  if (!openedLibraries.has(library)) {
    throw new OciSeccompError('ERR_USAGE', `${describe(library)} is not an opened library`, {
      hint: 'openLibrary() opens one; systemArch() needs none',
    });
  }
  const token = library.call('seccomp_arch_native')() as number;
  const row = allArchitectures.find(({ scmpArch }) => scmpArch === token);
  if (row === undefined) {
    const message = `libseccomp reports an unknown native architecture, 0x${token.toString(16)}`;
    throw new OciSeccompError('ERR_LIBSECCOMP', message);
  }
  natives.set(library, row.name);
  return row.name;
}

/** @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` if this release lacks the architecture */
export function requireArch(library: Library, arch: ArchName): void {
  const known = supported.get(library) ?? new Set();
  if (known.has(arch)) return;
  requireVersion(library, arch, architectures[arch].since);
  supported.set(library, known.add(arch));
}
