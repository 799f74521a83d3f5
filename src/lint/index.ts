/**
 * Findings about profiles: rules, their reports, fixes.
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { allRules } from './engine/registry.ts';

export type { CallDanger, Companion } from './ask/call-company.ts';
export type { CallOpenness, NamedRule, Openness } from './ask/call-openness.ts';
export type { ComparedCall } from './ask/compared-calls.ts';
export type { CallDenials } from './ask/denied-calls.ts';
export type { CompiledView, HostView, LintCompiler } from './ask/host-view.ts';
export type { NamedCall, NameEntry } from './ask/named-calls.ts';
export type { Container } from './ask/needed-for-start.ts';
export type { PlacedComparison } from './ask/placed-comparisons.ts';
export type { Questions } from './ask/questions.ts';
export type {
  Redundancy,
  RedundancyKind,
  RedundancySighting,
  RuleRedundancy,
} from './ask/redundant-names.ts';
export type { DangerousCall } from './catalog/danger.ts';
export type { CallEdit, Opener, OpenKernel } from './edit/edit-for-call.ts';
export type { CallEditOptions, CallToEdit } from './edit/edit-profile-text.ts';
export type { EditTools } from './edit/edit-tools.ts';
export type { OtherArgument } from './edit/other-arguments.ts';
export type {
  Edit,
  Finding,
  Fix,
  InheritedFinding,
  Level,
  Range,
  RelatedPlace,
  Subject,
  Witness,
} from './engine/finding.ts';
export type { LintOptions, LintResult } from './engine/lint-request.ts';
export { defineRule, type OwnRule, type OwnRuleContext } from './engine/own-rule.ts';
export type { Preset } from './engine/presets.ts';
export { allRules as lintRules } from './engine/registry.ts';
export type { LintRule, RuleGroup } from './engine/rule.ts';
export type { LintContext, Report } from './engine/rule-context.ts';
export { singleFindings } from './given-findings.ts';
export { allowCall, denyCall, lintProfile, lintProfiles } from './on-demand.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen(allRules);
