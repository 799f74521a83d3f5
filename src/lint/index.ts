/**
 * Findings about profiles: rules, their reports, fixes.
 * @module
 */
export type { Edit, Finding, Fix, Level, Range, RelatedPlace, Witness } from './finding.ts';
export type { LintCompiler } from './host-view.ts';
export { type LintOptions, type LintResult, lintProfile, lintProfiles } from './lint.ts';
export { allRules as lintRules } from './registry.ts';
export type { LintRule, RuleGroup } from './rule.ts';
