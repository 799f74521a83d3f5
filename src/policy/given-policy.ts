/**
 * Resolved profiles and policies that callers hand in: each call checks them wholly, and copies them, unless a call made them.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { frozen } from '../abi/frozen.ts';
import { takeOptions } from '../abi/take-options.ts';
import { archName, callNumber, kernelVersion, maybe, takerFor, text } from '../abi/value-shape.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import { linuxSeccomp } from '../oci/profile-shape.ts';
import { answeredByStub as uncheckedAnsweredByStub } from './answered-by-stub.ts';
import type { ArchPolicy } from './expand-policy.ts';
import { expandPolicy as uncheckedExpandPolicy } from './expand-policy.ts';
import type { Lowered, LowerOptions } from './lower-profile.ts';
import { lowerKinds, lowerProfile as uncheckedLowerProfile } from './lower-profile.ts';
import { newestTable as ownTable } from './newest-table.ts';
import type { Policy, PolicyRule, SyscallTable } from './policy.ts';
import {
  expandable,
  expandedRules,
  policy as shapeOfPolicy,
  runtime as shapeOfRuntime,
  syscallTable,
} from './policy-shape.ts';
import { releaseTable as uncheckedReleaseTable } from './release-table.ts';
import { type Runtime, parseRuntime as uncheckedParseRuntime } from './runtimes.ts';

/** Our own table, generated from libseccomp and newer than most machines' library. */
export const newestTable: SyscallTable = syscallTable.freeze(ownTable);

/**
 * Tells whether the stub in front of a policy's filter answers a call.
 *
 * @param nr - of x32 with bit 30
 * @returns the largest number that is left to the filter, of x32 without bit 30; `undefined`: the filter is asked
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function answeredByStub(policy: Policy, arch: ArchName, nr: number): number | undefined {
  const take = takerFor('answeredByStub');
  return uncheckedAnsweredByStub(
    take('policy', shapeOfPolicy, policy),
    take('arch', archName, arch),
    take('nr', callNumber, nr),
  );
}

/**
 * Expands a policy to the rules of each of its architectures, in its order.
 *
 * @param table - the one that the policy was lowered with
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function expandPolicy(
  policy: Pick<Policy, 'architectures' | 'rules'>,
  table: SyscallTable,
): readonly ArchPolicy[] {
  const take = takerFor('expandPolicy');
  return expandedRules.freeze(
    uncheckedExpandPolicy(take('policy', expandable, policy), take('table', syscallTable, table)),
  );
}

/**
 * Turns a resolved profile into what a runtime hands to libseccomp.
 *
 * @returns the policy, and the steps that were not plain copies, in document order
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_PROFILE_*` for a
 *   profile that was read with problems for which the runtime refuses it (`details.problems`); `ERR_PROFILE_SEMANTICS`
 *   where the runtime would refuse the container on this kernel (`details.rule`: index into `syscalls`, if it is about a
 *   rule); `ERR_USAGE` for an unknown runtime
 */
export function lowerProfile(seccomp: LinuxSeccomp, options: LowerOptions): Lowered {
  const take = takerFor('lowerProfile');
  const taken = takeOptions('lowerProfile', options, lowerKinds);
  const lowered = uncheckedLowerProfile(take('seccomp', linuxSeccomp, seccomp), {
    ...taken,
    runtime:
      typeof taken.runtime === 'object' ? take('runtime', shapeOfRuntime, taken.runtime) : taken.runtime,
    arch: take('arch', archName, taken.arch),
    table: take('table', syscallTable, taken.table),
    kernel: take('kernel', maybe(kernelVersion), taken.kernel),
  });
  lowered.policy.rules.forEach(freezeRule);
  shapeOfPolicy.freeze(lowered.policy);
  return lowered;
}

/** Hundreds of rules share a few lists of comparisons: to look at each member of each would be half of the work of lowering. */
function freezeRule(rule: PolicyRule): void {
  frozen(rule.comparisons);
  Object.freeze(rule);
}

/**
 * The table of a release, `2.5.4`, or of a package that took over names of a newer one.
 *
 * @returns a table that throws `ERR_LIBSECCOMP_TOO_OLD` for an architecture that the release does not know
 * @throws OciSeccompError `ERR_USAGE` for a release that is not known here
 */
export function releaseTable(asked: string): SyscallTable {
  const take = takerFor('releaseTable');
  return syscallTable.freeze(uncheckedReleaseTable(take('asked', text, asked)));
}

/**
 * Reads a runtime's name: `runc` (its newest behaviour), `runc@1.1`, `runc@1.1.5`, `crun`, `youki`, `plain`.
 * A version without patch level means the newest of that series.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown name, or a version older than runc 1.1 or not a version
 */
export function parseRuntime(spelling: string): Runtime {
  const take = takerFor('parseRuntime');
  return uncheckedParseRuntime(take('spelling', text, spelling));
}
