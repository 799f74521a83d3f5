/**
 * What the stages return on the way from a profile to a policy, for those that callers of the library hand in.
 * @module
 */
import {
  count,
  listOf,
  maybe,
  oneOf,
  recordOf,
  type Shape,
  text,
  u32,
  withMembers,
} from '../abi/value-shape.ts';
import { type Engine, engines } from '../consumers.ts';
import { linuxSeccomp, profile } from '../oci/profile-shape.ts';
import { type ResolveReason, type ResolveStep, resolveReasons } from '../oci/resolve/resolve-steps.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { Lowered, LowerStep } from './lower-step.ts';
import { expandedRules, policy, policyRules } from './policy-shape.ts';
import type { ProfileWork } from './rule-trace.ts';

const resolveStep: Shape<ResolveStep> = recordOf<ResolveStep>({
  kind: oneOf(['kept', 'dropped', 'lost', 'profile']),
  reason: oneOf(Object.keys(resolveReasons) as ResolveReason[]),
  rule: maybe(count),
  values: listOf(text),
  severity: oneOf(['info', 'warning']),
  message: text,
});

export const resolution: Shape<Resolution> = recordOf<Resolution>({
  seccomp: maybe(linuxSeccomp),
  origins: listOf(count),
  engine: maybe(oneOf<readonly Engine[]>(engines)),
  steps: listOf(resolveStep),
});

const lowerStep: Shape<LowerStep> = recordOf<LowerStep>({
  kind: oneOf([
    'equals-default-action',
    'unknown-syscall',
    'not-on-architecture',
    'repeated-argument',
    'comparisons-dropped',
    'errno-ignored',
    'errno-truncated',
    'mask-swapped',
    'never-holds',
    'architectures-ignored',
    'flags-ignored',
    'native-architecture-added',
    'enosys-stub',
    'binary-tree',
    'action-unknown-to-kernel',
    'flag-ignored',
    'flags-dropped',
  ]),
  rule: maybe(count),
  syscall: maybe(text),
  returnWord: maybe(u32),
  message: text,
});

export const lowered: Shape<Lowered> = recordOf<Lowered>({
  policy,
  steps: listOf(lowerStep),
  skipped: policyRules,
});

export const profileWork: Shape<ProfileWork> = withMembers<ProfileWork>({
  profile,
  resolution,
  lowered,
  expanded: expandedRules,
});
