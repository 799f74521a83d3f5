/**
 * Whether a profile is a copy of an engine's default: so similar that most of what it says comes from the engine.
 * @module
 */
import { factsOf } from '../../compose/dated/rule-facts.ts';
import { type NearestBase, nearestBase } from '../../compose/identify-base.ts';
import { isForeign } from '../../oci/dialect-rows.ts';
import type { Profile } from '../../oci/profile.ts';
import { recentAnswers } from '../../recent-answers.ts';

/** A profile with fewer calls was written for one program, and is no copy. */
const FEWEST_CALLS = 100;
/** A profile with less in common with the default is the author's own. */
const SIMILAR = 0.8;

/** The default that a profile is a copy of; `undefined` if it is not a copy. */
export const copiedBase = recentAnswers(1, findBase);

function findBase(profile: Profile): NearestBase | undefined {
  if (isForeign(profile.dialect) || factsOf(profile).size < FEWEST_CALLS) return undefined;
  const match = nearestBase(profile);
  return match === undefined || match.similarity < SIMILAR ? undefined : match;
}
