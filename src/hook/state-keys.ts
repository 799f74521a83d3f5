/**
 * Keys that a container state has twice: readers differ in which one counts.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { shown } from './container-state.ts';

/** Of JSON: a text, with a colon if it is a key; or where an object begins or ends. */
const TOKEN = /("(?:[^"\\]+|\\.)*")\s*(:?)|[{}]/g;

/**
 * crun 1.8.1 hands on an annotation that config.json gives twice, and itself reads the first; `JSON.parse` takes the last.
 * Readers in Go also take a key of the state in another letter case.
 *
 * @param input - a state that {@link readState} takes
 * @throws OciSeccompError `ERR_HOOK`
 */
export function requireKeysOnce(input: Uint8Array): void {
  const open: Set<string>[] = [];
  for (const [token, text = '', colon] of new TextDecoder().decode(input).matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon === ':') requireNew(JSON.parse(text) as string, open);
  }
}

function requireNew(key: string, open: readonly Set<string>[]): void {
  const keys = open.at(-1);
  // By way of capitals, as Go folds the long s.
  const folded = open.length === 1 ? key.toUpperCase().toLowerCase() : key;
  if (keys === undefined || keys.size < keys.add(folded).size) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container state has the key ${shown(key)} twice: which one counts depends on the reader`,
    { hint: 'give each annotation once in config.json' },
  );
}
