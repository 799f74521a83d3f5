/**
 * Calls that no rule allows, because the profile leaves their architecture out.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { policiesOn } from '../../compose/policies-on-host.ts';
import { OciSeccompError } from '../../errors.ts';
import { besidesOf } from '../../oci/foreign/host-architectures.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';

/** `add SCMP_ARCH_X86 to the architectures of the profile: …` */
export function addArchitecture(arch: ArchName): string {
  return `add ${architectures[arch].ociArch} to the architectures of the profile: its rules count for the listed ones alone`;
}

/**
 * @param arch - of the call
 * @param hosts - of the profile; none that runs such programs beside its own has them in its filter: the call is denied there
 * @throws OciSeccompError `ERR_INEXPRESSIBLE`
 */
export function requireListed(profile: Profile, name: string, arch: ArchName, hosts: readonly Host[]): void {
  const running = hosts.filter((host) => besidesOf(host.arch).includes(arch));
  const isListed = (host: Host): boolean => policiesOn(profile, host)('runc').architectures.includes(arch);
  if (running.length === 0 || running.some(isListed) || hosts.some((host) => host.arch === arch)) return;
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `${name} does not list ${arch}: no rule allows a call of its programs`,
    { hint: addArchitecture(arch) },
  );
}
