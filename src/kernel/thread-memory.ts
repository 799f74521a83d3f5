/**
 * The memory of a thread that waits for this process: for its recorder, or for its tracer.
 *
 * The kernel fetches a page that is not there from who provides it, and that may be a program that waits for this process
 * itself: one that serves a file system, from which the memory is mapped, or the faults of it (userfaultfd(2)). Only pages are
 * read that are there, or that the kernel alone provides. A thread that changes its mappings between the look and the read
 * can still make this process wait.
 *
 * Sources: proc_pid_mem(5), proc_pid_pagemap(5), proc_pid_smaps(5), userfaultfd(2), getauxval(3).
 * @module
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { type SeesServed, seenDevices } from './served-mounts.ts';

const PATH_MAX = 4096;
/** Of each page an u64: bit 63 says that it is in memory, bit 62 that it is swapped out. */
const ENTRY = 8;
const IS_THERE = 3n << 62n;
const AT_PAGESZ = 6n;
/** VmFlags of memory whose faults a program is told of: of missing pages, writes, and pages that are only in the file. */
const TOLD_FAULTS = /^(um|uw|ui)$/;
/** What smaps says of memory without a file. */
const NO_FILE = '00:00';

type IsEnough = (bytes: Uint8Array) => boolean;

/** Whose memory, and which file systems may be read for it. */
export interface Owner {
  readonly thread: number;
  readonly seesServed: SeesServed;
}

/**
 * Reads memory: less than `length` bytes if a page is missing, or would have to be fetched from a program.
 *
 * @throws errors of open(2) and read(2)
 */
export function bytesAt(
  address: bigint,
  length: number,
  owner: Owner,
  isEnough: IsEnough = (bytes) => bytes.length === length,
): Uint8Array {
  const bytes = readMemory(address, length, owner.thread, () => false);
  if (isEnough(bytes)) return bytes;
  // A constant that nothing has looked at yet is not there.
  return readMemory(address, length, owner.thread, kernelProvides(owner));
}

/**
 * A path in memory, which may change before the kernel reads it.
 *
 * @returns `undefined` if its end cannot be read
 * @throws errors of open(2) and read(2)
 */
export function pathAt(address: bigint, owner: Owner): string | undefined {
  const bytes = bytesAt(address, PATH_MAX, owner, (found) => found.includes(0));
  const end = bytes.indexOf(0);
  return end === -1 ? undefined : new TextDecoder().decode(bytes.subarray(0, end));
}

type Provides = (address: bigint) => boolean;

function readMemory(address: bigint, length: number, thread: number, provides: Provides): Uint8Array {
  const bytes = new Uint8Array(readableLength(address, length, thread, provides));
  return bytes.subarray(0, readAll(`/proc/${thread}/mem`, bytes, address));
}

function readableLength(address: bigint, length: number, thread: number, provides: Provides): number {
  const size = pageSize();
  const first = address / size;
  const pages = Number((address + BigInt(length) - 1n) / size - first) + 1;
  const entries = new Uint8Array(pages * ENTRY);
  readAll(`/proc/${thread}/pagemap`, entries, first * BigInt(ENTRY));
  const view = new DataView(entries.buffer);
  const isThere = (page: number): boolean =>
    (view.getBigUint64(page * ENTRY, HOST_IS_LITTLE) & IS_THERE) !== 0n;
  let readable = 0;
  while (readable < pages && (isThere(readable) || provides((first + BigInt(readable)) * size)))
    readable += 1;
  return Math.max(0, Math.min(length, Number((first + BigInt(readable)) * size - address)));
}

/** Says of an address whether the kernel provides its page: in memory without a file, or of a file that no program serves. */
function kernelProvides({ thread, seesServed }: Owner): Provides {
  if (seesServed(thread)) return () => false;
  const devices = new Set([NO_FILE, ...seenDevices(thread)]);
  // First the line of the mapping, and at the end of its part the flags.
  const parts = readFileSync(`/proc/${thread}/smaps`, 'latin1').matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ (\S+) (?:.*\n)+?VmFlags: (.*)$/gm,
  );
  const own = [...parts].flatMap(([, start, end, device = '', flags = '']) => {
    const isKernels =
      devices.has(asDecimal(device)) && !flags.split(' ').some((flag) => TOLD_FAULTS.test(flag));
    return isKernels ? [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }] : [];
  });
  return (address) => own.some(({ start, end }) => start <= address && address < end);
}

/** A device is hexadecimal in smaps, and decimal in mountinfo. */
function asDecimal(device: string): string {
  return device === NO_FILE
    ? device
    : device
        .split(':')
        .map((part) => Number.parseInt(part, 16))
        .join(':');
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
