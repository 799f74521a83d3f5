/**
 * Profiles that callers write, or join with their bases: each call checks them wholly, and copies them.
 * @module
 */
import { callback, listOf, maybe, takerFor, text, withMembers } from '../abi/value-shape.ts';
import type { Consumer } from '../consumers.ts';
import type { FindBase } from './base-profile.ts';
import { mergeBase as uncheckedMergeBase, withBases as uncheckedWithBases } from './base-profile.ts';
import type { LinuxSeccomp } from './linux-seccomp.ts';
import type { Profile } from './profile.ts';
import { consumer, linuxSeccomp, problems, profile as shapeOfProfile } from './profile-shape.ts';
import type { ReadProfileResult } from './read-profile-tree.ts';
import {
  serializeLinuxSeccomp as uncheckedSerializeLinuxSeccomp,
  serializeProfile as uncheckedSerializeProfile,
} from './serialize.ts';
import type { ObjectNames } from './serialize-kubernetes.ts';
import { serializeSeccompProfile as uncheckedSerializeSeccompProfile } from './serialize-kubernetes.ts';
import { usableProfile as uncheckedUsableProfile } from './usable-profile.ts';

const readResult = withMembers<Pick<ReadProfileResult, 'profile' | 'problems'>>({
  profile: maybe(shapeOfProfile),
  problems,
});

/**
 * The union of a profile's rules and its base's. Everything else is the profile's own, its default action included.
 *
 * @returns a profile without `baseProfileName`; its rules keep their places
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is);
 *   `ERR_PROFILE_SEMANTICS` where both have rules for a system call, some with comparisons, that cannot be put side by
 *   side; versions of the operator differ on these
 */
export function mergeBase(profile: Profile, base: Profile): Profile {
  const take = takerFor('mergeBase');
  return uncheckedMergeBase(take('profile', shapeOfProfile, profile), take('base', shapeOfProfile, base));
}

/**
 * Adds the rules of a profile's base, of that one's base, and so on.
 *
 * @returns the profile itself if it has no base
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is);
 *   `ERR_PROFILE_SEMANTICS` for a base that is missing, in a registry, or built on the profile itself; as {@link mergeBase}
 */
export function withBases(profile: Profile, find: FindBase): Profile {
  const take = takerFor('withBases');
  const findBase = take('find', callback<FindBase>(), find);
  return uncheckedWithBases(take('profile', shapeOfProfile, profile), (name, from) =>
    take('base', maybe(shapeOfProfile), findBase(name, from)),
  );
}

/**
 * Writes a resolved profile as the `linux.seccomp` object of a config.json.
 *
 * @returns JSON, keys in runtime-spec's order, 2 spaces a level, a line feed at the end
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function serializeLinuxSeccomp(seccomp: LinuxSeccomp): string {
  const take = takerFor('serializeLinuxSeccomp');
  return uncheckedSerializeLinuxSeccomp(take('seccomp', linuxSeccomp, seccomp));
}

/**
 * Writes a profile in its own dialect, ready for the engine that reads it; one that was read of systemd, LXC, minijail or bubblewrap in
 * Docker's form. Keys that the engine would not read are written
 * too. Of a bundle (`oci-config`), only `linux.seccomp` and the bounding set are written.
 *
 * @returns JSON in a stable key order, 2 spaces a level, a line feed at the end
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function serializeProfile(profile: Profile): string {
  const take = takerFor('serializeProfile');
  return uncheckedSerializeProfile(take('profile', shapeOfProfile, profile));
}

/**
 * Writes a SeccompProfile, of version v1 unless `like` says another.
 *
 * @returns YAML (or JSON), keys in the order of the API, a line feed at the end
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is);
 *   `ERR_PROFILE_SEMANTICS` for a profile that the object cannot express: an errno of the default action other than EPERM,
 *   an errno of 0, a value above 2^63-1; `ERR_USAGE` for a name that no object can have
 */
export function serializeSeccompProfile(seccomp: LinuxSeccomp, names: ObjectNames): string {
  const take = takerFor('serializeSeccompProfile');
  return uncheckedSerializeSeccompProfile(take('seccomp', linuxSeccomp, seccomp), names);
}

/**
 * The profile that was read, if none of its problems stops one of the readers.
 *
 * @param readers - the engine and the runtime that read it on its way
 * @param name - what to call it in messages
 * @param operand - what to call it on a command line
 * @param dialect - the one that it was read in, if that was asked for
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_PROFILE_*` of the first problem, with all that stop somebody in `details.problems`
 */
export function usableProfile(
  read: Pick<ReadProfileResult, 'profile' | 'problems'>,
  readers: readonly Consumer[],
  name: string,
  operand: string = name,
  dialect?: string,
): Profile {
  const take = takerFor('usableProfile');
  return uncheckedUsableProfile(
    take('read', readResult, read),
    take('readers', listOf(consumer), readers),
    take('name', text, name),
    take('operand', text, operand),
    take('dialect', maybe(text), dialect),
  );
}
