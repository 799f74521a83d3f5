/**
 * File systems that a process may serve: whoever looks at a file there waits for that process.
 *
 * A recorder must not look at such a file: the serving process may itself wait for the recorder.
 *
 * Source: proc_pid_mountinfo(5).
 * @module
 */
import { readFileSync } from 'node:fs';

/** Types of file systems behind which there can be a process of this machine. */
const SERVED = /^(fuse|fuseblk|fuse\..*|9p|autofs|nfs|nfs4|cifs|smb3)$/;

/** Says whether a thread sees a file system that a process may serve, and that was not there before. */
export type SeesServed = (thread: number) => boolean;

/** Takes note of the file systems that are there now: what is recorded later serves none of them. */
export function noteMounts(): SeesServed {
  const before = new Set(servedDevices('self'));
  return (thread) => servedDevices(thread).some((device) => !before.has(device));
}

/** Their `major:minor`; empty if they cannot be read. */
function servedDevices(process: number | 'self'): readonly string[] {
  try {
    return readFileSync(`/proc/${process}/mountinfo`, 'latin1')
      .split('\n')
      .flatMap((line) => {
        // A space within a path is written as \040.
        const [mount = '', type = ''] = line.split(' - ').map((part) => part.split(' '));
        const device = mount[2];
        return device !== undefined && SERVED.test(type[0] ?? '') ? [device] : [];
      });
  } catch {
    return [];
  }
}
