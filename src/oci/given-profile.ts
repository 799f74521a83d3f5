/**
 * The profile that callers resolve: it is checked wholly, and copied. The root imports this file, and importing the root must cost little.
 * @module
 */
import { takerFor } from '../abi/value-shape.ts';
import type { Host } from './host.ts';
import type { Profile } from './profile.ts';
import { host as shapeOfHost, profile as shapeOfProfile } from './profile-shape.ts';
import {
  type Resolution,
  type ResolveOptions,
  resolveProfile as uncheckedResolveProfile,
} from './resolve-profile.ts';

/**
 * Resolves a profile for a host the way an engine does, rule for rule and in document order.
 *
 * NOTE: containerd reads no conditions, no `archMap` and no `name`, and neither does a runtime that gets the profile directly. Each
 * loss is a step of severity `warning`. A rule without names reaches the runtime as `names: null`: crun refuses it, runc skips it;
 * here it is an empty list. A profile with neither default action nor rules is off for every engine and for runc; crun refuses to
 * start such a container.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_PROFILE_*` for a
 *   profile that was read with problems for which the engine, or everybody, refuses it (`details.problems`);
 *   `ERR_PROFILE_SEMANTICS` if the engine refuses the profile (`details`: `engine`, and `rule` (index) and `place` if it is
 *   about a rule), and for a profile whose base is not added; `ERR_USAGE` for an engine that does not exist
 */
export function resolveProfile(profile: Profile, host: Host, options: ResolveOptions = {}): Resolution {
  const take = takerFor('resolveProfile');
  return uncheckedResolveProfile(
    take('profile', shapeOfProfile, profile),
    take('host', shapeOfHost, host),
    options,
  );
}
