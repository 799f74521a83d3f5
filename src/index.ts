/**
 * The public API: one call for each job. The stages behind the calls, with plain values between them, are under
 * `oci-seccomp/oci`, `/policy`, `/compile`, `/bpf`, `/decision`, `/lint`, `/kernel` and `/abi`; what needs no machine is also
 * `oci-seccomp/pure`, and libseccomp's own interface `oci-seccomp/libseccomp`.
 * @module
 */

export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorDetailsByCode,
  type ErrorProblem,
  errorCodes,
  OciSeccompError,
  type OciSeccompErrorJson,
  type OciSeccompErrorOf,
  type OciSeccompErrorOptions,
} from './errors.ts';
export type { CallEdit } from './lint/edit/edit-for-call.ts';
export type { CallEditOptions, CallToEdit } from './lint/edit/edit-profile-text.ts';
export type { Finding, Level } from './lint/engine/finding.ts';
export type { LintOptions, LintResult } from './lint/engine/lint-profile.ts';
export { allowCall, denyCall, lintProfile, lintProfiles } from './lint/on-demand.ts';
export { type BuiltinName, builtinProfiles } from './oci/builtin/index.ts';
export { resolveProfile } from './oci/given-profile.ts';
export type { Host } from './oci/host.ts';
export type { LinuxSeccomp } from './oci/linux-seccomp.ts';
export type { Problem } from './oci/problems.ts';
export type { Profile } from './oci/profile.ts';
export type { Resolution } from './oci/resolve-profile.ts';
export { builtinProfile } from './pipeline/builtin-profile.ts';
export type { CompiledProfile, LoweredProfile, Reading } from './pipeline/compile-profile.ts';
export {
  type BaseMatch,
  type CopyForm,
  type DatedFamily,
  identifyBase,
  type NameChanges,
  type RebaseChange,
  type RebaseConflict,
  type RebasedProfile,
  type RebaseProof,
  type Release,
  type ReleaseRun,
  rebaseProfile,
  type Winner,
} from './pipeline/default-bases.ts';
export type { LoadedProfile } from './pipeline/load-profile.ts';
export {
  type AskedCall,
  type CompileProfileResult,
  compileProfile,
  diffFilters,
  explainCall,
  type FilterPrograms,
  isSubset,
  type LoadedFilter,
  type ProfileValidation,
  readFilter,
  simulate,
  validateProfile,
  verifyFilter,
} from './pipeline/one-call.ts';
export type {
  CompileProfileOptions,
  ProfileInput,
  ProfileReading,
  ReportOptions,
  ValidateProfileOptions,
} from './pipeline/profile-options.ts';
export type { Rebase, RebaseOptions } from './pipeline/rebase-onto.ts';
export type { Credentials } from './registry/credentials.ts';
export type { RegistryOptions } from './registry/http-client.ts';
export type { PulledProfile, PullOptions } from './registry/pull-profile.ts';
export type { PushedProfile, PushOptions } from './registry/push-profile.ts';
export { pullProfile, pushProfile } from './registry/registry-on-demand.ts';
export { reportProfile } from './report-on-demand.ts';
