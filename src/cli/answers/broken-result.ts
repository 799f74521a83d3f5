/**
 * What breaks under a profile that a command wrote.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import type { Profile } from '../../oci/profile.ts';

/**
 * Looks at a profile as a container of Docker on the newest kernel gets it.
 *
 * @param archs - the machines that it was made for; x86_64 counts if it is one, else the first
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
  return brokenUnder(
    callStates(profile, { arch, kernel: NEWEST_KERNEL, capabilities: capabilitySets.docker }),
  );
}
