/**
 * A filter in the language of another program, compared with what that program reads.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { multiplexedCall } from '../abi/syscall-numbers.ts';
import { type ContradictedCall, contradictedCalls, settled } from '../compose/contradicted-rules.ts';
import {
  type ExpressibleFilter,
  requireExpressible,
  type Written,
} from '../compose/convert/expressible-filter.ts';
import { writeLxc } from '../compose/convert/write-lxc.ts';
import { decideMinijail, writeMinijail } from '../compose/convert/write-minijail.ts';
import { writeSystemd } from '../compose/convert/write-systemd.ts';
import { type CallState, callStatesIn } from '../compose/prove-call-edit.ts';
import { decideOn, lowerOn, withKillsOf } from '../compose/prove-composition.ts';
import { synthesizeProfile } from '../compose/synthesize-profile.ts';
import type { Engine } from '../consumers.ts';
import { decidePrograms } from '../decision/answer-call.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences, withRelations } from '../decision/difference.ts';
import { createSpace, type Node, type Space } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import { type DialectName, systemdReleases } from '../oci/dialect-rows.ts';
import type { Host } from '../oci/host.ts';
import type { Dialect, Profile, ProfileRule } from '../oci/profile.ts';
import { readProfile } from '../oci/read-profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { usableProfile } from '../oci/usable-profile.ts';
import { type ArchRule, expandPolicy } from '../policy/expand-policy.ts';
import { lowerProfile } from '../policy/lower-profile.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy } from '../policy/policy.ts';
import type { FilterSource } from './filter-source.ts';
import type { ProgramSource } from './process-source.ts';

/** The languages of policies that are written. */
export type PolicyForm = 'systemd' | 'minijail' | 'lxc';

/** How a filter is converted. */
export interface ConvertOptions {
  readonly to: PolicyForm;
  /** The machine that the policy is for. */
  readonly host: Host;
  /** Who resolves a profile; default: by dialect. */
  readonly engine?: Engine | undefined;
  /** Write a stricter answer where the language cannot say the filter's. */
  readonly stricter: boolean;
}

/** A filter in another language. */
interface Converted {
  readonly to: PolicyForm;
  readonly host: Host;
  readonly text: string;
  /** What is not as in the filter, which comes first: stricter, or a thread killed for a process; empty: equal. */
  readonly lost: readonly ArchDifference[];
  /** Calls for which rules of the profile contradict each other: the strictest is written, and libseccomp may take another. */
  readonly contradicted: readonly ContradictedCall[];
  /** What becomes of calls of the machine's own architecture under the filter. */
  readonly stateBefore: (syscall: string) => CallState | undefined;
  /** The same under the policy. */
  readonly stateOf: (syscall: string) => CallState | undefined;
}

/**
 * Writes a filter in the language of another program.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` with the places of the rules that it cannot say; as `resolveProfile`
 */
export function convertFilter(source: FilterSource, options: ConvertOptions): Converted {
  const subject =
    source.kind === 'profile' ? ofProfile(source.input.profile, options) : ofPrograms(source, options);
  const written = writers[options.to](subject);
  requireExpressible(written.inexpressible, options.stricter);
  const { to, host } = options;
  const read = readers[to](subject, written.text);
  const lost = read.map((again) => {
    const differences = findDifferences(subject.space, subject.root, again);
    requireStricter(subject, again, differences, options);
    return differences;
  });
  const { space, root, contradicted } = subject;
  return {
    to,
    host,
    text: written.text,
    lost: lost.find((each) => each.length > 0) ?? [],
    contradicted,
    stateBefore: callStatesIn(space, root, [host.arch]),
    stateOf: callStatesIn(space, read[0] ?? root, [host.arch]),
  };
}

/** Decides a policy as its own program reads it: one diagram for each group of releases that read it alike. */
const readers: Readonly<Record<PolicyForm, (subject: ExpressibleFilter, text: string) => readonly Node[]>> = {
  systemd: ({ space, host }, text) =>
    systemdReleases.map((release) => decideOn(space, readAgain(text, `systemd@${release}`), host)),
  lxc: ({ space, host }, text) => [
    settled(space, decideAsRead(space, lowerOn(readAgain(text, 'lxc'), host), 'lxc')),
  ],
  minijail: (subject, text) => [decideMinijail(subject, text)],
};

function readAgain(text: string, dialect: DialectName): Profile {
  return usableProfile(
    readProfile(text, { name: `the ${dialect} policy`, dialect }),
    [],
    `the ${dialect} policy`,
  );
}

