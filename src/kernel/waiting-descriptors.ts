/**
 * Whether a call of another process that reads or writes may wait for others, or returns at once.
 *
 * It is asked of a call that a signal interrupted. "At once" must be certain: such a call is made again, and one that
 * slept would then sleep on, although the signal was to end it. So where poll(2) is not exact, the call may wait.
 *
 * Sources: poll(2), open(2) O_NONBLOCK, proc_pid_fd(5), proc_pid_fdinfo(5); Linux 6.18 fs/pipe.c (pipe_read: looks at signals
 * only when nothing is there; pipe_poll), net/core/datagram.c (datagram_poll: POLLERR also for a queue of errors that recv(2)
 * does not read), net/unix/af_unix.c (unix_dgram_poll), net/ipv4/tcp.c (tcp_poll), fs/eventfd.c (eventfd_poll: room for 1), drivers/tty/tty_jobctrl.c
 * (__tty_check_change: sends the signal that ends the call), kernel/printk/printk.c (syslog_print).
 * @module
 */
import { readFileSync, readlinkSync, type Stats, statfsSync, statSync } from 'node:fs';
import { closeNative } from '../ffi.ts';
import { openPidfd, takeDescriptor } from './pidfd.ts';
import { openPollSet, type PollFor } from './poll-set.ts';
import { readProcessStatus } from './process-status.ts';
import type { SeesServed } from './served-mounts.ts';
import { isInternetSocket, isUnixDatagram, peeksFurther } from './socket-options.ts';

/** include/uapi/asm-generic/fcntl.h: of every machine that has a guard. */
const O_NONBLOCK = 0o4000;
/** DEBUGFS_MAGIC, TRACEFS_MAGIC: include/uapi/linux/magic.h. */
const DIAGNOSTIC: ReadonlySet<number> = new Set([0x6462_6720, 0x7472_6163]);
/** memfd_create(2): in a mount of the kernel's own. */
const MEMORY_FILE = '/memfd:';
/** MEM_MAJOR of include/uapi/linux/major.h: /dev/null, zero, urandom. */
const MEMORY = 1;

/**
 * @param tid - a tracee
 * @returns true also where it cannot be told
 */
export function waitsAtDescriptor(
  tid: number,
  fd: number,
  direction: PollFor,
  seesServed: SeesServed,
): boolean {
  const path = `/proc/${tid}/fd/${fd}`;
  try {
    const link = readlinkSync(path);
    const kind = /^(pipe|socket|anon_inode):/.exec(link)?.[1];
    if (kind !== undefined) return !isNonBlocking(tid, fd) && !isReady({ tid, fd, link, kind }, direction);
    // It has a place in a file system.
    if (seesServed(tid, link.startsWith(MEMORY_FILE) ? undefined : path)) return true;
    const file = statSync(path);
    if (file.isFile())
      return file.size === 0 && (DIAGNOSTIC.has(statfsSync(path).type) || link === '/proc/kmsg');
    // Other devices may be a terminal in the background, or be served by a process (CUSE).
    if (!file.isFIFO() && !isMemory(file)) return true;
    return !isNonBlocking(tid, fd) && !isReady({ tid, fd, link, kind: 'pipe' }, direction);
  } catch {
    // Among others before Linux 5.6, and where a filter denies pidfd_getfd(2).
    return true;
  }
}

/**
 * The same of connect(2): one that has not begun is made again, because after EINTR programs wait for a connection that
 * is being made.
 */
export function waitsAtConnect(tid: number, fd: number): boolean {
  try {
    const link = readlinkSync(`/proc/${tid}/fd/${fd}`);
    const socket = { tid, fd, link, kind: 'socket' };
    return !isNonBlocking(tid, fd) && !isReady(socket, 'writing', isInternetSocket);
  } catch {
    return true;
  }
}

function isMemory(file: Stats): boolean {
  return file.isCharacterDevice() && file.rdev >> 8 === MEMORY;
}

/** @returns false where it cannot be told */
function isNonBlocking(tid: number, fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & O_NONBLOCK) !== 0;
  } catch {
    return false;
  }
}

interface Descriptor {
  readonly tid: number;
  readonly fd: number;
  /** What proc_pid_fd(5) shows. */
  readonly link: string;
  readonly kind: string;
}

function isReady(
  { tid, fd, link, kind }: Descriptor,
  direction: PollFor,
  isExact = (own: number) => isPollExact(own, kind, direction),
): boolean {
  const status = readProcessStatus(tid);
  if (typeof status === 'string') return false;
  // A thread can have a table of its own, and only that of the process can be reached.
  if (status.threadGroup !== tid && readlinkSync(`/proc/${status.threadGroup}/fd/${fd}`) !== link)
    return false;
  const opened: number[] = [];
  try {
    const pidfd = openPidfd(status.threadGroup);
    opened.push(pidfd);
    const own = takeDescriptor(pidfd, fd);
    opened.push(own);
    if (!isExact(own)) return false;
    const set = openPollSet([own], direction);
    set.wait(0);
    return set.state(0) === 'ready' || (kind === 'pipe' && set.state(0) === 'closed');
  } finally {
    for (const each of opened) closeNative(each);
  }
}

function isPollExact(own: number, kind: string, direction: PollFor): boolean {
  if (kind === 'socket') return direction === 'reading' ? !peeksFurther(own) : !isUnixDatagram(own);
  return kind === 'pipe' || direction === 'reading';
}
