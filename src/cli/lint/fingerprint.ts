/**
 * What stays of a finding when lines move: its rule, the keys that lead to the value (without positions in lists), and
 * the value as it is written, without spaces.
 * @module
 */
import type { Finding } from '../../lint/engine/finding.ts';
import { findNode } from '../../lint/engine/locate-pointer.ts';
import type { Document } from '../../oci/document.ts';

/** 64 bits of SHA-256 in hexadecimal: enough to tell apart the findings of one file. */
const LENGTH = 16;

export function fingerprintOf({ rule, range }: Finding, document: Document | undefined): string {
  const { pointer } = range;
  const path = pointer.replace(/\/\d+(?=\/|$)/g, '/*');
  const node = document === undefined ? undefined : findNode(document.root, pointer)?.node;
  // The whole document changes with every edit.
  const value =
    pointer === '' || node === undefined || document === undefined
      ? ''
      : document.text.slice(node.start.offset, node.end.offset).replace(/\s+/g, '');
  return process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(`${rule}\n${path}\n${value}`)
    .digest('hex')
    .slice(0, LENGTH);
}

/** Numbers findings that share a key, from 1 in the order of asking: equal fingerprints stay apart. */
export function createNumbering(): (key: string) => string {
  const counts = new Map<string, number>();
  return (key) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return `${key}:${count}`;
  };
}
