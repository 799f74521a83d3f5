/**
 * Fingerprints: what stays of a finding when lines move. That is its rule, the keys that lead to the value, and the value
 * as it is written. Positions in lists and spaces are left out.
 * @module
 */
import type { Finding } from '../../lint/engine/finding.ts';
import { findNode } from '../../lint/engine/locate-pointer.ts';
import type { Document } from '../../oci/document.ts';

/** 64 bits of SHA-256 in hexadecimal: enough to tell apart the findings of one file. */
const LENGTH = 16;

/** What a fingerprint is made of. */
interface Marked {
  readonly rule: string;
  readonly path: string;
  /** The text of the profile, and the part of it that is the value; empty where that is the whole document. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Makes the fingerprint of a finding when it is asked for. Most formats show none, and Node's cryptography takes
 * milliseconds to load. Until then the function keeps the text of the profile: its tree would take thirty times as much.
 */
export function fingerprintLater({ rule, range }: Finding, document: Document | undefined): () => string {
  const { pointer } = range;
  // The whole document changes with every edit.
  const node = document === undefined || pointer === '' ? undefined : findNode(document.root, pointer)?.node;
  const marked: Marked = {
    rule,
    path: pointer.replace(/\/\d+(?=\/|$)/g, '/*'),
    text: node === undefined ? '' : (document?.text ?? ''),
    from: node?.start.offset ?? 0,
    to: node?.end.offset ?? 0,
  };
  return () => digest(marked);
}

function digest({ rule, path, text, from, to }: Marked): string {
  const value = text.slice(from, to).replace(/\s+/g, '');
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
