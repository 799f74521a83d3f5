/**
 * What breaks under a profile that a command wrote.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';

/**
 * Looks at a profile as a container of Docker on the newest kernel gets it.
 *
 * @param archs - the machines that it was made for; x86_64 counts if it is one, else the first
 * @returns sentences: what the calls that it denies break, and whether libseccomp may not get through its rules
 */
export async function brokenUnderProfile(
  profile: Profile,
  archs: readonly ArchName[],
): Promise<readonly string[]> {
  const [{ callStates }, { brokenUnder }] = await Promise.all([
    import('../../compose/prove-call-edit.ts'),
    import('../../lint/ask/broken-without.ts'),
  ]);
  const [first = 'x86_64'] = archs;
  const arch = archs.includes('x86_64') ? 'x86_64' : first;
  const host: Host = { arch, kernel: NEWEST_KERNEL, capabilities: capabilitySets.docker };
  return [...brokenUnder(callStates(profile, host)), ...(await tooHardForLibseccomp(profile, host))];
}

/** A proof says what rules mean. It does not say that libseccomp, which the runtimes ask, makes a filter of them. */
async function tooHardForLibseccomp(profile: Profile, host: Host): Promise<readonly string[]> {
  const [{ policiesOn }, { findHazard }] = await Promise.all([
    import('../../compose/policies-on-host.ts'),
    import('../../compile/hazardous-rules.ts'),
  ]);
  const { rules, architectures } = policiesOn(profile, host)('crun');
  const hazard = findHazard(rules, architectures.length);
  if (hazard === undefined) return [];
  return [
    `libseccomp may not get through the rules, and then the start of a container does not end (${hazard}): try it with oci-seccomp compile`,
  ];
}
