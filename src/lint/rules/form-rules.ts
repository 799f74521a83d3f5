/**
 * Rules of form that only pass on problems which reading found: one row each. engine/rule-of-problem.ts says which
 * problems each of them reports.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';
import type { LintRule } from '../engine/rule.ts';
import type { ProblemRuleId } from '../engine/rule-of-problem.ts';

const rows = {
  // Keys that no engine reads: their values have no effect. An error where the key looks like one
  // that decides, a note where it is prose.
  'unknown-key': { level: 'error', title: 'A key has no meaning, and its value has no effect' },
  // Keys that another engine reads: a condition that is not seen makes its rule unconditional.
  'wrong-dialect-key': { level: 'error', title: 'A key of another dialect is ignored' },
  // Rules that name nothing: they look like protection but protect nothing.
  'empty-names': { level: 'warn', title: 'A rule names no system call' },
  // A token of libseccomp that runtime-spec does not have, and runtimes refuse.
  'native-arch-not-portable': { level: 'error', title: 'SCMP_ARCH_NATIVE is refused by runtimes' },
  // Error numbers that change on the way: 65536 is cut to 0, and a denied call reports success.
  'errno-out-of-range': { level: 'error', title: 'An error number is refused, or cut to a different number' },
  // Data for an agent that nobody connects to.
  'listener-metadata-without-path': {
    level: 'warn',
    title: 'listenerMetadata has no effect without listenerPath',
  },
  // A flag that concerns no call: older kernels leave a mitigation out for it.
  'speculation-allowed': {
    level: 'note',
    title: 'A flag turns off the mitigation of Speculative Store Bypass',
  },
  // A kernel version that Docker cannot read: it refuses the whole profile.
  'minkernel-malformed': { level: 'error', title: 'minKernel is not of the form "4.8"' },
  // Conditions on capabilities that no container has: the rule never applies, or always.
  'unknown-capability': { level: 'warn', title: 'A condition names a capability that does not exist' },
  // Conditions on architectures in a spelling that no engine compares with: the rule applies never or always.
  'unknown-arch-in-filter': {
    level: 'warn',
    title: 'A condition names an architecture in a way that no engine uses',
  },
  // Pods: what their containers get of the profiles that exist.
  'workload-unconfined': { level: 'warn', title: 'A container of a pod runs without a seccomp filter' },
  'workload-profile-missing': {
    level: 'error',
    title: 'A pod names a profile that is not in the given folder',
  },
  'workload-profile-ignored': { level: 'warn', title: 'A pod names a profile in a way that has no effect' },
  'workload-refused': { level: 'error', title: 'Kubernetes refuses what a pod says about its profile' },
  // Kinds that others define: what makes pods of them decides which profile their containers get.
  'workload-unread': {
    level: 'warn',
    title: 'Containers of an object of an unknown kind were not looked at',
  },
  // Whatever makes engines or runtimes refuse a profile and has no rule of its own.
  'invalid-profile': { level: 'error', title: 'An engine or a runtime refuses the profile' },
  // Values that readers silently drop or change, and that no other rule covers.
  'ineffective-value': {
    level: 'warn',
    title: 'A value is not read as it is written, or not read at all',
  },
} as const satisfies Partial<Record<ProblemRuleId, Pick<LintRule, 'level' | 'title'>>>;

/** The rule of a row. */
export function formRule(id: keyof typeof rows): LintRule {
  const { level, title } = rows[id];
  return ruleFromProblems({ id, level, title });
}
