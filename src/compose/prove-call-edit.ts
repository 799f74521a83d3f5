/**
 * The proof of an edit for one call. On hosts that show every combination of conditions, and for every runtime, it tells whether the
 * call gets through, and what else changes.
 * @module
 */
import { type ArchName, architectureByOciArch, architectures } from '../abi/architectures.ts';
import { isMade, seemsAbsent, treatmentOf } from '../abi/carried-out.ts';
import { argumentsOn } from '../abi/clone-arguments.ts';
import { exactJson } from '../abi/exact-json.ts';
import type { KnownArgument } from '../abi/flag-sets.ts';
import { frozen } from '../abi/frozen.ts';
import {
  directSyscallNumber,
  directSyscallNumbers,
  multiplexedCall,
  syscallName,
} from '../abi/syscall-numbers.ts';
import { testComparison } from '../decision/condition-diagrams.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { findDifferences } from '../decision/difference.ts';
import { underFlags } from '../decision/flag-condition.ts';
import { formatBareCall } from '../decision/format-call.ts';
import { restrictCall } from '../decision/partial-call.ts';
import { effective, whereOutcome } from '../decision/relate.ts';
import {
  and,
  createSpace,
  FALSE,
  ifThenElse,
  type Node,
  type Outcome,
  type Space,
  TRUE,
} from '../decision/space.ts';
import { archOfCall, evaluate, findWitness } from '../decision/witness.ts';
import type { Host } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy } from '../policy/policy.ts';
import { recentAnswers } from '../recent-answers.ts';
import { hostArchitectures, usableOn } from './arrange-architectures.ts';
import { withNewContradictions } from './contradicted-rules.ts';
import { coveringHosts } from './covering-hosts.ts';
import { type EditedCall, givenOn, hasGiven, lowerHalves } from './edited-call.ts';
import { policiesOn } from './policies-on-host.ts';
import { multiplexedSituations, readMeanings } from './read-meanings.ts';
import { type PolicyPair, touchedBy } from './touched-calls.ts';

/** What is to become of a call: it gets through, or it does not. */
export type CallVerb = 'allow' | 'deny';

/** The runtimes that an edit is proven for. */
export const provenRuntimes = frozen(['runc', 'crun', 'youki'] as const);

/** Calls beside the asked one that an edit changes the answer of. */
export interface OtherChange {
  /** `undefined`: architectures that libseccomp does not know. */
  readonly arch: ArchName | undefined;
  /** Names, or numbers as text. */
  readonly calls: readonly string[];
  /** The call's answer now, as it stands to the one before. */
  readonly kind: 'looser' | 'mixed' | 'different' | 'stricter' | 'unknown';
  /** The asked call itself, with other arguments or through a multiplexer, which shows no arguments to filters. */
  readonly isOwn: boolean;
  /** The asked call itself, with arguments that differ in their lower halves from the asked ones too. */
  readonly isFar?: true | undefined;
}

/** runc answers ENOSYS for calls newer than all that a profile names. This border moved. */
export interface MovedBorder {
  /** Whose calls these are. */
  readonly arch: ArchName;
  /** Calls that got ENOSYS from runc, and get what the filter says now. */
  readonly reached: readonly string[];
  /** Calls that get ENOSYS from runc now. */
  readonly left: readonly string[];
}

/** Why an edit is not proven. */
export interface UnmetEdit {
  /** The host's architecture. */
  readonly arch: ArchName;
  /** Who would install the filter there: `runc`, `crun`. */
  readonly runtime: string;
  /**
   * Rules contradict each other now for some call, and did not before. libseccomp refuses some such rules (EEXIST), so that no
   * container starts. `socketcall(SYS_SOCKET (1), 0) would get ALLOW and KILL_PROCESS at once`.
   */
  readonly contradiction?: string | undefined;
}

/** What an edit does. */
export interface CallEditProof {
  /** Whether the call gets through, or does not, as it was asked for, on every host and runtime. */
  readonly isMet: boolean;
  /** Why not, the first that was found. */
  readonly unmet?: UnmetEdit | undefined;
  /** Those that it is proven on. */
  readonly hosts: readonly Host[];
  /** Those that it is proven for. */
  readonly runtimes: readonly string[];
  /** Those that deny the call too, and with other arguments besides; absent: none. */
  readonly stricter?: readonly string[] | undefined;
  /** What else changes. */
  readonly others: readonly OtherChange[];
  /** Borders of runc's ENOSYS that move. */
  readonly borders: readonly MovedBorder[];
  /** Architectures on which the call can still be made through a multiplexer with any arguments (of `deny`). */
  readonly throughMultiplexer: readonly ArchName[];
}

