/**
 * Meanings back to profiles: intersect, unite, simplify.
 * @module
 */
export {
  type ComposeOptions,
  type Composition,
  intersectProfiles,
  type SimplifyOptions,
  simplifyProfile,
  uniteProfiles,
} from './compose-profiles.ts';
export type { ContradictedCall } from './contradicted-rules.ts';
export type { Join } from './join-meanings.ts';
export type {
  CallEditProof,
  CallVerb,
  EditedCall,
  MovedBorder,
  OtherChange,
} from './prove-call-edit.ts';
export type {
  CompositionProof,
  ContradictedProfiles,
  HostDifference,
  UnlistedHosts,
} from './prove-composition.ts';
export { type Decompiled, type DecompileOptions, synthesizeProfile } from './synthesize-profile.ts';
