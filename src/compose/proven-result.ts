/**
 * Takes the first of several ways to write a result for which the proof holds.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { listWords } from '../abi/list-words.ts';
import { formatBareCall, formatOutcome } from '../decision/format-call.ts';
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import { furtherArchitectures, usableOn } from './arrange-architectures.ts';
import { keyOfRule } from './arrange-rules.ts';
import { coveringHosts } from './covering-hosts.ts';
import { callsOfRule } from './dated/rule-facts.ts';
import type { Join } from './join-meanings.ts';
import { isMultiplexer, multiplexers } from './multiplexed-calls.ts';
import { withMultiplexerRules } from './multiplexer-rules.ts';
import {
  type CompositionProof,
  type HostDifference,
  isKill,
  type ProofOptions,
  proofWork,
  proveComposition,
} from './prove-composition.ts';
import type { Situations } from './situations.ts';
import { withinReason } from './write-rules.ts';

/** The hosts that a result is held against. */
interface Hosts {
  /** Those that the profiles list, or that were named: there, the proof has to hold. */
  readonly listed: readonly Host[];
  /** Usual ones that no profile lists. */
  readonly unlisted: readonly Host[];
}

/**
 * Finds the hosts to hold a result against.
 *
 * @param named - those that were asked for; `undefined`: those that the profiles list
 */
export function hostsOf(
  profiles: readonly Profile[],
  situations: readonly Situations[],
  archs: readonly ArchName[],
  named: readonly ArchName[] | undefined,
): Hosts {
  if (named !== undefined) {
    return { listed: coveringHosts(situations, archs, (arch) => named.includes(arch)), unlisted: [] };
  }
  const listed = coveringHosts(situations, archs, usableOn(profiles));
  const known = listed.map(({ arch }) => arch);
  const further = furtherArchitectures(profiles, known);
  return { listed, unlisted: coveringHosts(situations, further, (arch) => further.includes(arch)) };
}

/** A way to write a result, with its proof. */
export interface Attempt {
  readonly profile: Profile;
  readonly proof: CompositionProof;
}

/**
 * Finds the first of several ways to write a result for which the proof holds, if possible also on hosts that no profile lists.
 *
 * @param write - writes the result with some calls' rules as they stand in the inputs
 * @returns where the proof holds for none, one that is stricter if there is one, else the last
 */
export function firstProven(
  write: (asWritten: AsWritten) => Profile,
  profiles: readonly Profile[],
  join: Join,
  { listed, unlisted }: Hosts,
  options: ProofOptions,
): Attempt {
  const first = write(new Set());
  // A name that leaves a rule that it shares with others can cost one more rule.
  const shared = write(callsWithNewRules(profiles, first));
  const tried: Attempt[] = [];
  const { work = proofWork() } = options;
  const prove = (profile: Profile) =>
    proveComposition(profiles, profile, join, listed, unlisted, { ...options, work });
  const attempt = (profile: Profile): Attempt | undefined => {
    const text = keyOfRules(profile);
    const same = tried.find((each) => keyOfRules(each.profile) === text);
    if (same !== undefined) return same;
    // If a later way takes too many steps, the answer of an earlier one stays.
    const proof = tried.length === 0 ? prove(profile) : withinReason(() => prove(profile));
    if (proof === undefined) return undefined;
    tried.push({ profile, proof });
    return { profile, proof };
  };
  // Fewer comparisons can mean something else for 32-bit halves of arguments. The author's are right on every architecture.
  const ways: readonly (() => Profile)[] = [
    () => shortest([first, shared, write('all')]),
    () => write(new Set(tried.flatMap(({ proof }) => [...callsIn(proof)]))),
    () => write('all'),
  ];
  const composing = { inputs: profiles, join, hosts: [...listed, ...unlisted] };
  for (const way of ways) {
    const plain = attempt(way());
    if (plain === undefined) break;
    if (isRightEverywhere(plain)) return plain;
    const names = multiplexers.filter((name) => callsIn(plain.proof).has(name));
    const filled =
      names.length === 0 ? plain : attempt(withMultiplexerRules(composing, plain.profile, names));
    if (filled !== undefined && isRightEverywhere(filled)) return filled;
  }
  return tried.reduce((best, each) => (faults(each) < faults(best) ? each : best));
}

/** What the rules of a profile say, as a text to compare. */
function keyOfRules({ rules }: Profile): string {
  return rules.map((rule) => `${callsOfRule(rule).join()} ${keyOfRule(rule)}`).join('\n');
}

function isRightEverywhere(attempt: Attempt): boolean {
  return faults(attempt) === 0;
}

/** How bad a result is: wrong answers are worst, then stricter ones, then differences on hosts that no profile lists. */
function faults({ proof: { wrong, stricter, unlisted } }: Attempt): number {
  return (wrong.length * MANY + stricter.length) * MANY + unlisted.differences.length;
}

const MANY = 100_000;

