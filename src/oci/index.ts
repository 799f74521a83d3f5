/**
 * Profiles: read from text with positions, validated, resolved for a host, written in each dialect.
 *
 *     text ─readProfile→ Profile ─resolveProfile→ LinuxSeccomp
 *
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { engines } from '../consumers.ts';
import { problemInfo } from './problem-codes.ts';
import { resolveReasons } from './resolve/resolve-steps.ts';

export { parseKernelVersion } from '../abi/given-facts.ts';
export { type Consumer, type Engine, engines, type RuntimeFamily } from '../consumers.ts';
export type { FindBase } from './base-profile.ts';
export { type BuiltinName, builtinProfiles } from './builtin/index.ts';
export type { DialectName, ForeignDialect, SystemdRelease } from './dialect-rows.ts';
export type {
  Alias,
  ArrayNode,
  BooleanNode,
  Document,
  Member,
  Node,
  NodeBase,
  NullNode,
  NumberNode,
  ObjectNode,
  Position,
  StringNode,
} from './document.ts';
export {
  mergeBase,
  serializeLinuxSeccomp,
  serializeProfile,
  serializeSeccompProfile,
  usableProfile,
  withBases,
} from './given-document.ts';
export { blocks, isBuiltinName, severityFor } from './given-problems.ts';
export { resolveProfile } from './given-profile.ts';
export { readDocument, readProfile, readProfiles } from './given-text.ts';
export type { Host, KernelVersion } from './host.ts';
export type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from './linux-seccomp.ts';
export {
  type ProblemCategory,
  type ProblemCode,
  type ProblemInfo,
  problemInfo,
  type Severity,
} from './problem-codes.ts';
export type { Problem, ProfileErrorDetails, Readers } from './problems.ts';
export type {
  ArchMapEntry,
  Dialect,
  KubernetesFacts,
  Place,
  Profile,
  ProfileArg,
  ProfileRule,
  RuleConditions,
} from './profile.ts';
export type { ReadDocumentOptions, ReadDocumentResult } from './read-json.ts';
export type { ReadProfileOptions, ReadProfileResult } from './read-profile.ts';
export type { KubernetesObject, ReadFileOptions, ReadObjectResult } from './read-profiles.ts';
export type { ContainerProfile, NodeFacts } from './read-workloads.ts';
export {
  type ReasonRow,
  type ResolveReason,
  type ResolveSeverity,
  type ResolveStep,
  type ResolveStepKind,
  resolveReasons,
} from './resolve/resolve-steps.ts';
export type { Resolution, ResolveOptions } from './resolve-profile.ts';
export type { ObjectNames } from './serialize-kubernetes.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen([engines, problemInfo, resolveReasons]);
