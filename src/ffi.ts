/**
 * The one place that loads koffi, the foreign function interface, and it does so on first use: reading, validating
 * and resolving profiles never needs it.
 * @module
 */
import { createRequire } from 'node:module';
import { OciSeccompError } from './errors.ts';

export type Koffi = typeof import('koffi');

let loaded: Koffi | undefined;

/**
 * Loads koffi once and returns it.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi has no build for this platform
 */
export function loadKoffi(): Koffi {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('koffi') as Koffi;
    } catch (cause) {
      throw new OciSeccompError('ERR_FFI', 'koffi, which calls C libraries from Node, cannot be loaded', {
        hint: 'run npm ci again without --omit=optional: the build for this platform is an optional package of koffi',
        cause,
      });
    }
  }
  return loaded;
}
