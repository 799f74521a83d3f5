/**
 * The proof of a composed profile. On hosts that show every combination of conditions, its whole filter is compared with those of
 * the inputs, for every call.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { precedenceOf } from '../abi/return-word.ts';
import { decideFirst, findBetterOrder } from '../decision/argument-order.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences, withRelations } from '../decision/difference.ts';
import { combine } from '../decision/relate.ts';
import { createSpace, type Node, type Outcome, outcomeAt, type Space } from '../decision/space.ts';
import { createWork, type Work } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import { lowerProfile } from '../policy/lower-profile.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy } from '../policy/policy.ts';
import {
  type ContradictedCall,
  contradictedCalls,
  type DecidedRules,
  settled,
  withNewContradictions,
} from './contradicted-rules.ts';
import type { Join } from './join-meanings.ts';

/** What the proof found. */
export interface CompositionProof {
  /** The hosts that were looked at: for each call, they show every combination of the conditions of its rules. */
  readonly hosts: readonly Host[];
  /** How the names became numbers. */
  readonly table: string;
  /** Where the result is stricter than it should be, by host; empty: it is equal for every call. */
  readonly stricter: readonly HostDifference[];
  /** Where it is looser, or gives another answer. */
  readonly wrong: readonly HostDifference[];
  /** What holds on usual hosts that the profiles do not list; empty lists where hosts were named. */
  readonly unlisted: UnlistedHosts;
  /** Calls for which rules of one profile contradict each other on one of the hosts. */
  readonly contradicted: ContradictedProfiles;
}

/** The strictest of contradicting rules counts in a proof; libseccomp may take another one, or refuse the profile. */
export interface ContradictedProfiles {
  /** By input. */
  readonly inputs: readonly (readonly ContradictedCall[])[];
  /** Calls of the result. Rules of an input contradict each other for them too. */
  readonly result: readonly ContradictedCall[];
}

/** Hosts that no profile lists. Profiles start containers there too, but a result need not be right there. */
export interface UnlistedHosts {
  /** Those that were looked at. */
  readonly hosts: readonly Host[];
  /** Those on which the result is not what it should be. */
  readonly differences: readonly HostDifference[];
}

/** How a result differs on one host from what it should be. */
export interface HostDifference {
  /** The host. */
  readonly host: Host;
  /** The first filter is what should be, the second the result. */
  readonly differences: readonly ArchDifference[];
}

/** How a result is held against its inputs. */
export interface ProofOptions {
  /** The account of the composition, if more than one result is held against its inputs. */
  readonly work?: Work | undefined;
  /**
   * Accept a killed thread where the process should be killed: the call is not made either way. Profiles kill the thread for
   * architectures that they do not list. Default: no.
   */
  readonly killsAlike?: boolean;
}

/**
 * Holds a result against what its inputs come to.
 *
 * runc's stub, which answers ENOSYS for numbers above the largest that a profile names, is left out: it follows from the names of
 * the result, and no rule can change it.
 *
 * @param unlisted - hosts that the profiles do not list; what differs there is told, and makes nothing wrong
 */
export function proveComposition(
  inputs: readonly Profile[],
  result: Profile,
  join: Join,
  hosts: readonly Host[],
  unlisted: readonly Host[] = [],
  { work = proofWork(), killsAlike = false }: ProofOptions = {},
): CompositionProof {
  const compare = (on: readonly Host[]) => compareOn({ inputs, result, join, work, killsAlike }, on);
  const { stricter, wrong, contradicted } = compare(hosts);
  const further = compare(unlisted);
  const differences = [...further.wrong, ...further.stricter];
  const table = newestTable.name;
  return { hosts, table, stricter, wrong, unlisted: { hosts: unlisted, differences }, contradicted };
}

/**
 * Steps for all hosts together: about three seconds. A proof for the defaults of Docker and Podman takes half a million steps. To
 * refuse four defaults whose result no profile can say takes five million.
 */
const STEPS_OF_PROOF = 8_000_000;

/** The account of a composition: pass it to the proof of each way to write the result. */
export function proofWork(): Work {
  return createWork(STEPS_OF_PROOF);
}

interface Comparing extends Required<ProofOptions> {
  readonly inputs: readonly Profile[];
  readonly result: Profile;
  readonly join: Join;
}

