/**
 * The proof of a rebase. For every call on a host, the author's changes to the old default are the result's changes to the new one.
 *
 * For any call and arguments: if the author's rules answer as the old default's do, the result answers as the new default's do.
 * Else it answers as the author's do. For a call with a conflict, the result answers as one of the two. All rules are read under
 * the default action and the architectures of the result, because a change of these concerns every call.
 *
 * Where an architecture makes calls through a multiplexer, rules of two names meet at one number. The three-way choice is made
 * for each name: the rules of `socket` are the author's if the author changed them, and those of `socketcall` likewise.
 *
 * NOTE: runc's ENOSYS stub is left out. It follows from the names of a profile alone, so a newer default moves it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { directSyscallNumber, multiplexedCall } from '../abi/syscall-numbers.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences } from '../decision/difference.ts';
import { formatCall, formatOutcome } from '../decision/format-call.ts';
import { effective, relations, whereRelated } from '../decision/relate.ts';
import { and, createSpace, ifThenElse, type Node, type Space } from '../decision/space.ts';
import { archOfCall, evaluate, findWitness } from '../decision/witness.ts';
import type { Work } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import { lowerProfile } from '../policy/lower-profile.ts';
import { newestTable } from '../policy/newest-table.ts';
import { parseRuntime } from '../policy/runtimes.ts';
import { callsOfRule, factsOf, type RuleFacts, sameFacts } from './dated/rule-facts.ts';
import { isMultiplexer, multiplexers } from './multiplexed-calls.ts';
import { proofWork } from './prove-composition.ts';
import type { RebaseConflict, RebasedProfile, RebaseInput } from './rebase-profile.ts';

/** What was proven for a host. */
export interface RebaseProof {
  /** The host. */
  readonly host: Host;
  /** How many calls the result answers in another way than the new default: the author's changes. */
  readonly yours: number;
  /** How many calls it answers in another way than the author's rules did: the new default's changes. */
  readonly updated: number;
}

/**
 * Proves a rebase for a host.
 *
 * @param work - the account of the rebase, if it is proven for more than one host
 * @throws OciSeccompError `ERR_PROOF` with a call that shows what is wrong; `ERR_UNDECIDED`; `ERR_PROFILE_*` for a profile that
 *   the engine or the runtime refuses
 */
export function proveRebase(
  { base, yours, onto }: RebaseInput,
  rebased: Pick<RebasedProfile, 'profile' | 'conflicts'>,
  host: Host,
  work: Work = proofWork(),
): RebaseProof {
  const space = createSpace({ work });
  const { rules: _, ...head } = rebased.profile;
  const decide = ({ rules }: Profile): Node => decideFor(space, { ...head, rules }, host);
  const r = decide(rebased.profile);
  const isChanged = whereRelated(
    space,
    decide(withMultiplexers(base, [])),
    decide(withMultiplexers(yours, [])),
    relations,
  );
  const carriers = multiplexerRules({ base, yours, onto }, rebased.conflicts);
  const [own, theirs] = [yours, onto].map((each) => decide(withMultiplexers(each, carriers))) as [Node, Node];
  const wanted = ifThenElse(space, isChanged, own, theirs);
  const exempt = new Set(
    rebased.conflicts
      .filter(({ isCall, about }) => isCall && !isMultiplexer(about))
      .map(({ about }) => about),
  );
  requireOneOf(space, [own, theirs, r]);
  const [first] = findDifferences(space, wanted, r).flatMap((difference) => outside(difference, exempt));
  if (first !== undefined) throw failed(first);
  return {
    host,
    yours: countCalls(findDifferences(space, decide(onto), r)),
    updated: countCalls(findDifferences(space, decide(yours), r)),
  };
}

