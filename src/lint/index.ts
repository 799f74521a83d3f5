/**
 * Findings about profiles: rules, their reports, fixes.
 * @module
 */

export type { LintCompiler } from './ask/host-view.ts';
export type { Questions } from './ask/questions.ts';
export type { EditTools } from './edit/edit-tools.ts';
export type { Edit, Finding, Fix, Level, Range, RelatedPlace, Witness } from './engine/finding.ts';
export { type LintOptions, type LintResult, lintProfile, lintProfiles } from './engine/lint-profile.ts';
export { defineRule, type OwnRule, type OwnRuleContext } from './engine/own-rule.ts';
export { allRules as lintRules } from './engine/registry.ts';
export type { LintRule, RuleGroup } from './engine/rule.ts';
