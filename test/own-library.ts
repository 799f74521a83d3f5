/**
 * Loads this machine's own libseccomp before any test loads another copy. Files share a process, and the loader gives
 * everybody who asks for `libseccomp.so.2` the copy that came first.
 * @module
 */
import { loadKoffi } from '../src/ffi.ts';

/** Kept as long as the process: koffi closes a library whose object was collected, and then another copy comes first. */
const kept = globalThis as { ownLibseccomp?: unknown };

try {
  kept.ownLibseccomp ??= loadKoffi().load('libseccomp.so.2');
} catch {
  // There is none, or no koffi: the tests that need it are skipped, or say so.
}
