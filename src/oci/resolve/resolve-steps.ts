/**
 * What resolution did and why, as data. The text of each step is made from it here.
 * @module
 */

/**
 * - `kept`, `dropped`: what became of a rule; there is one such step for every rule
 * - `lost`: something the author wrote that this engine does not see
 * - `profile`: about the profile as a whole
 */
export type ResolveStepKind = 'kept' | 'dropped' | 'lost' | 'profile';

/** `warning`: the profile loses something that its author may want. */
export type ResolveSeverity = 'info' | 'warning';

/** A reason, and what it means for the profile. */
export interface ReasonRow {
  /** What the engine does for this reason. */
  readonly kind: ResolveStepKind;
  /** Whether the profile loses something by it. */
  readonly severity: ResolveSeverity;
  /** Completes the sentence whose subject is the rule or the profile; `what` are the step's `values`, joined. */
  readonly text: (what: string) => string;
}

/** Every reason, one row each. */
export const resolveReasons = {
  unconditional: { kind: 'kept', severity: 'info', text: () => 'kept: it has no conditions' },
  'conditions-hold': { kind: 'kept', severity: 'info', text: () => 'kept: its conditions hold' },
  'conditions-unseen': {
    kind: 'kept',
    severity: 'info',
    text: () => 'kept: the engine sees none of its conditions',
  },
  'excludes-arches': { kind: 'dropped', severity: 'info', text: (arch) => `dropped: excluded on ${arch}` },
  'excludes-caps': { kind: 'dropped', severity: 'info', text: (caps) => `dropped: excluded with ${caps}` },
  'excludes-min-kernel': {
    kind: 'dropped',
    severity: 'info',
    text: (kernel) => `dropped: excluded on kernel ${kernel} and later`,
  },
  'includes-arches': { kind: 'dropped', severity: 'info', text: (arches) => `dropped: only for ${arches}` },
  'includes-caps': { kind: 'dropped', severity: 'info', text: (caps) => `dropped: needs ${caps}` },
  'includes-min-kernel': {
    kind: 'dropped',
    severity: 'info',
    text: (kernel) => `dropped: only on kernel ${kernel} and later`,
  },
  'no-names': { kind: 'dropped', severity: 'warning', text: () => 'dropped: it names no system call' },
  'excludes-min-kernel-empty': {
    kind: 'dropped',
    severity: 'warning',
    text: () => 'dropped: an empty excludes.minKernel is read as 0.0, which every kernel reaches',
  },
  'name-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: (name) => `lost its system call: 'name' (${name}) is not read, only 'names'`,
  },
  'includes-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its condition 'includes' (${what}): the rule always applies`,
  },
  'excludes-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its condition 'excludes' (${what}): the rule always applies`,
  },
  'min-kernel-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its condition ${what}: kernel versions are not tested`,
  },
  'caps-untested': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its condition ${what}: the container has no capability set to test`,
  },
  'errno-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its errno: ${what} is not read, only 'errnoRet'`,
  },
  'errno-ret-overridden': {
    kind: 'lost',
    severity: 'warning',
    text: (what) => `lost its errnoRet: ${what} wins`,
  },
  'arch-map-ignored': {
    kind: 'lost',
    severity: 'warning',
    text: () => `lost its 'archMap': only the native architecture is covered`,
  },
  'arch-map-unmatched': {
    kind: 'profile',
    severity: 'info',
    text: (arch) => `has no archMap entry for ${arch}: only the native architecture is covered`,
  },
  'arch-map-unsupported': {
    kind: 'profile',
    severity: 'warning',
    text: (arch) =>
      `has an archMap entry for ${arch}, which this engine never finds: only the native architecture is covered`,
  },
  'seccomp-off': {
    kind: 'profile',
    severity: 'warning',
    text: () => 'has neither a default action nor rules: seccomp is off',
  },
} as const satisfies Record<string, ReasonRow>;

/** Why an engine did something; stable. */
export type ResolveReason = keyof typeof resolveReasons;

/** One thing that happened to the profile or to a rule. */
export interface ResolveStep {
  /** What the engine did. */
  readonly kind: ResolveStepKind;
  /** Why it did that. */
  readonly reason: ResolveReason;
  /** Index into `Profile.rules`; absent where the step is about the profile. */
  readonly rule?: number;
  /** What decided: architectures, capabilities, a kernel version, a name. */
  readonly values: readonly string[];
  /** Whether the profile loses something that its author may want. */
  readonly severity: ResolveSeverity;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** Builds a step; kind, severity and message follow from the reason. */
export function resolveStep(
  reason: ResolveReason,
  rule: number | undefined,
  values: readonly string[] = [],
): ResolveStep {
  const row: ReasonRow = resolveReasons[reason];
  const subject = rule === undefined ? 'the profile' : `rule ${rule + 1}`;
  return {
    kind: row.kind,
    reason,
    ...(rule === undefined ? {} : { rule }),
    values,
    severity: row.severity,
    message: `${subject} ${row.text(values.join(', '))}`,
  };
}
