/**
 * A kept program as a file: whose program it is, the program, and a hash over both.
 *
 * The hash finds damage by a disk or a broken write. It proves nothing else: whoever can write the file can write the
 * hash too. Each use of the program proves again that it means the profile (compile/kept-program.ts).
 * @module
 */
import { createHash } from 'node:crypto';
import { BPF_MAXINSNS } from '../../bpf/longest-program.ts';
import { SOCK_FILTER_SIZE } from '../../bpf/program.ts';

const FIRST_LINE = 'oci-seccomp program 1\n';
/** SHA-256 in hexadecimal, and the end of the line. */
const HASH_LINE = 65;
const HEAD = FIRST_LINE.length + 2 * HASH_LINE;
/** The longest file that is written or read, in bytes. */
export const MAX_ENTRY_SIZE = HEAD + BPF_MAXINSNS * SOCK_FILTER_SIZE;

export function sha256Hex(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** @param name - the hash of the program's key, which is the file's name too */
export function encodeEntry(name: string, program: Uint8Array): Uint8Array {
  const nameLine = `${name}\n`;
  return Buffer.concat([Buffer.from(`${FIRST_LINE}${sha256Hex(nameLine, program)}\n${nameLine}`), program]);
}

/** @returns the program; or a text: why the file cannot be used */
export function decodeEntry(name: string, bytes: Uint8Array): Uint8Array | string {
  if (bytes.length > MAX_ENTRY_SIZE) return 'it is longer than any program';
  const head = Buffer.from(bytes.subarray(0, HEAD)).toString('latin1');
  if (head.length < HEAD || !head.startsWith(FIRST_LINE))
    return 'it is not a kept program, or only a part of one';
  const hash = head.slice(FIRST_LINE.length, -HASH_LINE);
  const body = bytes.subarray(HEAD - HASH_LINE);
  if (hash !== `${sha256Hex(body)}\n`) return 'its content was changed, or only a part of it was written';
  if (!head.endsWith(`${name}\n`)) return 'it was kept under another name';
  return body.subarray(HASH_LINE);
}
