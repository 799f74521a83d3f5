/**
 * The one place that loads koffi, the foreign function interface, and it does so on first use: reading, validating
 * and resolving profiles never needs it.
 * @module
 */
import { OciSeccompError } from './errors.ts';

export type Koffi = typeof import('koffi', { with: { 'resolution-mode': 'import' }});

/** Linux 6.18 include/uapi/asm-generic/errno-base.h */
const EBADF = 9;

let loaded: Koffi | undefined;

/**
 * Loads koffi once and returns it.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi has no build for this platform
 */
export function loadKoffi(): Koffi {
  if (loaded === undefined) {
    try {
      loaded = process.getBuiltinModule('node:module').createRequire(import.meta.url)('koffi') as Koffi;
    } catch (cause) {
      throw new OciSeccompError('ERR_FFI', 'koffi, which calls C libraries from Node, cannot be loaded', {
        hint: 'run npm ci again without --omit=optional: the build for this platform is an optional package of koffi',
        cause,
      });
    }
  }
  return loaded;
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
