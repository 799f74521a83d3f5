/**
 * Descriptors that a program inherits.
 *
 * Sources: fcntl(2), proc_pid_fdinfo(5), pipe(7). libuv src/unix/core.c uv_disable_stdio_inheritance, which Node
 * calls at its start: it sets close-on-exec on the descriptors that Node inherited, standard streams included.
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { O_CLOEXEC } from '../abi/kernel-constants.ts';
import { loadKoffi } from '../ffi.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_GETFL = 3;
const F_SETFL = 4;
/** 0, 1, 2 */
const STANDARD_STREAMS = 3;

/** The descriptors that a process inherited, as {@link rememberDescriptors} found them. */
export interface DescriptorState {
  /** Status flags (O_NONBLOCK, O_APPEND …) of the open standard streams, by descriptor. */
  readonly streams: ReadonlyMap<number, number>;
  /** Descriptors above them that were inherited. */
  readonly inherited: readonly number[];
}

/**
 * Notes the descriptors of this process. To be called before anything is written and before koffi is loaded: streams
 * that Node makes, as koffi's start does on Node 24, set O_NONBLOCK and open a descriptor in reserve.
 */
export function rememberDescriptors(): DescriptorState {
  const all = openDescriptors();
  const streams = all.filter(({ fd }) => fd < STANDARD_STREAMS);
  return {
    streams: new Map(streams.map(({ fd, flags }) => [fd, flags])),
    inherited: inheritedDescriptors(all),
  };
}

/** Makes a program inherit what this process inherited: the same descriptors and no others, the same flags of the streams. */
export function restoreDescriptors({ streams, inherited }: DescriptorState): void {
  const fcntl = loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int']);
  for (const [fd, flags] of streams) {
    if (fcntl(fd, F_GETFL, 0) !== flags) fcntl(fd, F_SETFL, flags);
    fcntl(fd, F_SETFD, 0);
  }
  inheritDescriptors(inherited);
}

/** Takes close-on-exec from descriptors. */
export function inheritDescriptors(descriptors: readonly number[]): void {
  const fcntl = loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int']);
  for (const fd of descriptors) fcntl(fd, F_SETFD, 0);
}

/** Keeps a descriptor from programs that this process starts. */
export function closeOnExec(fd: number): void {
  loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int'])(fd, F_SETFD, FD_CLOEXEC);
}

/** An open descriptor and what it refers to: a path, `pipe:[1234]`, `anon_inode:[eventfd]`. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly target: string;
  /** As F_GETFL returns them. */
  readonly flags: number;
}

/**
 * The descriptors above the standard streams that Node did not open itself.
 *
 * Nothing marks them, but Node opens its own one after the other, each the lowest number that is free, an event loop
 * first: what lies below that is inherited. Above it, event loops, event counters and pipes of which this process has
 * both ends are treated as Node's, everything else as inherited.
 *
 * @param all - every open descriptor, ascending
 */
export function inheritedDescriptors(all: readonly OpenDescriptor[]): readonly number[] {
  const firstOwn = all.find(({ target }) => target === EVENT_LOOP)?.fd ?? Number.POSITIVE_INFINITY;
  const isOwn = ({ fd, target }: OpenDescriptor): boolean => {
    if (fd < firstOwn) return false;
    if (ownKinds.includes(target)) return true;
    const ends = all.filter((each) => each.target === target);
    return (
      target.startsWith('pipe:') &&
      ends.length === 2 &&
      ends.every((end) => end.fd > firstOwn) &&
      ends.filter(writes).length === 1
    );
  };
  return all.filter((each) => each.fd >= STANDARD_STREAMS && !isOwn(each)).map(({ fd }) => fd);
}

const EVENT_LOOP = 'anon_inode:[eventpoll]';
const ownKinds: readonly string[] = [EVENT_LOOP, 'anon_inode:[eventfd]', 'anon_inode:[io_uring]'];

const O_ACCMODE = 3;
const O_RDONLY = 0;

function writes({ flags }: OpenDescriptor): boolean {
  return (flags & O_ACCMODE) !== O_RDONLY;
}

/** The open descriptors of this process, ascending. */
function openDescriptors(): readonly OpenDescriptor[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((fd) => {
      try {
        const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
        const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '0', 8);
        // proc_pid_fdinfo(5) shows O_CLOEXEC among the status flags.
        return [{ fd, target: readlinkSync(`/proc/self/fd/${fd}`), flags: flags & ~O_CLOEXEC }];
      } catch {
        return []; // The one that the directory was read through.
      }
    });
}
