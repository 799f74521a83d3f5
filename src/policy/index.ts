/**
 * A resolved profile as a runtime uses it: rules as numbers of each architecture.
 *
 *     LinuxSeccomp ─lowerProfile→ Policy ─expandPolicy→ rules of each architecture
 *
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { tableReleases } from './release-table.ts';

export type { SentryTraits } from '../consumers/sentry-facts.ts';
export type { RuntimeName, RuntimeTraits } from '../consumers.ts';
export type { ArchPolicy, ArchRule } from './expand-policy.ts';
export {
  answeredByStub,
  expandPolicy,
  lowerProfile,
  newestTable,
  parseRuntime,
  releaseTable,
} from './given-policy.ts';
export { consumersFor, formatRuntime, readersOf, traceRules } from './given-readers.ts';
export type { Lowered, LowerOptions, LowerStep, LowerStepKind } from './lower-profile.ts';
export type { EnosysSection, Policy, PolicyRule, SyscallTable } from './policy.ts';
export type { AskedReaders } from './profile-readers.ts';
export { tableReleases } from './release-table.ts';
export type { ProfileWork, RuleTrace, RuleTreatment, TracedCall } from './rule-trace.ts';
export type { Runtime } from './runtimes.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen(tableReleases);
