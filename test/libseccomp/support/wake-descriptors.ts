/**
 * The descriptors by which a waiting thread is woken.
 * @module
 */
import { readdirSync, readlinkSync } from 'node:fs';

/** How many pipes and eventfds this process has open. */
export function wakeDescriptors(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(?:pipe:|anon_inode:.eventfd)/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // that of the listing itself
    }
  }).length;
}
