/**
 * Whether a profile is a copy of an engine's default, so much alike that what it says is for the most part the engine's.
 * @module
 */
import { factsOf } from '../../compose/dated/rule-facts.ts';
import { type NearestBase, nearestBase } from '../../compose/identify-base.ts';
import { isForeign } from '../../oci/dialect-rows.ts';
import type { Profile } from '../../oci/profile.ts';

/** What is smaller was written for one program, and is not looked at. */
const FEWEST_CALLS = 100;
/** What has less in common with a default has gone its own way. */
const SIMILAR = 0.8;

const known = new WeakMap<Profile, { readonly match: NearestBase | undefined }>();

/** The default that a profile is a copy of; `undefined` if it is not a copy. */
export function copiedBase(profile: Profile): NearestBase | undefined {
  const found = known.get(profile) ?? { match: findBase(profile) };
  known.set(profile, found);
  return found.match;
}

function findBase(profile: Profile): NearestBase | undefined {
  if (isForeign(profile.dialect) || factsOf(profile).size < FEWEST_CALLS) return undefined;
  const match = nearestBase(profile);
  return match === undefined || match.similarity < SIMILAR ? undefined : match;
}
