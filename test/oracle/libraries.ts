/**
 * The libseccomp libraries, runc and crun binaries tests compare with: this machine's own and those that
 * tools/fetch-debian.ts fetched.
 *
 * With the environment variable OCI_SECCOMP_REQUIRE_ALL=1 a test that would be skipped because something is absent
 * fails instead: see {@link skipUnless}.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadKoffi } from '../../src/ffi.ts';
import { debianCache, findUnpacked, readManifest } from '../../tools/debian-cache.ts';

export interface Library {
  /** What the library itself answers, `2.6.1`. */
  readonly version: string;
  readonly path: string;
  readonly origin: 'system' | 'fetched';
}

export interface RuntimeBinary {
  readonly name: 'runc' | 'crun';
  /** What the binary itself answers, `1.3.6`. */
  readonly version: string;
  /** Version of the libseccomp it says it is linked with, or `unknown`. */
  readonly libseccomp: string;
  readonly path: string;
  readonly origin: 'system' | 'fetched' | 'named';
}

/** Asks a library for its version (seccomp_version(3)); `undefined` if it cannot be loaded. */
export function libraryVersion(path: string): string | undefined {
  const koffi = loadKoffi();
  try {
    const library = koffi.load(path);
    const version: unknown = library.func('const void *seccomp_version(void)')();
    const numbers = koffi.decode(version, 'uint32_t', 3) as ArrayLike<number>;
    return Array.from(numbers).join('.');
  } catch {
    return undefined;
  }
}

/** The libraries that were fetched and load here, oldest first. */
export function fetchedLibraries(): readonly Library[] {
  return readManifest()
    .filter((entry) => entry.package === 'libseccomp2')
    .flatMap((entry) => {
      const path = findUnpacked(join(debianCache(), entry.directory), 'libseccomp.so.2');
      const version = path === undefined ? undefined : libraryVersion(path);
      return path === undefined || version === undefined
        ? []
        : [{ version, path, origin: 'fetched' as const }];
    })
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

/**
 * This machine's own library as a path. Not by its soname: the loader gives a process that has already loaded another
 * copy that one again.
 */
function ownLibrary(): string | undefined {
  const triplets = ['/usr/lib', '/lib'].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((entry) => join(folder, entry)) : [],
  );
  return ['/usr/lib64', '/lib64', '/usr/lib', '/lib', ...triplets]
    .map((folder) => join(folder, 'libseccomp.so.2'))
    .find((path) => existsSync(path) && libraryVersion(path) !== undefined);
}

/**
 * This machine's own libseccomp, if it has one, then the fetched ones that are not the very same file. The same version can
 * still appear twice: distributions build it with patches of their own.
 */
export function installedLibraries(): readonly Library[] {
  const path = ownLibrary();
  const version = path === undefined ? undefined : libraryVersion(path);
  const own: Library[] =
    path === undefined || version === undefined ? [] : [{ version, path, origin: 'system' }];
  const bytes = own.map((library) => readFileSync(library.path));
  const others = fetchedLibraries().filter(
    (each) => !bytes.some((same) => same.equals(readFileSync(each.path))),
  );
  return [...own, ...others];
}

/** Finds a library by its version, `2.6.1`. */
export function libraryByVersion(version: string): Library | undefined {
  return installedLibraries().find((library) => library.version === version);
}

/** Folder of a fetched libseccomp of another architecture with all it takes to run it emulated: `emulatedRoot('s390x')`. */
export function emulatedRoot(arch: string): string | undefined {
  const entry = readManifest().find((each) => each.package === `libseccomp2:${arch}`);
  return entry === undefined ? undefined : join(debianCache(), entry.directory);
}

function describeBinary(
  name: 'runc' | 'crun',
  path: string,
  origin: RuntimeBinary['origin'],
): RuntimeBinary[] {
  try {
    const output = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = new RegExp(`^${name} version ([0-9.]+[0-9])`, 'm').exec(output)?.[1];
    const libseccomp = /^libseccomp: (\S+)/m.exec(output)?.[1] ?? 'unknown';
    return version === undefined ? [] : [{ name, version, libseccomp, path, origin }];
  } catch {
    return [];
  }
}

/** The runtimes that were fetched and run here, oldest first. */
export function fetchedPrograms(): readonly RuntimeBinary[] {
  return readManifest()
    .flatMap((entry) => {
      if (entry.package !== 'runc' && entry.package !== 'crun') return [];
      const path = findUnpacked(join(debianCache(), entry.directory), entry.package);
      return path === undefined ? [] : describeBinary(entry.package, path, 'fetched');
    })
    .sort((a, b) =>
      `${a.name} ${a.version}`.localeCompare(`${b.name} ${b.version}`, 'en', { numeric: true }),
    );
}

/** A fetched program that runs with the libraries of its package, and what it needs in its environment. */
export interface FetchedTool {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** ausearch(8), if it was fetched. */
export function fetchedAusearch(): FetchedTool | undefined {
  const entry = readManifest().find((each) => each.package === 'auditd');
  if (entry === undefined) return undefined;
  const root = join(debianCache(), entry.directory);
  const path = findUnpacked(root, 'ausearch');
  // Debian has put some libraries into /lib and others into /usr/lib.
  const libraries = [/^libauparse\.so\.0$/, /^libaudit\.so\.1$/, /^libcap-ng\.so\.0$/].flatMap((name) => {
    const file = findUnpacked(root, name);
    return file === undefined ? [] : dirname(file);
  });
  return path === undefined ? undefined : { path, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

/**
 * This machine's own runtimes, as PATH finds them, then the fetched ones, then those that the environment variable
 * OCI_SECCOMP_RUNTIMES names, paths with a colon between: other versions, built from their sources.
 */
export function installedRuntimes(): readonly RuntimeBinary[] {
  const names = ['runc', 'crun'] as const;
  const own = names.flatMap((name) => describeBinary(name, name, 'system'));
  const paths = (process.env.OCI_SECCOMP_RUNTIMES ?? '').split(':').filter((path) => path !== '');
  const named = paths.flatMap((path) => names.flatMap((name) => describeBinary(name, path, 'named')));
  return [...own, ...fetchedPrograms(), ...named];
}

/** Finds a fetched runtime by its version or the beginning of it: `fetchedBinary('runc', '1.3')`. */
export function fetchedBinary(name: 'runc' | 'crun', version = ''): RuntimeBinary | undefined {
  return fetchedPrograms().findLast(
    (program) => program.name === name && program.version.startsWith(version),
  );
}

/** gVisor's runtime, if it was fetched. */
export function fetchedRunsc(): string | undefined {
  const entry = readManifest().find((each) => each.package === 'runsc');
  return entry === undefined ? undefined : findUnpacked(join(debianCache(), entry.directory), 'runsc');
}

/** Whether a test without its counterpart is a failure: OCI_SECCOMP_REQUIRE_ALL=1. */
export function requireAll(): boolean {
  return process.env.OCI_SECCOMP_REQUIRE_ALL === '1';
}

/**
 * The condition for `describe.skipIf` and `it.skipIf`: true if the counterpart is absent and may be.
 * Under OCI_SECCOMP_REQUIRE_ALL=1 it is false, and the test then fails on what is absent.
 */
export function skipUnless(present: boolean): boolean {
  return !present && !requireAll();
}
