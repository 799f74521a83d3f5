/**
 * A recorded profile kept within another, with its comments.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { intersectProfiles } from '../../compose/compose-profiles.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';

/** The profile that gives each call the stricter verdict of the two. */
export function keepWithin(
  profile: Profile,
  other: Profile,
  otherName: string,
  archs: readonly ArchName[],
): Profile {
  const { profile: composed } = intersectProfiles([profile, other], { archs, dialect: 'docker' });
  const own = new Map(profile.rules.flatMap((rule) => rule.names.map((name) => [name, rule] as const)));
  return { ...composed, rules: composed.rules.flatMap((rule) => explain(rule, own, otherName)) };
}

/** Splits a rule if its names had different comments. That changes nothing for any call. */
function explain(
  rule: ProfileRule,
  own: ReadonlyMap<string, ProfileRule>,
  otherName: string,
): readonly ProfileRule[] {
  const byComment = new Map<string, string[]>();
  for (const name of rule.names) {
    const before = own.get(name);
    const hasMore = rule.args !== undefined && before?.args === undefined;
    const reason = before?.comment ?? 'denied';
    const comment =
      hasMore || rule.includes !== undefined ? `${reason}; as ${otherName} limits them` : reason;
    byComment.set(comment, [...(byComment.get(comment) ?? []), name]);
  }
  return [...byComment].map(([comment, names]) => ({ ...rule, names, comment }));
}
