/**
 * All rules, a line each, by group.
 * @module
 */
import type { LintRule } from './rule.ts';
import { actionUnknownToKernel } from './rules/action-unknown-to-kernel.ts';
import { alwaysMatches } from './rules/always-matches.ts';
import { conditionalMadeMoot } from './rules/conditional-made-moot.ts';
import { conflictingActions } from './rules/conflicting-actions.ts';
import { defaultAllow } from './rules/default-allow.ts';
import { duplicateName } from './rules/duplicate-name.ts';
import { errnoIgnored } from './rules/errno-ignored.ts';
import { killKillsThreadOnly } from './rules/kill-kills-thread-only.ts';
import { libseccompMiscompiles } from './rules/libseccomp-miscompiles.ts';
import { maskedEqDroppedBits } from './rules/masked-eq-dropped-bits.ts';
import { maskedEqSwapped } from './rules/masked-eq-swapped.ts';
import { neverMatches } from './rules/never-matches.ts';
import { redundantWithDefault } from './rules/redundant-with-default.ts';
import { repeatedArgument } from './rules/repeated-argument.ts';
import { shadowedRule } from './rules/shadowed-rule.ts';
import { unknownKey } from './rules/unknown-key.ts';

export const allRules: readonly LintRule[] = [
  // The profile is not what its author thinks.
  conflictingActions,
  shadowedRule,
  neverMatches,
  alwaysMatches,
  repeatedArgument,
  maskedEqSwapped,
  maskedEqDroppedBits,
  redundantWithDefault,
  duplicateName,
  conditionalMadeMoot,
  libseccompMiscompiles,
  errnoIgnored,
  killKillsThreadOnly,
  actionUnknownToKernel,
  // It lets more through than meant.
  defaultAllow,
  // It breaks programs.
  // Form.
  unknownKey,
];
