/**
 * Temporary folders whose path is short, wherever TMPDIR is.
 * @module
 */
import { mkdtempSync } from 'node:fs';

/** The path of a socket has at most 107 bytes (unix(7)), and Podman's `--runroot` at most 50. The caller removes the folder. */
export function makeShortFolder(): string {
  return mkdtempSync('/tmp/oci-');
}
