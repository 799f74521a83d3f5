/**
 * Files of our own that run as root where hooks and the runtime wrapper do: Node, this program's bundles, koffi with its
 * native part, and libseccomp. Anyone who can write one of them, or a folder on the way to it, is root there.
 * @module
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { OciSeccompError } from '../errors.ts';
import { mappedFiles } from '../kernel/process-maps.ts';
import { type TrustWalk, trustWalk } from './trusted-path.ts';

interface OwnFile {
  /** For messages: `Node`, `koffi`. */
  readonly what: string;
  readonly path: string;
}

/** What `require('koffi')` loads of its package; a test compares. */
const koffiFiles = ['package.json', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'];

/**
 * Lists what a hook, its supervisor and the runtime wrapper load.
 *
 * @param program - the file of this program: everything in its folder is checked
 * @param library - libseccomp; by default the environment's `OCI_SECCOMP_LIBRARY`. A soname is not listed
 */
export function ownFiles(program: string, library = process.env.OCI_SECCOMP_LIBRARY): readonly OwnFile[] {
  const real = realpathSync(program);
  const folder = dirname(real);
  const bundles = readdirSync(folder).map((name) => `${folder}/${name}`);
  return [
    { what: 'Node', path: process.execPath },
    // It starts Node in hooks, and in the runtime wrapper.
    { what: 'the shell', path: '/bin/sh' },
    // As it is called, and what that leads to.
    { what: 'oci-seccomp', path: program },
    ...bundles.map((path) => ({ what: 'oci-seccomp', path })),
    // It says how Node reads the bundles.
    ...packageFile(folder).map((path) => ({ what: 'oci-seccomp', path })),
    ...findKoffi(folder).map((path) => ({ what: 'koffi', path })),
    ...(library?.includes('/') === true ? [{ what: 'libseccomp', path: library }] : []),
  ];
}

/** Libraries that this process has loaded: a soname's file among them. */
export function loadedFiles(): readonly OwnFile[] {
  const libraries = (mappedFiles('self') ?? []).filter((path) => /\.so(?:\.[0-9.]+)?$|\.node$/.test(path));
  return libraries.map((path) => ({ what: 'a library that this program loads', path }));
}

/**
 * Checks own files.
 *
 * @throws OciSeccompError `ERR_HOOK` for the first that others can write or exchange
 */
export function requireTrustedFiles(files: readonly OwnFile[]): void {
  const [first] = findUntrusted(files, trustWalk());
  if (first !== undefined) throw first;
}

const INSTALL = 'install it as root, in folders that only root can write';

/** Why files are not to be trusted, one error a cause: a folder that others can write is told once. */
export function findUntrusted(files: readonly OwnFile[], walk: TrustWalk): readonly OciSeccompError[] {
  const found = new Map<string, OciSeccompError>();
  for (const { what, path } of files) {
    try {
      walk(path, what);
    } catch (error) {
      if (!(error instanceof OciSeccompError)) throw error;
      // A missing file cannot be loaded either, and the code that needs it reports it.
      if (error.code === 'ERR_IO') continue;
      const { code, message, hint } = error;
      const told = `${message}: anyone who can write it becomes root when this program runs as root`;
      // Of a folder in a user's home, root should not become the owner.
      const advice = hint?.startsWith('chown') ? INSTALL : hint;
      const cause = hint ?? message;
      if (!found.has(cause)) found.set(cause, new OciSeccompError(code, told, { hint: advice }));
    }
  }
  return [...found.values()];
}

/** The package.json that the folder belongs to; none in a checkout that is not complete. */
function packageFile(folder: string): readonly string[] {
  const found = upwards(folder, 'package.json');
  return found === undefined ? [] : [found];
}

/** Nothing if it is not installed: the code that loads it reports that. */
function findKoffi(folder: string): readonly string[] {
  const koffi = upwards(folder, 'node_modules/koffi');
  if (koffi === undefined) return [];
  const native = upwards(realpathSync(koffi), `node_modules/@koromix/koffi-${platform}-${arch}`);
  const below = native === undefined ? [] : readdirSync(native, { withFileTypes: true });
  const builds = below.flatMap((entry) =>
    entry.isDirectory() ? [`${entry.name}/koffi.node`] : [entry.name],
  );
  return [...koffiFiles.map((name) => `${koffi}/${name}`), ...builds.map((name) => `${native}/${name}`)];
}

/** As Node looks for packages: in a folder, and then in those above it. */
function upwards(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}