/** The hosts that show every combination of a profile's conditions. */
export const hostsOfProfile = recentAnswers(1, findHosts);

function findHosts(profile: Profile): readonly Host[] {
  const meanings = readMeanings(createSpace(), [profile]);
  const situations = [...meanings.calls.values()].map((each) => each.situations);
  const isUsable = usableOn([profile]);
  // Each listed architecture of 64 bits has machines that use the profile.
  const listed = (profile.architectures ?? [])
    .flatMap((name) => architectureByOciArch(name) ?? [])
    .filter(({ name, bits }) => bits === 64 && isUsable(name));
  const archs = new Set([...hostArchitectures([profile]), ...listed.map(({ name }) => name)]);
  return coveringHosts([...situations, ...multiplexedSituations([profile])], [...archs], isUsable);
}

/**
 * Proves an edit; with the same profile twice, tells whether the call gets what is asked for already.
 *
 * Where rules contradict each other for the asked call, it does not get what was asked for. Nor is an edit proven after which rules
 * contradict each other for any call, and did not before. Calls whose rules are the same before and after are not decided.
 *
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that an engine or a runtime refuses; `ERR_UNDECIDED`
 */
export function proveCallEdit(
  before: Profile,
  after: Profile,
  call: EditedCall,
  verb: CallVerb,
  hosts: readonly Host[],
  runtimes: readonly string[] = provenRuntimes,
): CallEditProof {
  const others = new Map<string, OtherChange>();
  const borders = new Map<ArchName, MovedBorder>();
  const open = new Set<ArchName>();
  const known = new Map<string, Wrong & { readonly contradiction?: Contradiction | undefined }>();
  const touched = touchedBy(call.syscall);
  let unmet: CallEditProof['unmet'];
  for (const host of hosts) {
    const policyBefore = policiesOn(before, host);
    const policyAfter = before === after ? policyBefore : policiesOn(after, host);
    for (const runtime of runtimes) {
      const pair = [policyBefore(runtime), policyAfter(runtime)] as const;
      const now = pair[1];
      for (const border of movedBorders(...pair, call.syscall)) borders.set(border.arch, border);
      const parts = touched(pair);
      const key = keyOf(parts);
      let found = known.get(key);
      if (found === undefined) {
        const space = createSpace();
        const nodes = meaningsOf(space, parts);
        found = whereWrong(space, now.architectures, nodes[1], call, verb);
        if (before !== after) {
          found = { ...found, contradiction: newContradiction(space, parts, nodes) };
          collectOthers(space, nodes, call, others);
        }
        known.set(key, found);
      }
      const goal = goalOn(now, found, call, verb, runtime === 'runc');
      unmet ??= goal.unmet === undefined ? undefined : { arch: goal.unmet, runtime };
      unmet ??= found.contradiction === undefined ? undefined : { ...found.contradiction, runtime };
      for (const arch of goal.throughMultiplexer) open.add(arch);
    }
  }
  return {
    isMet: unmet === undefined,
    ...(unmet === undefined ? {} : { unmet }),
    hosts,
    runtimes,
    others: [...others.values()],
    borders: [...borders.values()],
    throughMultiplexer: [...open],
  };
}

type Contradiction = Omit<UnmetEdit, 'runtime'>;

/** A contradiction that the second policy has and the first has not. */
function newContradiction(
  space: Space,
  [old, now]: PolicyPair,
  [before, after]: readonly [Node, Node],
): Contradiction | undefined {
  const known = [{ policy: old, root: before }];
  const root = withNewContradictions(space, { policy: now, root: after }, known);
  if (root === after) return undefined;
  const call = findWitness(
    space,
    whereOutcome(space, root, ({ kind }) => kind === 'undecided'),
  );
  const arch = call === undefined ? undefined : archOfCall(call);
  const outcome = call === undefined ? undefined : evaluate(space, root, call);
  if (call === undefined || arch === undefined || outcome?.kind !== 'undecided') return undefined;
  return { arch, contradiction: `${formatBareCall(call)} would get ${outcome.reason}` };
}