/** A profile with other rules for the multiplexers. */
function withMultiplexers({ rules, ...rest }: Profile, carriers: readonly ProfileRule[]): Profile {
  const others = rules.flatMap((rule): readonly ProfileRule[] => {
    const names = callsOfRule(rule).filter((call) => !isMultiplexer(call));
    const { name: _, ...plain } = rule;
    return names.length === 0 ? [] : [{ ...plain, names }];
  });
  return { ...rest, rules: [...others, ...carriers] };
}

/** The rules that each multiplexer should have: the author's if the author changed them, or won a conflict. */
function multiplexerRules(
  { base, yours, onto }: RebaseInput,
  conflicts: readonly RebaseConflict[],
): readonly ProfileRule[] {
  const [before, mine, theirs] = [base, yours, onto].map(factsOf) as [RuleFacts, RuleFacts, RuleFacts];
  return multiplexers.flatMap((name) => {
    const taken = conflicts.find(({ about }) => about === name)?.taken;
    const isOwn = taken === undefined ? !sameFacts(mine.get(name), before.get(name)) : taken === 'yours';
    const facts = (isOwn ? mine : theirs).get(name) ?? [];
    return facts.map(({ rule: { name: _, ...rule } }) => ({ ...rule, names: [name] }));
  });
}

function decideFor(space: Space, profile: Profile, host: Host): Node {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      'the profile turns seccomp off: there is nothing to rebase',
    );
  }
  const { policy } = lowerProfile(seccomp, {
    runtime: parseRuntime('runc'),
    arch: host.arch,
    table: newestTable,
  });
  const bare = { ...policy, enosysStub: undefined };
  return effective(space, decidePolicy(space, bare, expandPolicy(bare, newestTable)));
}

/** Every call gets what the author's profile or the new default answers. */
function requireOneOf(space: Space, [p, n, r]: readonly [Node, Node, Node]): void {
  const isNeither = and(space, whereRelated(space, p, r, relations), whereRelated(space, n, r, relations));
  const call = findWitness(space, isNeither);
  if (call === undefined) return;
  const [own, other, found] = [p, n, r].map((node) =>
    formatOutcome(evaluate(space, node, call), archOfCall(call)),
  );
  throw notProven(`${formatCall(call)} should get ${own} or ${other}, and gets ${found}`);
}

interface Wrong {
  readonly difference: ArchDifference;
  readonly change: ArchDifference['changes'][number];
}

/** The changes for calls without a conflict. */
function outside(difference: ArchDifference, exempt: ReadonlySet<string>): readonly Wrong[] {
  const { arch } = difference;
  return difference.changes
    .filter(({ numbers }) => numbers.some(({ name }) => name === undefined || !isExempt(name, arch, exempt)))
    .map((change) => ({ difference, change }));
}

/** On 32-bit architectures a multiplexer carries some calls. */
function isExempt(name: string, arch: ArchName | undefined, exempt: ReadonlySet<string>): boolean {
  if (exempt.has(name)) return true;
  if (arch === undefined) return false;
  return [...exempt].some((call) => multiplexedCall(call, arch)?.multiplexer === name);
}

function failed({ change }: Wrong): OciSeccompError {
  const [sighting] = change.sightings;
  if (sighting === undefined) return notProven('some call gets something else');
  const [should, gets] = sighting.outcomes.map((each) => formatOutcome(each, archOfCall(sighting.call)));
  return notProven(`${formatCall(sighting.call)} should get ${should}, and gets ${gets}`);
}

function notProven(shown: string): OciSeccompError {
  return new OciSeccompError('ERR_PROOF', `the rebased profile does not keep every change: ${shown}`, {
    hint: 'nothing is written; rules that contradict each other can be the reason: oci-seccomp lint finds them',
  });
}

function countCalls(differences: readonly ArchDifference[]): number {
  const calls = new Set<string>();
  for (const { arch, changes } of differences) {
    for (const { numbers } of changes) {
      for (const { name, from } of numbers) {
        if (name !== undefined && arch !== undefined && directSyscallNumber(name, arch) === from)
          calls.add(name);
      }
    }
  }
  return calls.size;
}
