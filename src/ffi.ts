/**
 * The one place that loads koffi, the foreign function interface, and it does so on first use: reading, validating
 * and resolving profiles never needs it.
 * @module
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OciSeccompError } from './errors.ts';

export type Koffi = typeof import('koffi', { with: { 'resolution-mode': 'import' }});

/** A C function that returns a number. */
export type NativeCall = (...parameters: readonly unknown[]) => number;

/** Linux 6.18 include/uapi/asm-generic/errno-base.h */
const EBADF = 9;

let loaded: Koffi | undefined;

/**
 * Loads koffi once and returns it.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi has no build for this platform
 */
export function loadKoffi(): Koffi {
  loaded ??= loadNative() ?? loadPackage();
  return loaded;
}

function loadPackage(): Koffi {
  try {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    const isForbidden = (cause as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED';
    throw new OciSeccompError('ERR_FFI', 'koffi, which calls C libraries from Node, cannot be loaded', {
      hint: isForbidden
        ? 'Node forbids native code here: leave --no-addons out, or give --allow-addons with --permission'
        : 'run npm ci again without --omit=optional: the build for this platform is an optional package of koffi',
      cause,
    });
  }
}

/** The release that package.json names. */
const KOFFI_VERSION = '3.3.4';

/**
 * koffi's native part, without the code that looks for it: that loads `node:module`, which brings Node's streams along, and
 * takes 6 of 8 ms. What it adds to the native part are names of old releases.
 *
 * @returns `undefined` where koffi has to find out what fits: for other C libraries and processors, with another release,
 *   or in a place where Node would not look itself
 */
function loadNative(): Koffi | undefined {
  const { arch } = process;
  if (!NATIVE_ARCHS.includes(arch)) return undefined;
  try {
    const file = usesGlibc() ? findNative(arch) : undefined;
    if (file === undefined) return undefined;
    const module: { exports: Partial<Koffi> } = { exports: {} };
    process.dlopen(module, file);
    return module.exports.version === KOFFI_VERSION ? (module.exports as Koffi) : undefined;
  } catch {
    // koffi's own attempt fails with a reason.
    return undefined;
  }
}

const NATIVE_ARCHS: readonly string[] = ['x64', 'arm64'];

/** Whether Node was made for glibc. The name of its dynamic linker is near the beginning of an executable; musl's is `/lib/ld-musl-…`. */
function usesGlibc(): boolean {
  const fd = openSync(process.execPath, 'r');
  try {
    const start = Buffer.alloc(4096);
    readSync(fd, start);
    return start.includes('/ld-linux-');
  } finally {
    closeSync(fd);
  }
}

/** Beside the package koffi, where koffi looks first. The package is where Node finds it: in this folder or in one above. */
function findNative(arch: string): string | undefined {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const koffi = join(folder, 'node_modules/koffi');
    // Not joined: the package may be a link, and `..` is the folder that it leads to.
    if (existsSync(koffi)) return `${koffi}/../@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`;
    if (folder === dirname(folder)) return undefined;
  }
}

let close: ((fd: number) => number) | undefined;

/**
 * Closes a descriptor that a C function opened. Wraps close(2).
 *
 * Node keeps account of what `node:fs` opens and closes in a worker thread, and prints a warning about a descriptor
 * that was opened by other means: what C opened is closed here, what `node:fs` opened by `node:fs`.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it is not open: then another part of the program closed what it did not own
 */
export function closeNative(fd: number): void {
  const koffi = loadKoffi();
  close ??= koffi.load(null).func('close', 'int', ['int']);
  // After EINTR and EIO, Linux has closed it anyway.
  if (close(fd) === 0 || koffi.errno() !== EBADF) return;
  throw new OciSeccompError('ERR_KERNEL', `descriptor ${fd} cannot be closed: it is not open`, {
    details: { call: 'close', errno: EBADF, fd },
  });
}
