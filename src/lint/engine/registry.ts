/**
 * All rules, a line each, by group.
 * @module
 */
import { actionUnknownToKernel } from '../rules/action-unknown-to-kernel.ts';
import { alwaysMatches } from '../rules/always-matches.ts';
import { cannotStart } from '../rules/cannot-start.ts';
import { cloneWithoutClone3 } from '../rules/clone-without-clone3.ts';
import { conditionalMadeMoot } from '../rules/conditional-made-moot.ts';
import { conditionsNeverHold } from '../rules/conditions-never-hold.ts';
import { conflictingActions } from '../rules/conflicting-actions.ts';
import { dangerousAllowed } from '../rules/dangerous-allowed.ts';
import { defaultAllow } from '../rules/default-allow.ts';
import { defaultDrift } from '../rules/default-drift.ts';
import { deprecatedName } from '../rules/deprecated-name.ts';
import { duplicateName } from '../rules/duplicate-name.ts';
import { epermForNewSyscalls } from '../rules/eperm-for-new-syscalls.ts';
import { equivalentOpen } from '../rules/equivalent-open.ts';
import { errnoIgnored } from '../rules/errno-ignored.ts';
import { errnoZero } from '../rules/errno-zero.ts';
import { formRule } from '../rules/form-rules.ts';
import { gvisorReading } from '../rules/gvisor-reading.ts';
import { intArgumentHighBits } from '../rules/int-argument-high-bits.ts';
import { ioUringBypass } from '../rules/io-uring-bypass.ts';
import { keyCase } from '../rules/key-case.ts';
import { killDefaultHardToDebug } from '../rules/kill-default-hard-to-debug.ts';
import { killKillsThreadOnly } from '../rules/kill-kills-thread-only.ts';
import { libseccompMiscompiles } from '../rules/libseccomp-miscompiles.ts';
import { loaderNeeds } from '../rules/loader-needs.ts';
import { maskedEqDroppedBits } from '../rules/masked-eq-dropped-bits.ts';
import { maskedEqSwapped } from '../rules/masked-eq-swapped.ts';
import { missingSubarch } from '../rules/missing-subarch.ts';
import { neverMatches } from '../rules/never-matches.ts';
import { newerSyscallsMissing } from '../rules/newer-syscalls-missing.ts';
import { noArchitectures } from '../rules/no-architectures.ts';
import { notDecided } from '../rules/not-decided.ts';
import { notOnArchitecture } from '../rules/not-on-architecture.ts';
import { notifyContinueSecurity } from '../rules/notify-continue-security.ts';
import { notifyToctou } from '../rules/notify-toctou.ts';
import { nullArgs } from '../rules/null-args.ts';
import { personalityOpen } from '../rules/personality-open.ts';
import { pointerArgument } from '../rules/pointer-argument.ts';
import { redundantWithDefault } from '../rules/redundant-with-default.ts';
import { repeatedArgument } from '../rules/repeated-argument.ts';
import { restartSyscallMissing } from '../rules/restart-syscall-missing.ts';
import { shadowedRule } from '../rules/shadowed-rule.ts';
import { signExtendedInt } from '../rules/sign-extended-int.ts';
import { socketWithoutSocketcall } from '../rules/socket-without-socketcall.ts';
import { socketcallMissing } from '../rules/socketcall-missing.ts';
import { suppressionWithoutReason } from '../rules/suppression-without-reason.ts';
import { time64Missing } from '../rules/time64-missing.ts';
import { tooLong } from '../rules/too-long.ts';
import { traceBypass } from '../rules/trace-bypass.ts';
import { traceWithoutTracer } from '../rules/trace-without-tracer.ts';
import { unknownSyscall } from '../rules/unknown-syscall.ts';
import { unsafeInteger } from '../rules/unsafe-integer.ts';
import { unsortedNames } from '../rules/unsorted-names.ts';
import { unusedSuppression } from '../rules/unused-suppression.ts';
import { vdsoFallbacks } from '../rules/vdso-fallbacks.ts';
import type { LintRule } from './rule.ts';

/** The built-in rules. */
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
  conditionsNeverHold,
  libseccompMiscompiles,
  errnoIgnored,
  errnoZero,
  gvisorReading,
  killKillsThreadOnly,
  actionUnknownToKernel,
  // It lets more through than meant.
  intArgumentHighBits,
  signExtendedInt,
  pointerArgument,
  cloneWithoutClone3,
  socketWithoutSocketcall,
  equivalentOpen,
  ioUringBypass,
  traceBypass,
  missingSubarch,
  defaultAllow,
  dangerousAllowed,
  personalityOpen,
  notifyToctou,
  notifyContinueSecurity,
  // It breaks programs.
  unknownSyscall,
  notOnArchitecture,
  cannotStart,
  traceWithoutTracer,
  socketcallMissing,
  loaderNeeds,
  epermForNewSyscalls,
  time64Missing,
  restartSyscallMissing,
  vdsoFallbacks,
  killDefaultHardToDebug,
  newerSyscallsMissing,
  defaultDrift,
  tooLong,
  // Form.
  formRule('unknown-key'),
  formRule('wrong-dialect-key'),
  keyCase,
  deprecatedName,
  formRule('empty-names'),
  nullArgs,
  unsafeInteger,
  unsortedNames,
  noArchitectures,
  formRule('native-arch-not-portable'),
  formRule('errno-out-of-range'),
  formRule('listener-metadata-without-path'),
  formRule('speculation-allowed'),
  formRule('minkernel-malformed'),
  formRule('unknown-capability'),
  formRule('unknown-arch-in-filter'),
  formRule('workload-unconfined'),
  formRule('workload-profile-missing'),
  formRule('workload-profile-ignored'),
  formRule('workload-refused'),
  formRule('workload-unread'),
  formRule('invalid-profile'),
  formRule('ineffective-value'),
  suppressionWithoutReason,
  unusedSuppression,
  notDecided,
];
