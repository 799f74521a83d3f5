/**
 * Capabilities, and the bounding sets engines give an ordinary container.
 *
 * Sources: Linux 6.18 include/uapi/linux/capability.h, capabilities(7); moby oci/caps/defaults.go; containers/common
 * pkg/config/default.go.
 * @module
 */
import { frozen } from './frozen.ts';

/** Names; a capability's number is its index, 0..40. */
export const capabilities: readonly string[] = frozen(
  `
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
    .trim()
    .split(/\s+/)
    .map((name) => `CAP_${name}`),
);

/** A named set of capabilities: the defaults of Docker and Podman, all that the kernel knows, none. */
export type CapabilitySet = 'docker' | 'podman' | 'all' | 'none';

function select(...names: readonly string[]): readonly string[] {
  return capabilities.filter((name) => names.includes(name.slice('CAP_'.length)));
}

const podman =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  );

/** Bounding sets by name, each in the order of the numbers. containerd and CRI-O containers have Docker's. */
export const capabilitySets = frozen({
  docker: select(...podman, 'MKNOD', 'NET_RAW', 'AUDIT_WRITE'),
  podman: select(...podman),
  all: capabilities,
  none: [],
} as const satisfies Record<CapabilitySet, readonly string[]>);

/**
 * Finds a capability by any spelling engines take on their command lines: in any letter case, with or without `CAP_`.
 *
 * @returns the name as the kernel spells it, or `undefined` for an unknown one
 */
export function findCapability(spelling: string): string | undefined {
  const name = spelling.toUpperCase();
  return capabilities.find((known) => known === name || known === `CAP_${name}`);
}

/** Whether a value is written as a capability, `CAP_SYS_ADMIN`; a newer kernel may know it. Others would be passed over. */
export function isCapabilityName(value: unknown): boolean {
  return typeof value === 'string' && /^CAP_[A-Z_]+$/.test(value);
}

/**
 * Lists the capabilities of a mask as /proc/PID/status prints it in `CapBnd`, bit n for number n.
 *
 * @param mask - u64; bits above 40 have no name and are left out
 */
export function capabilitiesOfMask(mask: bigint): readonly string[] {
  return capabilities.filter((_, nr) => (mask & (1n << BigInt(nr))) !== 0n);
}
