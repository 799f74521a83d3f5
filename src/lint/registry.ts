/**
 * All rules, a line each, by group.
 * @module
 */
import type { LintRule } from './rule.ts';
import { defaultAllow } from './rules/default-allow.ts';
import { invalidProfile } from './rules/invalid-profile.ts';
import { shadowedRule } from './rules/shadowed-rule.ts';
import { suppressionWithoutReason } from './rules/suppression-without-reason.ts';
import { unknownKey } from './rules/unknown-key.ts';
import { unusedSuppression } from './rules/unused-suppression.ts';

export const allRules: readonly LintRule[] = [
  // The profile is not what its author thinks.
  shadowedRule,
  // It lets more through than meant.
  defaultAllow,
  // It breaks programs.
  // Form.
  unknownKey,
  invalidProfile,
  suppressionWithoutReason,
  unusedSuppression,
];
