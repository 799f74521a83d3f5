/**
 * Keys in another letter case: Go's decoder takes them, crun's and every other JSON tool do not.
 * @module
 */
import { foldKey, keyInfo, type ShapeName, shapes } from '../../oci/dialect-keys.ts';
import { hasKeys } from '../../oci/dialect-rows.ts';
import { correction, tidying } from '../edit/fix-of-edits.ts';
import { replaceKey } from '../edit/text-edits.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { ruleFromProblems } from '../engine/report-problems.ts';

export const keyCase = ruleFromProblems({
  id: 'key-case',
  level: 'warn',
  title: 'A key is spelled in another letter case',
  fixable: true,
  fix: ({ document, dialect }, { pointer }) => {
    const key = canonical(pointer.slice(pointer.lastIndexOf('/') + 1));
    if (key === undefined) return {};
    const object =
      document === undefined
        ? undefined
        : findNode(document.root, pointer.slice(0, pointer.lastIndexOf('/')));
    // With the specified spelling beside it, the key would be there twice. Which of the two counts is for people to say.
    if (object?.node.kind === 'object' && object.node.members.some((member) => member.key === key)) return {};
    const edits = replaceKey(document, pointer, key);
    // Engines in Go read both spellings alike; a bundle may go to crun, which reads one.
    const isRead = dialect !== undefined && hasKeys(dialect, 'conditions');
    return isRead ? tidying(`write "${key}"`, edits) : correction(`write "${key}"`, edits);
  },
});

/** The spelling of a key: whatever the object, keys that differ in letter case alone are one key. */
function canonical(key: string): string | undefined {
  const folded = foldKey(key);
  for (const shape of Object.keys(shapes) as ShapeName[]) {
    const found = Object.keys(shapes[shape]).find((each) => foldKey(each) === folded);
    if (found !== undefined && keyInfo(shape, found) !== undefined) return found;
  }
  return undefined;
}