function compareOn(
  { inputs, result, join, work, killsAlike }: Comparing,
  hosts: readonly Host[],
): Pick<CompositionProof, 'stricter' | 'wrong' | 'contradicted'> {
  const stricter: HostDifference[] = [];
  const wrong: HostDifference[] = [];
  const contradicted = [...inputs, result].map(() => new Map<string, ContradictedCall>());
  for (const host of hosts) {
    const space = createSpace({ work });
    const all = decideTogether(
      space,
      [...inputs, result].map((profile) => lowerOn(profile, host)),
    );
    for (const [which, rules] of all.entries()) {
      for (const call of contradictedCalls(space, rules, host.arch)) addCall(contradicted[which], call);
    }
    const [own, decided] = [all[inputs.length], all.slice(0, inputs.length)];
    if (own === undefined) continue;
    const wanted = join(
      space,
      decided.map(({ root }) => settled(space, root)),
    );
    const found = settled(space, withNewContradictions(space, own, decided));
    if (wanted === found) continue;
    const differences = findDifferences(space, wanted, found);
    const near = killsAlike ? findDifferences(space, wanted, withKillsOf(space, wanted, found)) : differences;
    const worse = withRelations(near, WORSE);
    if (worse.length > 0) wrong.push({ host, differences: worse });
    else if (differences.length > 0) stricter.push({ host, differences });
  }
  const lists = contradicted.map((calls) => [...calls.values()]);
  return { stricter, wrong, contradicted: { inputs: lists.slice(0, -1), result: lists.at(-1) ?? [] } };
}

/** Adds what one host shows to what others did. */
function addCall(
  calls: Map<string, ContradictedCall> | undefined,
  { name, metOn, refusedOn }: ContradictedCall,
): void {
  const before = calls?.get(name);
  const both = (a: readonly ArchName[] = [], b: readonly ArchName[]) => [...new Set([...a, ...b])];
  calls?.set(name, {
    name,
    metOn: both(before?.metOn, metOn),
    refusedOn: both(before?.refusedOn, refusedOn),
  });
}

const WORSE = ['looser', 'different', 'unknown'] as const;

/** The second diagram with the words of the first wherever both kill: the call is not made either way. */
export function withKillsOf(space: Space, wanted: Node, found: Node): Node {
  return combine(space, wanted, found, (x, y) =>
    isKill(outcomeAt(space, x)) && isKill(outcomeAt(space, y)) ? x : y,
  );
}

/** Whether an outcome ends the thread or the process. */
export function isKill(outcome: Outcome): boolean {
  return outcome.kind === 'word' && killThread(outcome.word) === actions.killThread.word;
}

/** KILL_PROCESS as KILL_THREAD, all other words as they are: the call is not made either way. */
export function killThread(word: ReturnWord): ReturnWord {
  return precedenceOf(word) === precedenceOf(actions.killProcess.word) ? actions.killThread.word : word;
}

/** Decides what libseccomp is handed on a host; of rules that contradict each other, the strictest counts. */
export function decideOn(space: Space, profile: Profile, host: Host): Node {
  return decideLowered(space, lowerOn(profile, host));
}

/** What libseccomp is handed on a host. @param runtime - `runc` adds its ENOSYS stub */
export function lowerOn(profile: Profile, host: Host, runtime: 'plain' | 'runc' = 'plain'): Policy {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new OciSeccompError('ERR_PROFILE_SEMANTICS', 'seccomp is off');
  return lowerProfile(seccomp, { runtime, arch: host.arch, table: newestTable }).policy;
}

/** As {@link decideOn}, from what {@link lowerOn} returns. */
export function decideLowered(space: Space, policy: Policy): Node {
  return settled(space, decideRules(space, policy).root);
}

/**
 * As {@link decideLowered}, for a profile that is written here. Where its rules contradict each other, the outcome is undecided.
 */
export function decideResult(space: Space, policy: Policy): Node {
  return settled(space, withNewContradictions(space, decideRules(space, policy), []));
}

/** As {@link decideRules}, of several in an empty space: they share an order of arguments. */
function decideTogether(space: Space, policies: readonly Policy[]): readonly DecidedRules[] {
  const better = findBetterOrder(policies.flatMap((policy) => expandPolicy(policy, newestTable)));
  return decideFirst(space, better, () => policies.map((policy) => decideRules(space, policy)));
}

/** Decides what libseccomp is handed, with contradictions. */
function decideRules(space: Space, policy: Policy): DecidedRules {
  return { policy, root: decidePolicy(space, policy, expandPolicy(policy, newestTable)) };
}