/** The one with the fewest rules, of equal ones that with the fewest names. */
function shortest(profiles: readonly [Profile, ...Profile[]]): Profile {
  const size = ({ rules }: Profile): number =>
    rules.length * MANY + rules.reduce((sum, { names }) => sum + names.length, 0);
  return profiles.reduce((best, each) => (size(each) < size(best) ? each : best));
}

/** Calls that got rules which no input has. */
function callsWithNewRules(profiles: readonly Profile[], { rules }: Profile): ReadonlySet<string> {
  const known = new Set(profiles.flatMap((profile) => profile.rules.map(keyOfRule)));
  return new Set(rules.flatMap((rule) => (known.has(keyOfRule(rule)) ? [] : rule.names)));
}

/** Calls whose rules stay as they are. */
export type AsWritten = ReadonlySet<string> | 'all';

function callsIn({ wrong, stricter, unlisted }: CompositionProof): ReadonlySet<string> {
  const changes = [...wrong, ...stricter, ...unlisted.differences].flatMap(({ differences }) =>
    differences.flatMap((each) => each.changes),
  );
  return new Set(changes.flatMap(({ numbers }) => numbers.flatMap(({ name }) => name ?? [])));
}

/**
 * @param isSmaller - whether a stricter result could leave architectures out
 * @param isConditional - whether the profiles have another meaning on another host
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` with the differences in `details.differences`
 */
export function requireProof(
  { hosts, wrong, stricter }: CompositionProof,
  {
    allowStricter,
    isSmaller,
    isConditional,
  }: Readonly<Record<'allowStricter' | 'isSmaller' | 'isConditional', boolean>>,
): void {
  const [first] = wrong.length > 0 ? wrong : stricter;
  if (first === undefined || (wrong.length === 0 && allowStricter)) return;
  const maybeStricter = !allowStricter && (isSmaller || wrong.every(isKilled));
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `no profile can say the result on ${listWords(failedArchs([...wrong, ...stricter]))}: ${missedText(first)}`,
    {
      hint: hintFor(hosts, [...wrong, ...stricter], { maybeStricter, isConditional }),
      details: { differences: first.differences },
    },
  );
}

/** Whether the calls that differ are killed one way or the other, which `--stricter` accepts. */
function isKilled({ differences }: HostDifference): boolean {
  const sightings = differences.flatMap(({ changes }) => changes.flatMap((each) => each.sightings));
  return sightings.every(({ outcomes }) => outcomes.every(isKill));
}

/** What a result misses on a host: `socketcall(1) of x86 should get ALLOW, and the rules that can be written give ERRNO 1` */
function missedText({ host, differences }: HostDifference): string {
  const [difference] = differences;
  const sighting = difference?.changes[0]?.sightings[0];
  if (difference === undefined || sighting === undefined) return 'its calls would need another answer';
  const { arch, constants } = difference;
  const isWhole = constants.every((each) => each !== undefined);
  const call = isWhole ? 'every call' : formatBareCall(sighting.call);
  const on = arch === host.arch ? '' : ` of ${arch ?? 'unknown architectures'}`;
  const [wanted, found] = sighting.outcomes.map((each) =>
    each.kind === 'undecided' ? each.reason : formatOutcome(each, arch),
  );
  return `${call}${on} should get ${wanted}, and the rules that can be written give ${found}`;
}

/** `read`; `socketcall and the calls that it carries` */
function wordingOf(failed: readonly HostDifference[]): string {
  const [name] = failed.flatMap(({ differences }) =>
    differences.flatMap(({ changes }) =>
      changes.flatMap(({ numbers }) => numbers.flatMap((each) => each.name ?? [])),
    ),
  );
  if (name === undefined) return 'its calls';
  return isMultiplexer(name) ? `${name} and the calls that it carries` : name;
}

function failedArchs(failed: readonly HostDifference[]): readonly ArchName[] {
  return [...new Set(failed.map(({ host }) => host.arch))];
}

function hintFor(
  hosts: readonly Host[],
  failed: readonly HostDifference[],
  { maybeStricter, isConditional }: Readonly<Record<'maybeStricter' | 'isConditional', boolean>>,
): string {
  const bad = failedArchs(failed);
  const good = [...new Set(hosts.map(({ arch }) => arch))].filter((arch) => !bad.includes(arch));
  const [other] = failed.flatMap(({ host, differences }) =>
    differences.flatMap(({ arch }) => (arch === undefined || arch === host.arch ? [] : [arch])),
  );
  const limit =
    good.length === 0
      ? other === undefined
        ? isConditional
          ? `--to oci --arch ${bad[0]} makes it for one host, without conditions`
          : `change the rules that answer ${wordingOf(failed)} in one of the profiles`
        : `take ${architectures[other].ociArch} out of the architectures of the profiles: programs of it are then killed`
      : `leave the hosts out on which it cannot be said: ${good.map((arch) => `--for ${arch}`).join(' ')}`;
  return maybeStricter ? `--stricter accepts a stricter answer there; or ${limit}` : limit;
}
