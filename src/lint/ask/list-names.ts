/**
 * Lists of names in messages.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';

/** `a`, `a and b`, `a, b and c`; of more than `limit`, how many more there are. */
export function listNames(names: readonly string[], limit = 8): string {
  const shown = names.length > limit ? names.slice(0, limit - 1) : names;
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  return listWords(parts);
}
