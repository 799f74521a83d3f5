/**
 * Meanings back to profiles: intersect, unite, simplify.
 * @module
 */
export type { FlagSet, KnownArgument } from '../abi/flag-sets.ts';
export type { ComposeOptions, Composition, SimplifyOptions } from './compose-profiles.ts';
export type { ContradictedCall } from './contradicted-rules.ts';
export type { EditedCall } from './edited-call.ts';
export { intersectProfiles, simplifyProfile, synthesizeProfile, uniteProfiles } from './given-profiles.ts';
export type { Join } from './join-meanings.ts';
export type {
  CallEditProof,
  CallVerb,
  MovedBorder,
  OtherChange,
  UnmetEdit,
} from './prove-call-edit.ts';
export type {
  CompositionProof,
  ContradictedProfiles,
  HostDifference,
  UnlistedHosts,
} from './prove-composition.ts';
export type { Decompiled, DecompileOptions } from './synthesize-profile.ts';
