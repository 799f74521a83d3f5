/**
 * What runtimes make of a profile on a host, kept for the next edit of the profile.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import type { Profile } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { lowerProfile } from '../policy/lower-profile.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy } from '../policy/policy.ts';
import { recentAnswers } from '../recent-answers.ts';

/** Policies that are not made again: those of the profile that edits are tried on. */
const policiesMade = recentAnswers(1, (_: Profile) => ({
  rules: 0,
  of: new Map<Host, Map<string, Policy>>(),
}));

/** So many rules of policies are kept of a profile: 20 MB. */
const MOST_KEPT_RULES = 200_000;

/** What the runtimes make of a profile on a host; it is resolved once. @throws OciSeccompError `ERR_PROFILE_*` */
export function policiesOn(profile: Profile, host: Host): (runtime: string) => Policy {
  const made = policiesMade(profile);
  const own = made.of.get(host) ?? new Map<string, Policy>();
  let seccomp: LinuxSeccomp | undefined;
  return (runtime) => {
    const known = own.get(runtime);
    if (known !== undefined) return known;
    seccomp ??= resolvedOn(profile, host);
    const { policy } = lowerProfile(seccomp, { runtime, arch: host.arch, table: newestTable });
    made.rules += policy.rules.length;
    if (made.rules <= MOST_KEPT_RULES) made.of.set(host, own.set(runtime, policy));
    return policy;
  };
}

function resolvedOn(profile: Profile, host: Host): LinuxSeccomp {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      'the profile turns seccomp off: every call gets through',
    );
  }
  return seccomp;
}
