/**
 * File systems that a process may serve: whoever looks at a file there waits for that process.
 *
 * A recorder must not look at such a file: the serving process may itself wait for the recorder.
 *
 * Sources: proc_pid_mountinfo(5), proc_pid_fdinfo(5), open(2) O_PATH, statx(2); Linux 6.18 include/uapi/linux/stat.h,
 * fs/fuse/dir.c (fuse_update_get_attr: for no fields it asks no server).
 * @module
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { syscallNumber } from '../abi/syscall-numbers.ts';
import { loadKoffi } from '../ffi.ts';
import { machineArch } from './this-machine.ts';

/** Types of file systems behind which there can be a process of this machine. */
const SERVED = /^(fuse|fuseblk|fuse\..*|9p|autofs|nfs|nfs4|cifs|smb3)$/;
/** include/uapi/asm-generic/fcntl.h, the same on all architectures that Node runs on: opens a name, and nothing behind it. */
const O_PATH = 0o10000000;
const AT_EMPTY_PATH = 0x1000;
const AT_STATX_DONT_SYNC = 0x4000;
/** struct statx: dev_major u32 @136, dev_minor u32 @140. */
const STATX_SIZE = 256;

/**
 * Says whether a thread sees a file system that a process may serve, and that was not there before.
 *
 * @param start - a link of the thread's folder in /proc to where it stands, or to what it has open. Where that lies in a file
 *   system that is seen neither there nor here (MNT_DETACH, another namespace), the answer is yes
 */
export type SeesServed = (thread: number, start?: string) => boolean;

/** Takes note of the file systems that are there now: what is recorded later serves none of them. */
export function noteMounts(): SeesServed {
  const before = new Set(mountsOf('self').map(({ device }) => device));
  const isServed = ({ type, device }: Mount): boolean => SERVED.test(type) && !before.has(device);
  return (thread, start) => {
    const mounts = mountsOf(thread);
    if (mounts.some(isServed)) return true;
    if (start === undefined) return false;
    const { id, device } = placeOf(start);
    const seen = [...mounts, ...mountsOf('self')].filter((mount) => !isServed(mount));
    // A thread does not see the mount that its root is a folder of, and we do not see it in another namespace.
    return !seen.some((mount) => mount.id === id || mount.device === device);
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

/** Where a link of /proc leads, which is asked of the kernel alone; empty: nowhere, or it cannot be told. */
function placeOf(link: string): Partial<Pick<Mount, 'id' | 'device'>> {
  try {
    const fd = openSync(link, O_PATH);
    try {
      const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
      return { id, device: deviceOf(fd) };
    } finally {
      closeSync(fd);
    }
  } catch {
    return {};
  }
}

/** The device of the file system; empty before Linux 4.11. */
function deviceOf(fd: number): string {
  const found = new DataView(new ArrayBuffer(STATX_SIZE));
  const types = ['long', 'int', 'str', 'int', 'unsigned int', 'void *'];
  const statx = loadKoffi().load(null).func('syscall', 'long', types);
  const nr = syscallNumber('statx', machineArch()) ?? -1;
  const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
  if (Number(statx(nr, fd, '', flags, 0, new Uint8Array(found.buffer))) !== 0) return '';
  return [136, 140].map((at) => found.getUint32(at, HOST_IS_LITTLE)).join(':');
}
