/**
 * Profiles out of profiles: what all of them allow, what any of them allows, or the same in fewer rules.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { flag, type OptionKinds, oneOf, record, someOf, takeOptions } from '../abi/take-options.ts';
import { createSpace, isLeaf, type Node, outcomeAt, type Space, wordLeaf } from '../decision/space.ts';
import type { Work } from '../decision/work.ts';
import type { Dialect, Profile, ProfileRule } from '../oci/profile.ts';
import {
  composeFrame,
  forHosts,
  type Keeping,
  provenArchitectures,
  sameFrame,
} from './arrange-architectures.ts';
import { arrangeInOrder, arrangeRules, keyOfRule, mergeRules, type NameRules } from './arrange-rules.ts';
import { callsOfRule } from './dated/rule-facts.ts';
import { type Join, loosest, only, strictest } from './join-meanings.ts';
import type { CompositionProof } from './prove-composition.ts';
import { type AsWritten, type Attempt, firstProven, hostsOf, requireProof } from './proven-result.ts';
import { type JointMeaning, type Meanings, multiplexedSituations, readMeanings } from './read-meanings.ts';
import { archOf, countSituations, engineRowOf, situationAt } from './situations.ts';
import { actionOf, bodiesOf, type RuleBody, withinReason } from './write-rules.ts';

/** How a composed profile is written. */
export interface ComposeOptions {
  /** The form of the result; default: that of the inputs, `docker` where they differ or have conditions. */
  readonly dialect?: 'docker' | 'podman' | 'oci' | undefined;
  /** The architectures of the hosts that the result is for; default: those that the profiles name, else x86_64, aarch64, arm and s390x. */
  readonly archs?: readonly ArchName[] | undefined;
  /** Accept a result that is stricter than it should be where no profile can say it. Default: refuse. */
  readonly allowStricter?: boolean | undefined;
  /** The account of steps that the proof draws on; default: one of its own. */
  readonly work?: Work | undefined;
}

/** How a simplified profile is written. */
export interface SimplifyOptions extends ComposeOptions {
  /**
   * Rules and names stay in the order of the profile: a new rule stands where the first rule of its names stood, and only
   * neighbours become one rule. Default: rules that differ in their names alone become one, wherever they stand.
   */
  readonly keepOrder?: boolean | undefined;
}

const kinds: OptionKinds<ComposeOptions> = {
  ...{
    dialect: oneOf(['docker', 'podman', 'oci']),
    archs: someOf(Object.keys(architectures)),
    allowStricter: flag,
    work: record,
  },
};

/** A composed profile, and what is proven of it. */
export interface Composition {
  /** The result. */
  readonly profile: Profile;
  /** What holds for it, and on which hosts. */
  readonly proof: CompositionProof;
  /** What the inputs were made into. */
  readonly join: Join;
}

interface Job {
  readonly keeping: Keeping;
  readonly join: Join;
  /** Whether rules that differ in their names alone stay, become one, or become one if they are neighbours. */
  readonly layout: 'as arranged' | 'merged' | 'in order';
}

const jobs = {
  intersect: { keeping: 'common', join: strictest, layout: 'as arranged' },
  union: { keeping: 'all', join: loosest, layout: 'as arranged' },
  simplify: { keeping: 'all', join: only, layout: 'merged' },
} as const satisfies Record<string, Job>;

/**
 * The profile that gives each call the strictest answer that one of the profiles gives it: as if all were installed.
 */
export function intersectProfiles(profiles: readonly Profile[], options: ComposeOptions = {}): Composition {
  return compose(profiles, jobs.intersect, takeOptions('intersectProfiles', options, kinds));
}

/** The profile that gives each call the loosest answer that one of the profiles gives it; as {@link intersectProfiles}. */
export function uniteProfiles(profiles: readonly Profile[], options: ComposeOptions = {}): Composition {
  return compose(profiles, jobs.union, takeOptions('uniteProfiles', options, kinds));
}

/** The same meaning in fewer rules, or as many; as {@link intersectProfiles}. */
export function simplifyProfile(profile: Profile, options: SimplifyOptions = {}): Composition {
  const taken = takeOptions('simplifyProfile', options, { ...kinds, keepOrder: flag });
  const layout = taken.keepOrder === true ? 'in order' : jobs.simplify.layout;
  return compose([profile], { ...jobs.simplify, layout }, taken);
}

