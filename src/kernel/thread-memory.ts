/**
 * The memory of a thread that waits for this process: for its recorder, or for its tracer.
 *
 * Only pages that are there are read. The kernel fetches any other from who provides it, and that may be a program that waits
 * for this process itself: one that serves a file system, from which the memory is mapped.
 *
 * Sources: proc_pid_mem(5), proc_pid_pagemap(5), getauxval(3).
 * @module
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { hostEndian } from '../abi/host-endian.ts';

const PATH_MAX = 4096;
/** Of each page an u64: bit 63 says that it is in memory, bit 62 that it is swapped out. */
const ENTRY = 8;
const IS_THERE = 3n << 62n;
const AT_PAGESZ = 6n;
const HOST_IS_LITTLE = hostEndian() === 'little';

/**
 * Reads memory: less than `length` bytes if a page is missing, or is not there now.
 *
 * @throws errors of open(2) and read(2)
 */
export function bytesAt(address: bigint, length: number, thread: number): Uint8Array {
  const bytes = new Uint8Array(lengthThere(address, length, thread));
  return bytes.subarray(0, readAll(`/proc/${thread}/mem`, bytes, address));
}

/**
 * A path in memory, which may change before the kernel reads it.
 *
 * @returns `undefined` if its end is not there
 * @throws errors of open(2) and read(2)
 */
export function pathAt(address: bigint, thread: number): string | undefined {
  const bytes = bytesAt(address, PATH_MAX, thread);
  const end = bytes.indexOf(0);
  return end === -1 ? undefined : new TextDecoder().decode(bytes.subarray(0, end));
}

function lengthThere(address: bigint, length: number, thread: number): number {
  const size = pageSize();
  const first = address / size;
  const pages = Number((address + BigInt(length) - 1n) / size - first) + 1;
  const entries = new Uint8Array(pages * ENTRY);
  readAll(`/proc/${thread}/pagemap`, entries, first * BigInt(ENTRY));
  const view = new DataView(entries.buffer);
  let there = 0;
  while (there < pages && (view.getBigUint64(there * ENTRY, HOST_IS_LITTLE) & IS_THERE) !== 0n) there += 1;
  return Math.max(0, Math.min(length, Number((first + BigInt(there)) * size - address)));
}

function readAll(path: string, bytes: Uint8Array, from: bigint): number {
  const file = openSync(path, 'r');
  try {
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(file, bytes, done, bytes.length - done, from + BigInt(done));
      if (count === 0) break;
      done += count;
    }
    return done;
  } finally {
    closeSync(file);
  }
}

let knownSize: bigint | undefined;

function pageSize(): bigint {
  if (knownSize !== undefined) return knownSize;
  const { buffer, byteOffset, length } = readFileSync('/proc/self/auxv');
  const view = new DataView(buffer, byteOffset, length);
  for (let at = 0; at + 16 <= length; at += 16) {
    if (view.getBigUint64(at, HOST_IS_LITTLE) === AT_PAGESZ)
      knownSize = view.getBigUint64(at + 8, HOST_IS_LITTLE);
  }
  knownSize ??= 4096n;
  return knownSize;
}
