/**
 * File systems that a process may serve: whoever looks at a file there waits for that process.
 *
 * A recorder must not look at such a file: the serving process may itself wait for the recorder.
 *
 * Sources: proc_pid_mountinfo(5), proc_pid_fdinfo(5), open(2) O_PATH.
 * @module
 */
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Types of file systems behind which there can be a process of this machine. */
const SERVED = /^(fuse|fuseblk|fuse\..*|9p|autofs|nfs|nfs4|cifs|smb3)$/;
/** include/uapi/asm-generic/fcntl.h, the same on all architectures that Node runs on: opens a name, and nothing behind it. */
const O_PATH = 0o10000000;

/**
 * Says whether a thread sees a file system that a process may serve, and that was not there before.
 *
 * @param start - a link of the thread's folder in /proc to where it stands, or to what it has open. Where that lies in a mount
 *   that nobody sees any more (MNT_DETACH), or in one of another namespace, the answer is yes
 */
export type SeesServed = (thread: number, start?: string) => boolean;

/** Takes note of the file systems that are there now: what is recorded later serves none of them. */
export function noteMounts(): SeesServed {
  const before = new Set(mountsOf('self').map(({ device }) => device));
  return (thread, start) => {
    const mounts = mountsOf(thread);
    if (mounts.some(({ type, device }) => SERVED.test(type) && !before.has(device))) return true;
    if (start === undefined) return false;
    const id = mountOf(start);
    // A thread does not see the mount that its root is a folder of.
    return ![...mounts, ...mountsOf('self')].some((mount) => mount.id === id);
  };
}

/** The devices, `major:minor`, of the file systems that a thread or this process sees. */
export function seenDevices(thread: number): readonly string[] {
  return [...mountsOf(thread), ...mountsOf('self')].map(({ device }) => device);
}

interface Mount {
  readonly id: string;
  /** `major:minor` */
  readonly device: string;
  readonly type: string;
}

/** Empty if they cannot be read. */
function mountsOf(process: number | 'self'): readonly Mount[] {
  try {
    const lines = readFileSync(`/proc/${process}/mountinfo`, 'latin1').split('\n');
    return lines.map((line) => {
      // A space within a path is written as \040.
      const [mount = '', type = ''] = line.split(' - ').map((part) => part.split(' '));
      return { id: mount[0] ?? '', device: mount[2] ?? '', type: type[0] ?? '' };
    });
  } catch {
    return [];
  }
}

/** The number of the mount that a link of /proc leads into, which is asked of the kernel alone; `undefined`: it leads nowhere. */
function mountOf(link: string): string | undefined {
  try {
    const fd = openSync(link, O_PATH);
    try {
      return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