/** What the meaning of two policies without stubs follows from. */
function keyOf(pair: PolicyPair): string {
  const parts = pair.map(({ architectures: archs, defaultAction, badArchAction, rules }) => [
    archs,
    defaultAction,
    badArchAction,
    rules.map(({ syscall, nr, comparisons, returnWord }) => [syscall, nr, comparisons, returnWord]),
  ]);
  return exactJson(parts);
}

function meaningsOf(space: Space, [old, now]: PolicyPair): readonly [Node, Node] {
  const first = meaningOf(space, old);
  return [first, old === now ? first : meaningOf(space, now)];
}

/** Without runc's stub, which follows from the names of a profile alone. */
function meaningOf(space: Space, policy: Policy): Node {
  const bare = { ...policy, enosysStub: undefined };
  return effective(space, decidePolicy(space, bare, expandPolicy(bare, newestTable)));
}

/** Whether a call gets what the verb asks for. NOTIFY and TRACE are for neither verb: a listener or tracer may let calls through. */
function isAsked(outcome: Outcome, verb: CallVerb): boolean {
  if (outcome.kind !== 'word') return false;
  if (verb === 'allow') return isMade(outcome.word);
  return !['made', 'left', 'traced'].includes(treatmentOf(outcome.word));
}

/** Architectures on which a call does not get what was asked for, where no stub answers it. */
interface Wrong {
  readonly direct: ReadonlySet<ArchName>;
  readonly multiplexed: ReadonlySet<ArchName>;
}

function whereWrong(
  space: Space,
  archs: readonly ArchName[],
  root: Node,
  call: EditedCall,
  verb: CallVerb,
): Wrong {
  const isWrong = (arch: ArchName, nr: number, args: readonly bigint[], given: Node): boolean => {
    const node = restrictCall(space, root, { arch, nr, args });
    const wrong = whereOutcome(space, node, (outcome) => !isAsked(outcome, verb));
    return and(space, given, wrong) !== FALSE;
  };
  const direct = archs.filter((arch) => {
    const nr = directSyscallNumber(call.syscall, arch);
    return nr !== undefined && isWrong(arch, nr, [], givenOn(space, call, arch));
  });
  const multiplexed = archs.filter((arch) => {
    const way = multiplexedCall(call.syscall, arch);
    return way !== undefined && isWrong(arch, way.nr, [BigInt(way.argument)], TRUE);
  });
  return { direct: new Set(direct), multiplexed: new Set(multiplexed) };
}

interface Goal {
  /** An architecture on which the call does not get what was asked for. */
  readonly unmet: ArchName | undefined;
  readonly throughMultiplexer: readonly ArchName[];
}

function goalOn(policy: Policy, wrong: Wrong, call: EditedCall, verb: CallVerb, hasStub: boolean): Goal {
  let unmet: ArchName | undefined;
  const throughMultiplexer: ArchName[] = [];
  for (const arch of policy.architectures) {
    const nr = directSyscallNumber(call.syscall, arch);
    // runc's stub does not count numbers of multiplexed calls. After its ENOSYS, programs use the multiplexer.
    const isStubbed = nr !== undefined && hasStub && isBeyondStub(policy, arch, nr);
    const isMultiplexed = multiplexedCall(call.syscall, arch) !== undefined;
    if (isStubbed ? verb === 'allow' && !isMultiplexed : wrong.direct.has(arch)) unmet ??= arch;
    if (!wrong.multiplexed.has(arch)) continue;
    if (verb === 'deny') throughMultiplexer.push(arch);
    else if (!hasGiven(call)) unmet ??= arch;
  }
  return { unmet, throughMultiplexer };
}

function limitOf(policy: Policy, arch: ArchName): number | undefined {
  return policy.enosysStub
    ?.find(({ auditArch }) => auditArch === architectures[arch].auditArch)
    ?.limits.find((each) => each.arch === arch)?.maxNr;
}

function isBeyondStub(policy: Policy, arch: ArchName, nr: number): boolean {
  const limit = limitOf(policy, arch);
  return limit !== undefined && nr >>> 0 > limit;
}

