/**
 * Profiles that callers compose: each call checks them wholly, and copies them.
 * @module
 */
import { atLeastOne, takerFor } from '../abi/value-shape.ts';
import type { Node, Space } from '../decision/space.ts';
import { nodeOf, space as shapeOfSpace } from '../decision/space-shape.ts';
import type { Profile } from '../oci/profile.ts';
import { profile as shapeOfProfile } from '../oci/profile-shape.ts';
import type { ComposeOptions, Composition, SimplifyOptions } from './compose-profiles.ts';
import {
  intersectProfiles as uncheckedIntersectProfiles,
  simplifyProfile as uncheckedSimplifyProfile,
  uniteProfiles as uncheckedUniteProfiles,
} from './compose-profiles.ts';
import type { Decompiled, DecompileOptions } from './synthesize-profile.ts';
import { synthesizeProfile as uncheckedSynthesizeProfile } from './synthesize-profile.ts';

/**
 * The profile that gives each call the strictest answer that one of the profiles gives it: as if all were installed.
 *
 * Conditions stay conditions: the result is right for every set of capabilities, kernel and architecture. Of equal actions,
 * the first profile's errno counts. runc's stub for new calls follows from the names of the result.
 *
 * @param profiles - at least one
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_INEXPRESSIBLE`
 *   if no profile can say it; `ERR_UNDECIDED` if it takes too many rules; `ERR_PROFILE_*` for a profile that its engine
 *   refuses
 */
export function intersectProfiles(profiles: readonly Profile[], options: ComposeOptions = {}): Composition {
  const take = takerFor('intersectProfiles');
  return uncheckedIntersectProfiles(
    take('profiles', atLeastOne('profile', shapeOfProfile), profiles),
    options,
  );
}

/**
 * The profile that gives each call the loosest answer that one of the profiles gives it; as {@link intersectProfiles}.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function uniteProfiles(profiles: readonly Profile[], options: ComposeOptions = {}): Composition {
  const take = takerFor('uniteProfiles');
  return uncheckedUniteProfiles(take('profiles', atLeastOne('profile', shapeOfProfile), profiles), options);
}

/**
 * The same meaning in fewer rules, or as many; as {@link intersectProfiles}.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function simplifyProfile(profile: Profile, options: SimplifyOptions = {}): Composition {
  const take = takerFor('simplifyProfile');
  return uncheckedSimplifyProfile(take('profile', shapeOfProfile, profile), options);
}

/**
 * Writes a filter as a profile.
 *
 * @param root - what the filter does, from `decidePrograms`
 * @returns the profile, held against the filter for every call
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_INEXPRESSIBLE`
 *   if no profile was found that says the same, with the differences in `details.differences`
 */
export function synthesizeProfile(space: Space, root: Node, options: DecompileOptions = {}): Decompiled {
  const take = takerFor('synthesizeProfile');
  return uncheckedSynthesizeProfile(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    options,
  );
}
