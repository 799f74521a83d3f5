/**
 * Keys that a container state has twice: readers differ in which one counts.
 *
 * Not part of readState: commands that read no state would load the reader of documents with it.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { foldKey } from '../oci/dialect-keys.ts';
import type { Member, Node } from '../oci/document.ts';
import { readDocument } from '../oci/read-json.ts';
import { shown } from './container-state.ts';

/**
 * crun 1.8.1 hands on an annotation that config.json gives twice, and itself reads the first; `JSON.parse` takes the last.
 * Readers in Go also take a key in another letter case.
 *
 * @param input - a state that {@link readState} takes
 * @throws OciSeccompError `ERR_HOOK`
 */
export function requireKeysOnce(input: Uint8Array): void {
  const { document } = readDocument(input);
  if (document === undefined) throw new OciSeccompError('ERR_HOOK', 'the container state is nested too deep');
  const members = membersOf(document.root);
  const annotations = members.find(({ key }) => key === 'annotations')?.value;
  const twice = repeated(members, foldKey) ?? repeated(membersOf(annotations), (key) => key);
  if (twice === undefined) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container state has the key ${shown(twice.key)} twice: which one counts depends on the reader`,
    { hint: 'give each annotation once in config.json' },
  );
}

function membersOf(node: Node | undefined): readonly Member[] {
  return node?.kind === 'object' ? node.members : [];
}

function repeated(members: readonly Member[], fold: (key: string) => string): Member | undefined {
  const seen = new Set<string>();
  return members.find(({ key }) => seen.size === seen.add(fold(key)).size);
}
