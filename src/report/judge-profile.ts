/**
 * A profile read in one way: resolved, lowered and decided, with what became of its rules.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { onKernel } from '../decision/answer-call.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import type { Node, Space } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import type { HostView } from '../lint/ask/host-view.ts';
import { lacksOf } from '../lint/ask/runtime-lacks.ts';
import { lowerFor, resolveFor } from '../pipeline/resolve-and-lower.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import type { SyscallTable } from '../policy/policy.ts';
import { accountForRules, type RuleAccount } from '../policy/rule-account.ts';
import { parseRuntime } from '../policy/runtimes.ts';
import type { ExplainedWork, ExplainSubject } from './explain-call.ts';
import { hostOfReading, type NamedProfile, type ReportReading } from './reading.ts';

/** What a reading makes of a profile. */
export interface Judged {
  readonly space: Space;
  /** What every call gets. */
  readonly root: Node;
  readonly subject: ExplainSubject & { readonly work: ExplainedWork };
  /** The native one first. */
  readonly architectures: readonly ArchName[];
  readonly account: RuleAccount;
  /** Calls that the runtime itself makes under the filter, and does not get: no container starts. */
  readonly startLacks: readonly string[];
}

/**
 * Reads a profile.
 *
 * @param space - the diagrams go there: two profiles that are compared share one
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` where engine or runtime refuse it, or seccomp is off; `ERR_UNDECIDED`
 */
export function judgeProfile(
  space: Space,
  { name, profile }: NamedProfile,
  reading: ReportReading,
  table: SyscallTable,
): Judged {
  const host = hostOfReading(reading);
  const runtime = parseRuntime(reading.runtime);
  const resolution = resolveFor(profile, { host, engine: reading.engine });
  const { seccomp } = resolution;
  if (seccomp === undefined) {
    throw new OciSeccompError('ERR_PROFILE_SEMANTICS', `${name} turns seccomp off: every call gets through`);
  }
  const lowered = lowerFor(seccomp, { host, runtime, table });
  const { policy } = lowered;
  const expanded = expandPolicy(policy, table);
  const root = onKernel(space, decidePolicy(space, policy, expanded), host.kernel);
  const view: HostView = {
    name,
    host,
    runtime,
    container: {
      noNewPrivileges: reading.noNewPrivileges,
      capabilities: reading.capabilities !== undefined,
    },
    resolution,
    seccomp,
    lowered,
    policy,
    expanded,
    space,
    meaning: () => root,
    profileRule: () => undefined,
    compiled: [],
  };
  return {
    space,
    root,
    subject: {
      name,
      programs: [],
      work: { profile, resolution, lowered, host, runtime, table },
      decided: { space, meant: root },
    },
    architectures: policy.architectures,
    account: accountForRules({ profile, resolution, lowered, expanded }),
    startLacks: [...new Set(lacksOf(view).map(({ asked }) => asked.syscall))].sort(),
  };
}
