/**
 * Lists of strings as the kernel and processes hand them on: each ends with a NUL.
 * @module
 */

/** The strings, as bytes: they need not be UTF-8. */
export function splitAtNul(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from);
    parts.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    from = (end < 0 ? bytes.length : end) + 1;
  }
  return parts;
}