function movedBorders(old: Policy, now: Policy, asked: string): readonly MovedBorder[] {
  // If the filter answers as the stub does, the border makes no difference.
  if (now.defaultAction === stubWord(now)) return [];
  return now.architectures.flatMap((arch) => {
    const [from, to] = [limitOf(old, arch), limitOf(now, arch)];
    if (from === undefined || to === undefined || from === to) return [];
    const between = directSyscallNumbers(arch)
      .filter((nr) => nr > Math.min(from, to) && nr <= Math.max(from, to))
      .flatMap((nr) => syscallName(nr, arch) ?? [])
      .filter((name) => name !== asked);
    if (between.length === 0) return [];
    return [{ arch, reached: to > from ? between : [], left: to > from ? [] : between }];
  });
}

function collectOthers(
  space: Space,
  [old, now]: readonly [Node, Node],
  call: EditedCall,
  others: Map<string, OtherChange>,
): void {
  for (const { arch, changes } of findDifferences(space, old, now)) {
    for (const { kind, numbers } of changes) {
      for (const { from, name, to } of numbers) {
        const part = arch === undefined ? 'other' : partOf(space, [old, now], call, arch, from, name);
        if (part === 'asked') continue;
        const text = name ?? (from === to ? `${from}` : `${from}..${to}`);
        const key = `${arch} ${kind} ${part}`;
        const calls = new Set([...(others.get(key)?.calls ?? []), text]);
        const isFar = part === 'far' ? { isFar: true as const } : {};
        others.set(key, { arch, kind, isOwn: part !== 'other', ...isFar, calls: [...calls] });
      }
    }
  }
}

/** Whether a change is what was asked for, or about the call with other arguments, or about another call. */
function partOf(
  space: Space,
  [old, now]: readonly [Node, Node],
  call: EditedCall,
  arch: ArchName,
  nr: number,
  name: string | undefined,
): 'asked' | 'own' | 'far' | 'other' {
  const multiplexed = multiplexedCall(call.syscall, arch);
  const isDirect = name === call.syscall;
  if (!isDirect && name !== multiplexed?.multiplexer) return 'other';
  const nodes = [old, now].map((root) => restrictCall(space, root, { arch, nr, args: [] })) as [Node, Node];
  const first = { index: 0, op: 'eq', value: BigInt(multiplexed?.argument ?? 0), valueTwo: 0n } as const;
  const isWithin = (region: Node): boolean => ifThenElse(space, region, nodes[1], nodes[0]) === nodes[1];
  if (!isDirect) {
    if (!isWithin(testComparison(space, first, 32))) return 'other';
    return hasGiven(call) ? 'own' : 'asked';
  }
  if (isWithin(givenOn(space, call, arch))) return 'asked';
  return isWithin(givenOn(space, lowerHalves(call), arch)) ? 'own' : 'far';
}

/** What becomes of a call on a host. `fallback`: closed with ENOSYS, after which C libraries try another call. */
export type CallState = 'open' | 'partly' | 'fallback' | 'closed';

/** @param args - flags that are known, in x86_64's order; absent: arguments may be anything */
type StateOf = (syscall: string, args?: readonly KnownArgument[]) => CallState | undefined;

/** Tells what a host makes of calls by name; `undefined` for a call that none of its architectures has. */
export function callStates(profile: Profile, host: Host): StateOf {
  const space = createSpace();
  const policy = policiesOn(profile, host)('crun');
  return callStatesIn(space, meaningOf(space, policy), policy.architectures);
}

/** The same of a filter. @param archs - those that count */
export function callStatesIn(space: Space, root: Node, archs: readonly ArchName[]): StateOf {
  return (syscall, args = []) => {
    const states = archs.flatMap((arch): readonly CallState[] => {
      const nr = directSyscallNumber(syscall, arch);
      if (nr === undefined) return [];
      const all = restrictCall(space, root, { arch, nr, args: [] });
      const node = underFlags(space, all, argumentsOn({ syscall, args }, 'x86_64', arch));
      const where = (test: (outcome: Outcome) => boolean): Node => whereOutcome(space, node, test);
      const isAll = (test: (outcome: Outcome) => boolean): boolean => where((each) => !test(each)) === FALSE;
      if (isAll((outcome) => isAsked(outcome, 'allow'))) return ['open'];
      if (where((outcome) => isAsked(outcome, 'allow')) !== FALSE) return ['partly'];
      return isAll((each) => each.kind === 'word' && seemsAbsent(each.word, arch))
        ? ['fallback']
        : ['closed'];
    });
    const [first] = states;
    return states.every((state) => state === first) ? first : 'partly';
  };
}
