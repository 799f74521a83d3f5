/**
 * A profile read in one way: resolved, lowered and decided, with what became of its rules.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { onKernel } from '../decision/answer-call.ts';
import { decideWhatCanBe } from '../decision/decide-policy.ts';
import { FIELD_ARCH, FIELD_NR } from '../decision/diagram-variables.ts';
import { leaf, type Node, type Space } from '../decision/space.ts';
import { restrict } from '../decision/witness.ts';
import { askWithin, workLeft } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import type { HostView } from '../lint/ask/host-view.ts';
import { lacksOf } from '../lint/ask/runtime-lacks.ts';
import type { Host } from '../oci/host.ts';
import { lowerFor, resolveFor } from '../pipeline/resolve-and-lower.ts';
import { type ArchPolicy, expandPolicy } from '../policy/expand-policy.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
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
  /** Calls that the runtime itself makes under the filter and that are denied: no container starts. */
  readonly startLacks: readonly string[];
}

/** Share of the work that is left; the rest is for questions about the meaning. */
const SHARE_OF_MEANING = 0.5;

/** Decides a policy by the given rules. If they are too complex, the answer is `undecided`. */
export function meaningOf(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
  { kernel }: Host,
): Node {
  const { work } = space;
  try {
    const decided = askWithin(work, SHARE_OF_MEANING * workLeft(work), () =>
      decideWhatCanBe(space, policy, expanded),
    );
    return onKernel(space, decided, kernel);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    return leaf(space, { kind: 'undecided', reason: 'the rules are too complex' });
  }
}

/**
 * Reads a profile. A call whose rules are too complex gets the outcome `undecided`; all others are decided.
 *
 * @param space - the diagrams go there: two profiles that are compared share one
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` where engine or runtime refuse it, or seccomp is off
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
  const root = meaningOf(space, policy, expanded, host);
  const read = { name, host, runtime, resolution, seccomp, lowered, policy, expanded };
  const lacks = lacksOf(viewForLint(space, root, reading, read));
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
    startLacks: [...new Set(lacks.map(({ asked }) => asked.syscall))].sort(),
  };
}

/** What the rules of lint ask, without a compiled program. */
function viewForLint(
  space: Space,
  root: Node,
  { noNewPrivileges, capabilities }: ReportReading,
  read: Pick<
    HostView,
    'name' | 'host' | 'runtime' | 'resolution' | 'seccomp' | 'lowered' | 'policy' | 'expanded'
  >,
): HostView {
  return {
    ...read,
    container: { noNewPrivileges, capabilities: capabilities !== undefined },
    space,
    meaningOn: (arch) => {
      const ofArch = restrict(space, root, FIELD_ARCH, architectures[arch].auditArch);
      return (nr) => restrict(space, ofArch, FIELD_NR, nr);
    },
    meaningByCall: () => root,
    meaning: () => root,
    profileRule: () => undefined,
    compiled: [],
    answers: new Map(),
  };
}
