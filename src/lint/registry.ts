/**
 * All rules, a line each, by group.
 * @module
 */
import type { LintRule } from './rule.ts';
import { cloneWithoutClone3 } from './rules/clone-without-clone3.ts';
import { dangerousAllowed } from './rules/dangerous-allowed.ts';
import { defaultAllow } from './rules/default-allow.ts';
import { equivalentOpen } from './rules/equivalent-open.ts';
import { intArgumentHighBits } from './rules/int-argument-high-bits.ts';
import { invalidProfile } from './rules/invalid-profile.ts';
import { ioUringBypass } from './rules/io-uring-bypass.ts';
import { missingSubarch } from './rules/missing-subarch.ts';
import { notifyContinueSecurity } from './rules/notify-continue-security.ts';
import { notifyToctou } from './rules/notify-toctou.ts';
import { personalityOpen } from './rules/personality-open.ts';
import { pointerArgument } from './rules/pointer-argument.ts';
import { shadowedRule } from './rules/shadowed-rule.ts';
import { signExtendedInt } from './rules/sign-extended-int.ts';
import { socketWithoutSocketcall } from './rules/socket-without-socketcall.ts';
import { suppressionWithoutReason } from './rules/suppression-without-reason.ts';
import { unknownKey } from './rules/unknown-key.ts';
import { unusedSuppression } from './rules/unused-suppression.ts';

export const allRules: readonly LintRule[] = [
  // The profile is not what its author thinks.
  shadowedRule,
  // It lets more through than meant.
  intArgumentHighBits,
  signExtendedInt,
  pointerArgument,
  cloneWithoutClone3,
  socketWithoutSocketcall,
  equivalentOpen,
  ioUringBypass,
  missingSubarch,
  defaultAllow,
  dangerousAllowed,
  personalityOpen,
  notifyToctou,
  notifyContinueSecurity,
  // It breaks programs.
  // Form.
  unknownKey,
  invalidProfile,
  suppressionWithoutReason,
  unusedSuppression,
];