const writers = { systemd: writeSystemd, minijail: writeMinijail, lxc: writeLxc } as const satisfies Record<
  PolicyForm,
  (subject: ExpressibleFilter) => Written
>;

function ofProfile(profile: Profile, { host, engine }: ConvertOptions): ExpressibleFilter {
  const { seccomp, origins } = resolveProfile(profile, host, { engine });
  if (seccomp === undefined) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      'the profile turns seccomp off: there is no filter to convert',
    );
  }
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: host.arch, table: newestTable });
  const space = createSpace();
  const decided = decideAsRead(space, policy, profile.dialect);
  const root = settled(space, decided);
  const ruleOf = (origin: number): ProfileRule | undefined => profile.rules[origins[origin] ?? -1];
  return {
    space,
    root,
    contradicted: contradictedCalls(
      space,
      { policy, root: decided, isMultiplexed: isMultiplexed(profile.dialect) },
      host.arch,
    ),
    host,
    architectures: policy.architectures,
    standard: policy.defaultAction,
    standardPlace: profile.defaultActionPlace,
    rules: policy.rules.map(({ syscall, returnWord, comparisons, origin }) => ({
      name: syscall,
      word: returnWord,
      comparisons,
      place: ruleOf(origin)?.place,
    })),
  };
}

function ofPrograms(source: ProgramSource, { host, stricter }: ConvertOptions): ExpressibleFilter {
  const space = createSpace();
  const root = settled(space, decidePrograms(space, source.filters));
  const { profile, arch } = synthesizeProfile(space, root, { arch: host.arch, allowStricter: stricter });
  const { seccomp } = resolveProfile(profile, { ...host, arch });
  if (seccomp === undefined) throw new RangeError('a profile with a default action is a filter');
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch, table: newestTable });
  return {
    space,
    root,
    contradicted: [],
    host,
    architectures: policy.architectures,
    standard: policy.defaultAction,
    standardPlace: undefined,
    rules: policy.rules.map(({ syscall, returnWord, comparisons }) => ({
      name: syscall,
      word: returnWord,
      comparisons,
      place: undefined,
    })),
  };
}

/**
 * Decides what a profile's own program makes of it, with contradictions. Of a call that an architecture multiplexes, LXC leaves the
 * rules out, and minijail compares the call's own number alone.
 */
function decideAsRead(space: Space, policy: Policy, dialect: Dialect): Node {
  const expanded = expandPolicy(policy, newestTable);
  if (isMultiplexed(dialect)) return decidePolicy(space, policy, expanded);
  const isAdded = (arch: ArchName, { nr, rule }: ArchRule): boolean => {
    const carried = multiplexedCall(policy.rules[rule]?.syscall ?? '', arch);
    return carried === undefined || (dialect === 'minijail' && carried.nr !== nr);
  };
  const read = expanded.map(({ arch, rules }) => ({
    arch,
    rules: rules.filter((rule) => isAdded(arch, rule)),
  }));
  return decidePolicy(space, policy, read);
}

/** Whether a rule for a call is one for `socketcall` or `ipc` too. */
function isMultiplexed(dialect: Dialect): boolean {
  return dialect !== 'lxc' && dialect !== 'minijail';
}

/**
 * Refuses a result that is not the filter: a looser one is a defect, and a stricter one must be asked for. A killed thread and a
 * killed process count as the same, because the call is not made either way.
 */
function requireStricter(
  { space, root }: ExpressibleFilter,
  again: Node,
  lost: readonly ArchDifference[],
  { to, stricter }: ConvertOptions,
): void {
  if (lost.length === 0) return;
  const differences = findDifferences(space, root, withKillsOf(space, root, again));
  const looser = withRelations(differences, ['looser', 'different', 'unknown']);
  if (stricter && looser.length === 0) return;
  const [first] = looser.length > 0 ? looser : lost;
  const name = first?.changes[0]?.numbers[0]?.name ?? 'some numbers';
  const where = `${name} on ${first?.arch ?? 'other architectures'}`;
  const message =
    looser.length > 0
      ? `a policy of ${to} would be looser than the filter, or answer otherwise: ${where}`
      : `a policy of ${to} would be stricter than the filter: ${where}`;
  const hint =
    looser.length > 0
      ? 'choose another form: --to bwrap takes every filter'
      : '--stricter writes it, and lists what is stricter';
  throw new OciSeccompError('ERR_INEXPRESSIBLE', message, { hint, details: { differences: lost } });
}