function compose(inputs: readonly Profile[], job: Job, options: ComposeOptions): Composition {
  const dialect = options.dialect ?? dialectOf(inputs);
  const { archs = provenArchitectures(inputs, engineRowOf(dialect)) } = options;
  const profiles = inputs.map((input) => forHosts(input, archs));
  const space = createSpace();
  const meanings = readMeanings(space, profiles);
  const result = defaultOfResult(space, profiles, meanings, job, dialect);
  const task: Task = { space, profiles, meanings, job, dialect, defaultOn: result.on };
  const ofCalls = [...meanings.calls.values()].map((each) => each.situations);
  const situations = [...ofCalls, ...multiplexedSituations(profiles)];
  const hosts = hostsOf(profiles, situations, archs, options.archs);
  const allowStricter = options.allowStricter === true;
  const proving = { work: options.work, killsAlike: allowStricter };
  const attempt = (keeping: Keeping): Attempt => {
    const frame = composeFrame(profiles, keeping);
    const write = (asWritten: AsWritten): Profile => {
      const rules = layOut(task, asWritten);
      return { dialect, ...result.fields, ...frame, rules };
    };
    return firstProven(write, profiles, job.join, hosts, proving);
  };
  const first = attempt(job.keeping);
  // Some profiles kill an architecture that not all of them list. Left out of the result, it is killed for certain.
  const isSmaller = job.keeping === 'all' && !sameFrame(profiles, 'all', 'common');
  const isLost = allowStricter && first.proof.wrong.length > 0 && isSmaller;
  const { profile, proof } = isLost ? attempt('common') : first;
  requireProof(proof, { allowStricter, isSmaller, isConditional: profiles.some(isConditional) });
  return { profile, proof, join: job.join };
}

function layOut(task: Task, asWritten: AsWritten): readonly ProfileRule[] {
  const { profiles, job, defaultOn } = task;
  const [profile] = profiles;
  const byName = nameRules(task, asWritten);
  const word = defaultOn('x86_64');
  if (job.layout === 'in order' && profile !== undefined) return arrangeInOrder(profile, byName, word);
  const arranged = arrangeRules(profiles, byName, word);
  return job.layout === 'merged' ? mergeRules(arranged) : arranged;
}

/** What calls get that no rule matches, as the profile says it, and on each architecture. */
interface ResultDefault {
  readonly fields: Pick<Profile, 'defaultAction' | 'defaultErrnoRet' | 'defaultErrno'>;
  readonly on: (arch: ArchName) => ReturnWord;
}

function defaultOfResult(
  space: Space,
  profiles: readonly Profile[],
  { defaultOf }: Meanings,
  { join }: Job,
  dialect: Dialect,
): ResultDefault {
  const words = profiles.map((_, which) => defaultOf(which, 'x86_64'));
  const word = wordOf(
    space,
    join(
      space,
      words.map((each) => wordLeaf(space, each)),
    ),
  );
  const which = words.indexOf(word);
  const owner = profiles[which];
  const hasName = (owner?.defaultErrno ?? '') !== '';
  if (owner === undefined || (hasName && dialect !== 'podman')) {
    const { action, errnoRet } = actionOf(word);
    const fields = {
      defaultAction: action,
      ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
    };
    return { fields, on: () => word };
  }
  const { defaultAction, defaultErrnoRet, defaultErrno } = owner;
  const fields = {
    ...(defaultAction === undefined ? {} : { defaultAction }),
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    ...(defaultErrno === undefined ? {} : { defaultErrno }),
  };
  return { fields, on: (arch) => defaultOf(which, arch) };
}

interface Task {
  readonly space: Space;
  readonly profiles: readonly Profile[];
  readonly meanings: Meanings;
  readonly job: Job;
  readonly dialect: Dialect;
  readonly defaultOn: ResultDefault['on'];
}

