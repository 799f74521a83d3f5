/**
 * Lists of names in messages.
 * @module
 */

/** `a`, `a and b`, `a, b and c`; of more than `limit`, how many more there are. */
export function listNames(names: readonly string[], limit = 8): string {
  const shown = names.length > limit ? names.slice(0, limit - 1) : names;
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
