/**
 * Loads this machine's own libseccomp before any test loads another copy. Files share a process, and the loader gives
 * everybody who asks for `libseccomp.so.2` the copy that came first.
 * @module
 */
import { loadKoffi } from '../src/ffi.ts';

try {
  loadKoffi().load('libseccomp.so.2');
} catch {
  // There is none, or no koffi: the tests that need it are skipped, or say so.
}
