/**
 * From options to the Host that a profile is resolved for.
 * @module
 */
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { capabilitySetOf } from '../../abi/capability-set.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import type { FilterSource } from '../../pipeline/filter-source.ts';
import { parseArch, parseCapability, parseKernel } from '../../pipeline/parse-host.ts';
import type { HostOptions } from '../define/shared-options.ts';

export { parseArch, parseCapability };

/**
 * The host the options describe; what they leave open is this machine's, the capabilities the bundle's or Docker's.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown architecture, kernel or capability
 */
export function hostFromOptions(options: HostOptions, profile: Profile): Host {
  return {
    arch: options.arch === undefined ? machineArch() : parseArch(options.arch),
    kernel: parseKernel(options.kernel ?? machineKernelRelease()),
    capabilities: parseCapabilities(options, profile),
  };
}

function parseCapabilities(options: HostOptions, profile: Profile): readonly string[] | undefined {
  const fromBundle = options.caps === undefined && profile.container !== undefined;
  const base = fromBundle ? profile.container?.capabilities : capabilitySets[options.caps ?? 'docker'];
  const added = (options.cap ?? []).map(parseCapability);
  if (base === undefined && added.length === 0) return undefined;
  return [...new Set([...(base ?? []), ...added])];
}

/** Options that a profile can have no use for either: it is built in, or no Kubernetes object. */
const OF_SOME_PROFILES = ['object', 'baseDir', 'dialect', 'endian'];

/**
 * Refuses options that none of the filters has a use for.
 *
 * @param more - options that are for profiles in this command only
 * @throws OciSeccompError `ERR_USAGE`
 */
export async function requireUses(
  options: Readonly<Record<string, unknown>>,
  sources: readonly FilterSource[],
  more?: readonly string[],
): Promise<void> {
  const isPlain = OF_SOME_PROFILES.every((name) => options[name] === undefined);
  // Most command lines end here, and load no more code.
  if (isPlain && sources.some(({ kind }) => kind === 'profile')) return;
  const { refuseUnusedOptions } = await import('../define/option-uses.ts');
  refuseUnusedOptions(options, sources, { more });
}

/** `x86_64, kernel 6.18, Docker's capabilities` */
export function formatHost({ arch, kernel, capabilities: held }: Host): string {
  return `${arch}, kernel ${kernel.kernel}.${kernel.major}, ${formatCapabilities(held)}`;
}

/** Sets of capabilities in words. */
export const setNames = {
  docker: "Docker's capabilities",
  podman: "Podman's capabilities",
  all: 'all capabilities',
  none: 'no capabilities',
} as const satisfies Record<CapabilitySet, string>;

function formatCapabilities(held: Host['capabilities']): string {
  if (held === undefined) return 'no capability sets';
  const known = capabilitySetOf(held);
  if (known !== undefined) return setNames[known];
  return held.length === 1 ? '1 capability' : `${held.length} capabilities`;
}
