/**
 * Capabilities by number, as the masks of /proc/PID/status have them.
 *
 * Source: Linux 6.18 include/uapi/linux/capability.h.
 * @module
 */

export const CAP_SYS_PTRACE = 19n;
export const CAP_SYS_ADMIN = 21n;

/** @param mask - bit n for capability n */
export function hasCapability(mask: bigint, capability: bigint): boolean {
  return ((mask >> capability) & 1n) === 1n;
}