function nameRules(task: Task, asWritten: AsWritten): ReadonlyMap<string, NameRules> {
  const result = new Map<string, NameRules>();
  const known = new Map<string, NameRules | undefined>();
  const numbers = new Map<JointMeaning, number>();
  for (const [name, meaning] of task.meanings.calls) {
    const isKept = asWritten === 'all' || asWritten.has(name);
    const number = numbers.get(meaning) ?? numbers.size;
    numbers.set(meaning, number);
    const key = `${number} ${isKept}`;
    const given = known.has(key) ? known.get(key) : rulesOfName(task, name, meaning, isKept);
    known.set(key, given);
    if (given !== undefined) result.set(name, given);
  }
  return result;
}

/** @returns `undefined` for a call that gets the default action */
function rulesOfName(
  task: Task,
  name: string,
  { situations, nodes, ambiguous }: JointMeaning,
  isKept: boolean,
): NameRules | undefined {
  const { space, profiles, job, dialect } = task;
  const joined = Array.from({ length: countSituations(situations) }, (_, index) =>
    job.join(
      space,
      profiles.map((_profile, which) => nodeAt(nodes[which], index)),
    ),
  );
  const archs = joined.map((_, index) => archOf(situations, situationAt(situations, index)));
  const defaults = archs.map(task.defaultOn);
  if (joined.every((node, index) => node === wordLeaf(space, defaults[index] ?? 0))) return undefined;
  const kept = keptFrom(task, { nodes, ambiguous, joined, archs, defaults });
  if (kept >= 0 && (isKept || ambiguous[kept] === true)) return { kind: 'kept', profile: kept };
  const bodies = (): readonly RuleBody[] =>
    bodiesOf(space, { situations, nodes: joined }, defaults, engineRowOf(dialect));
  if (kept < 0) return { kind: 'written', bodies: bodies() };
  // The author's rules stay unless others are fewer.
  const shorter = withinReason(bodies);
  const isShorter = shorter !== undefined && shorter.length < countRules(profiles[kept], name);
  return isShorter ? { kind: 'written', bodies: shorter } : { kind: 'kept', profile: kept };
}

function nodeAt(nodes: readonly Node[] | undefined, index: number): Node {
  const node = nodes?.[index];
  if (node === undefined) throw new RangeError(`there is no situation ${index}`);
  return node;
}

interface Joined extends Pick<JointMeaning, 'nodes' | 'ambiguous'> {
  readonly joined: readonly Node[];
  readonly archs: readonly ArchName[];
  readonly defaults: readonly ReturnWord[];
}

/** The first profile whose rules for a call can stand in the result as they are; -1: none. */
function keptFrom(
  { profiles, meanings, dialect }: Task,
  { nodes, ambiguous, joined, archs, defaults }: Joined,
): number {
  return profiles.findIndex(
    (profile, which) =>
      profile.dialect === dialect &&
      // Where several profiles meet, contradictions are settled; those of a single profile stay.
      (profiles.length === 1 || ambiguous[which] !== true) &&
      archs.every((arch, index) => meanings.defaultOf(which, arch) === defaults[index]) &&
      joined.every((node, index) => nodes[which]?.[index] === node),
  );
}

function countRules(profile: Profile | undefined, name: string): number {
  const own = (profile?.rules ?? []).filter((rule) => callsOfRule(rule).includes(name));
  return new Set(own.map(keyOfRule)).size;
}

/** One dialect for all: the inputs' own, else the one that has all conditions. */
function dialectOf(profiles: readonly Profile[]): 'docker' | 'podman' | 'oci' {
  const dialects = new Set<Dialect>(profiles.map(({ dialect }) => dialect));
  if (dialects.size === 1 && dialects.has('podman')) return 'podman';
  const isOfDocker = dialects.size === 1 && dialects.has('docker');
  return isOfDocker || profiles.some(isConditional) ? 'docker' : 'oci';
}

/** Whether a profile means something else on other hosts. */
function isConditional({ rules, archMap = [] }: Profile): boolean {
  return archMap.length > 0 || rules.some(({ includes, excludes }) => includes ?? excludes);
}

function wordOf(space: Space, node: Node): ReturnWord {
  const outcome = isLeaf(space, node) ? outcomeAt(space, node) : undefined;
  if (outcome?.kind !== 'word') throw new RangeError('a default action is one word');
  return outcome.word;
}
