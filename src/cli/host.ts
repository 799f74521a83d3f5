/**
 * From options to the Host that a profile is resolved for.
 * @module
 */
import { allArchitectures, findArchitecture } from '../abi/architectures.ts';
import { type CapabilitySet, capabilities, capabilitySets } from '../abi/capabilities.ts';
import { nearest } from '../abi/near.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch, machineKernelRelease } from '../kernel/machine.ts';
import { type Host, type KernelVersion, parseKernelVersion } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import type { ProfileSelection } from '../pipeline/select-profile.ts';

export interface HostOptions extends ProfileSelection {
  readonly arch?: string;
  readonly kernel?: string;
  readonly caps?: CapabilitySet;
  readonly cap?: readonly string[];
}

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

/** @throws OciSeccompError `ERR_USAGE` for a name no architecture has */
export function parseArch(spelling: string) {
  const row = findArchitecture(spelling);
  if (row !== undefined) return row.name;
  const names = allArchitectures.map(({ name }) => name);
  const near = nearest(spelling, names);
  throw new OciSeccompError('ERR_USAGE', `unknown architecture '${spelling}'`, {
    hint: `${near === undefined ? '' : `did you mean ${near}? `}known are ${names.join(', ')}`,
  });
}

function parseKernel(release: string): KernelVersion {
  const version = parseKernelVersion(release);
  if (version !== undefined) return version;
  throw new OciSeccompError('ERR_USAGE', `'${release}' is no kernel release`, {
    hint: 'write it as 6.1 or 5.15.0-91',
  });
}

function parseCapabilities(options: HostOptions, profile: Profile): readonly string[] | undefined {
  const fromBundle = options.caps === undefined && profile.container !== undefined;
  const base = fromBundle ? profile.container?.capabilities : capabilitySets[options.caps ?? 'docker'];
  const added = (options.cap ?? []).map(parseCapability);
  if (base === undefined && added.length === 0) return undefined;
  return [...new Set([...(base ?? []), ...added])];
}

/** @throws OciSeccompError `ERR_USAGE` for a name that is no capability */
export function parseCapability(spelling: string): string {
  const upper = spelling.toUpperCase();
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (capabilities.includes(name)) return name;
  const near = nearest(name, capabilities);
  throw new OciSeccompError('ERR_USAGE', `unknown capability '${spelling}'`, {
    hint: near === undefined ? 'capabilities(7) lists them' : `did you mean ${near}?`,
  });
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
  const names = Object.keys(setNames) as CapabilitySet[];
  const known = names.find((name) => {
    const set: readonly string[] = capabilitySets[name];
    return set.length === held.length && held.every((capability) => set.includes(capability));
  });
  if (known !== undefined) return setNames[known];
  return held.length === 1 ? '1 capability' : `${held.length} capabilities`;
}
