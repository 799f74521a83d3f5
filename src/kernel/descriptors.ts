/**
 * Descriptors that a program inherits.
 *
 * Sources: fcntl(2), proc_pid_fdinfo(5), pipe(7). libuv src/unix/core.c uv_disable_stdio_inheritance, which Node
 * calls at its start: it sets close-on-exec on the descriptors that Node inherited, standard streams included.
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { loadKoffi } from '../ffi.ts';

const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const STANDARD_STREAMS = [0, 1, 2] as const;

/** Status flags (O_NONBLOCK, O_APPEND …) of the standard streams, -1 for a closed one. */
export function streamFlags(): readonly number[] {
  const fcntl = loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int']);
  return STANDARD_STREAMS.map((fd) => fcntl(fd, F_GETFL, 0) as number);
}

/**
 * Makes a program inherit the descriptors that this process inherited, and no other, and sets the standard streams'
 * status flags back.
 *
 * @param flags - what {@link streamFlags} returned before anything was written
 */
export function restoreDescriptors(flags: readonly number[]): void {
  const fcntl = loadKoffi().load(null).func('fcntl', 'int', ['int', 'int', 'int']);
  for (const fd of STANDARD_STREAMS) {
    const before = flags[fd] ?? -1;
    if (before >= 0 && fcntl(fd, F_GETFL, 0) !== before) fcntl(fd, F_SETFL, before);
    fcntl(fd, F_SETFD, 0);
  }
  for (const fd of inheritedDescriptors(openDescriptors())) fcntl(fd, F_SETFD, 0);
}

/** An open descriptor and what it refers to: a path, `pipe:[1234]`, `anon_inode:[eventfd]`. */
export interface Descriptor {
  readonly fd: number;
  readonly target: string;
  readonly writes: boolean;
}

/**
 * The descriptors above the standard streams that Node did not open itself.
 *
 * Nothing marks them, but Node opens its own one after the other, each the lowest number that is free, an event loop
 * first: what lies below that is inherited. Above it, event loops, event counters and pipes of which this process has
 * both ends are taken for Node's, all else for inherited.
 *
 * @param all - every open descriptor, ascending
 */
export function inheritedDescriptors(all: readonly Descriptor[]): readonly number[] {
  const firstOwn = all.find(({ target }) => target === EVENT_LOOP)?.fd ?? Number.POSITIVE_INFINITY;
  const ends = (pipe: string): readonly Descriptor[] => all.filter(({ target }) => target === pipe);
  const isOwn = ({ fd, target }: Descriptor): boolean => {
    if (fd < firstOwn) return false;
    if (ownKinds.includes(target)) return true;
    if (!target.startsWith('pipe:')) return false;
    const both = ends(target);
    return (
      both.length === 2 &&
      both.every((end) => end.fd > firstOwn) &&
      both.some(({ writes }) => writes) &&
      both.some(({ writes }) => !writes)
    );
  };
  return all.filter((each) => each.fd >= STANDARD_STREAMS.length && !isOwn(each)).map(({ fd }) => fd);
}

const EVENT_LOOP = 'anon_inode:[eventpoll]';
const ownKinds: readonly string[] = [EVENT_LOOP, 'anon_inode:[eventfd]', 'anon_inode:[io_uring]'];

/** The open descriptors of this process, ascending. */
export function openDescriptors(): readonly Descriptor[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((fd) => {
      try {
        const flags =
          /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
        const writes = (Number.parseInt(flags, 8) & O_ACCMODE) !== O_RDONLY;
        return [{ fd, target: readlinkSync(`/proc/self/fd/${fd}`), writes }];
      } catch {
        return []; // The one that the directory was read through.
      }
    });
}

const O_ACCMODE = 3;
const O_RDONLY = 0;
