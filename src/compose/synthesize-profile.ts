/**
 * From a filter back to a profile: from what a program does with each call to rules that say it.
 *
 * A profile can say less than a program. It has one default action for all architectures, kills the thread for those that it does
 * not list, has the same rules for a name on every architecture, and cannot name the instruction pointer. The result is compared
 * with the program for every call, and what is not equal is returned.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { NEWEST_KERNEL } from '../abi/kernel-history.ts';
import { precedenceOf } from '../abi/return-word.ts';
import {
  allSyscallNames,
  directSyscallNumber,
  multiplexedCall,
  syscallName,
} from '../abi/syscall-numbers.ts';
import { flag, oneOf, takeOptions } from '../abi/take-options.ts';
import { handedOn } from '../consumers.ts';
import { cutByCall, type Slice } from '../decision/cut-diagram.ts';
import { decideCall } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences, withRelations } from '../decision/difference.ts';
import { effective, mapLeaves, mapWords, winningWord } from '../decision/relate.ts';
import { isLeaf, type Node, outcomeAt, type Space, wordLeaf } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { arrangeRules, type NameRules } from './arrange-rules.ts';
import { strictest } from './join-meanings.ts';
import { decideResult, killThread, lowerOn } from './prove-composition.ts';
import { actionOf, bodiesOf, nodeOfNumber, type RuleBody, withinReason, wordsIn } from './write-rules.ts';

/** How a filter is written as a profile. */
export interface DecompileOptions {
  /** The machine's architecture; default: x86_64 if the filter has calls of it, else the first that it has calls of. */
  readonly arch?: ArchName | undefined;
  /**
   * Accept a stricter verdict where no profile can say it, TRAP without its data, and a thread that is killed where the
   * filter kills the process. Default: refuse.
   */
  readonly allowStricter?: boolean | undefined;
}

/** A filter as a profile. */
export interface Decompiled {
  /** The profile, dialect `oci`. */
  readonly profile: Profile;
  /** The runtime under which it means the filter: `runc` where the filter has the stub that runc puts in front. */
  readonly runtime: 'runc' | 'plain';
  /** The machine's architecture. */
  readonly arch: ArchName;
  /** What is not as in the filter, which comes first; empty: equal for every call. */
  readonly lost: readonly ArchDifference[];
}

/** Writes a filter as a profile. */
export function synthesizeProfile(space: Space, root: Node, options: DecompileOptions = {}): Decompiled {
  const taken = takeOptions('synthesizeProfile', options, {
    arch: oneOf(Object.keys(architectures)),
    allowStricter: flag,
  });
  const whole = effective(space, root);
  const meaning = inWordsOfProfiles(space, whole);
  const slices = cutByCall(space, [meaning]).map(withoutMinusOne);
  const listed = listedSlices(slices);
  const arch = taken.arch ?? nativeOf(listed);
  const top = topNode(slices, arch) ?? meaning;
  const task = { space, whole, top, arch, listed };
  const [plain, stubbed] = [attempt(task, false), attempt(task, true)];
  const best = stubbed !== undefined && isBetter(stubbed, plain) ? stubbed : (plain ?? stubbed);
  if (best === undefined) {
    throw new OciSeccompError(
      'ERR_INEXPRESSIBLE',
      `the filter compares arguments of numbers above all calls of ${arch}, which a profile cannot`,
    );
  }
  requireLittleLost(task, best, taken.allowStricter === true);
  const { profile, runtime, lost } = best;
  return { profile, runtime, arch, lost };
}

interface Task {
  readonly space: Space;
  /** What the filter does. */
  readonly whole: Node;
  /** What numbers get that are larger than any call's of the machine's architecture. */
  readonly top: Node;
  readonly arch: ArchName;
  readonly listed: readonly KnownSlice[];
}

interface KnownSlice extends Slice {
  readonly arch: ArchName;
}

/** The diagram in words that profiles can name: undecided calls count as killed, and TRAP loses its data. */
function inWordsOfProfiles(space: Space, root: Node): Node {
  return mapLeaves(space, root, (leaf) => {
    const outcome = outcomeAt(space, leaf);
    if (outcome.kind === 'undecided') return wordLeaf(space, actions.killProcess.word);
    return outcome.kind === 'word' ? wordLeaf(space, withoutTrapData(outcome.word)) : leaf;
  });
}

/** TRAP's data is the signal's si_errno. */
function withoutTrapData(word: ReturnWord): ReturnWord {
  return precedenceOf(word) === precedenceOf(actions.trap.word) ? actions.trap.word : word;
}

/** -1 is no call. Beside the numbers of x86_64 it would be taken for the end of them, where runc's stub begins. */
function withoutMinusOne(slice: Slice): Slice {
  if (slice.arch !== 'x86_64') return slice;
  return { ...slice, numbers: slice.numbers.filter(({ from }) => from <= LAST_CALL) };
}

/** The architectures that have calls of their own: those for which the filter tells numbers apart. */
function listedSlices(slices: readonly Slice[]): readonly KnownSlice[] {
  const known = slices.flatMap((slice) => (slice.arch === undefined ? [] : [{ ...slice, arch: slice.arch }]));
  // Negative numbers are no calls, with x32's bit or without: libseccomp treats -1 as a number of x86_64, and runc's stub answers
  // ENOSYS for half of the others.
  const own = ({ numbers }: Slice) => numbers.filter(({ from }) => from <= LAST_CALL);
  return known.filter((slice) => new Set(own(slice).map(({ nodes }) => nodes[0])).size > 1);
}

const LAST_CALL = 0x7fff_ffff;

function nativeOf(listed: readonly KnownSlice[]): ArchName {
  const names = listed.map(({ arch }) => arch);
  const wide = names.find((name) => architectures[name].bits === 64);
  return names.includes('x86_64') ? 'x86_64' : (wide ?? names[0] ?? 'x86_64');
}

/** @param hasStub - whether numbers above all others get ENOSYS from runc's stub, not by the default action */
function attempt(task: Task, hasStub: boolean): Attempt | undefined {
  const { space, arch, listed } = task;
  const defaultAction = hasStub ? defaultBelowStub(task) : wordAt(space, task.top);
  if (defaultAction === undefined) return undefined;
  const byName = new Map<string, NameRules>();
  for (const name of allSyscallNames()) {
    const bodies = bodiesOfName(task, name, defaultAction, hasStub);
    if (bodies.length > 0) byName.set(name, { kind: 'written', bodies });
  }
  const others = listed.map((slice) => slice.arch).filter((name) => name !== arch);
  const { action, errnoRet } = actionOf(defaultAction);
  const rules = arrangeRules([], byName, defaultAction);
  const profile: Profile = {
    dialect: 'oci',
    defaultAction: action,
    ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
    architectures: [arch, ...others].map((name) => architectures[name].ociArch),
    rules: hasStub ? [...rules, ...bordersOfStub(task, rules, action, errnoRet)] : rules,
  };
  const runtime = hasStub ? 'runc' : 'plain';
  const result = decideResult(space, lowerOn(profile, { arch, ...ANY_HOST }, runtime));
  return { profile, runtime, arch, lost: findDifferences(space, task.whole, result), result };
}

/** The profile has no conditions. */
const ANY_HOST = { kernel: NEWEST_KERNEL, capabilities: [] };

/** A profile, and what it means. */
interface Attempt extends Decompiled {
  readonly result: Node;
}

function topNode(slices: readonly Slice[], arch: ArchName): Node | undefined {
  return slices.find((each) => each.arch === arch)?.numbers.at(-1)?.nodes[0];
}

/** The most frequent answer among the calls that are not allowed, where numbers above them get ENOSYS. */
function defaultBelowStub(task: Task): ReturnWord | undefined {
  const { space, listed, arch } = task;
  const slice = listed.find((each) => each.arch === arch);
  if (slice === undefined || wordAt(space, task.top) !== stubWord({ architectures: [arch] }))
    return undefined;
  const counts = new Map<ReturnWord, number>();
  for (const { from, to, nodes } of slice.numbers.slice(0, -1)) {
    const word = wordAt(space, nodes[0] ?? -1);
    if (word === undefined || word === actions.allow.word) continue;
    counts.set(word, (counts.get(word) ?? 0) + to - from + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}

/** The word of a leaf. */
function wordAt(space: Space, node: Node): ReturnWord | undefined {
  const outcome = node >= 0 && isLeaf(space, node) ? outcomeAt(space, node) : undefined;
  return outcome?.kind === 'word' ? outcome.word : undefined;
}

/** The calls just below the stub's borders: a rule has to name them, even if it does nothing else. */
function bordersOfStub(
  { listed }: Task,
  rules: readonly ProfileRule[],
  action: string,
  errnoRet: number | undefined,
): readonly ProfileRule[] {
  const named = new Set(rules.flatMap(({ names }) => names));
  const borders = listed.flatMap(({ arch, numbers }) => {
    const last = numbers.at(-1)?.from ?? 0;
    return syscallName(last - 1, arch) ?? [];
  });
  const names = [...new Set(borders)].filter((name) => !named.has(name));
  if (names.length === 0) return [];
  return [{ names, action, ...(errnoRet === undefined ? {} : { errnoRet }) }];
}

/** The rules of a name. If architectures differ, or no rules can say it, they give the strictest answer. */
function bodiesOfName(
  task: Task,
  name: string,
  defaultAction: ReturnWord,
  hasStub: boolean,
): readonly RuleBody[] {
  const { space, listed } = task;
  const wide: Node[] = [];
  const narrow: Node[] = [];
  for (const slice of listed) {
    const nr = directSyscallNumber(name, slice.arch);
    // runc's stub counts multiplexed calls by the multiplexer, and answers ENOSYS for their own numbers.
    const isBehind = hasStub && nr !== undefined && nr >= (slice.numbers.at(-1)?.from ?? 0);
    if (isBehind && multiplexedCall(name, slice.arch) !== undefined) continue;
    const node = nr === undefined ? undefined : nodeOfNumber(slice, nr);
    if (node !== undefined) (architectures[slice.arch].bits === 64 ? wide : narrow).push(node);
  }
  if (wide.length + narrow.length === 0) return [];
  const [first = wordLeaf(space, defaultAction), ...others] = wide.length > 0 ? wide : narrow;
  const isOne = others.every((node) => node === first);
  const bodies = isOne ? bodiesOfNode(space, first, defaultAction) : undefined;
  if (bodies !== undefined && narrow.every((node) => node === meaningOfHalves(space, bodies, defaultAction)))
    return bodies;
  const joined = strictest(space, [...wide, ...narrow]);
  return bodiesOfNode(space, joined, defaultAction) ?? bodiesOfLeaf(space, joined, defaultAction);
}

/** @returns `undefined` where no rules say it */
function bodiesOfNode(space: Space, node: Node, defaultAction: ReturnWord): readonly RuleBody[] | undefined {
  const situations = { archs: [], kernels: [], caps: [] };
  return withinReason(() => bodiesOf(space, { situations, nodes: [node] }, [defaultAction], handedOn));
}

function bodiesOfLeaf(space: Space, node: Node, defaultAction: ReturnWord): readonly RuleBody[] {
  const [first = defaultAction, ...others] = wordsIn(space, [node]);
  const word = others.reduce(winningWord, first);
  return word === defaultAction ? [] : [{ word, comparisons: [] }];
}

/** What rules mean on 32 bits, where filters see the low half of arguments. */
function meaningOfHalves(space: Space, bodies: readonly RuleBody[], defaultAction: ReturnWord): Node {
  const half = (value: bigint): bigint => BigInt.asUintN(32, value);
  const rules = bodies.map(({ word, comparisons }, rule) => ({
    nr: 0,
    rule,
    returnWord: word,
    comparisons: comparisons.map((each) => ({
      ...each,
      value: half(each.value),
      valueTwo: half(each.valueTwo),
    })),
  }));
  return decideCall(space, rules, 32, wordLeaf(space, defaultAction));
}

function isBetter(one: Decompiled, other: Decompiled | undefined): boolean {
  const count = ({ lost }: Decompiled): number => lost.reduce((sum, { changes }) => sum + changes.length, 0);
  return other === undefined || count(one) < count(other);
}

/** @throws OciSeccompError `ERR_INEXPRESSIBLE` */
function requireLittleLost({ space, whole }: Task, { lost, result }: Attempt, allowStricter: boolean): void {
  if (lost.length === 0) return;
  if (allowStricter) {
    const near = (node: Node): Node => mapWords(space, node, (word) => killThread(withoutTrapData(word)));
    const differences = findDifferences(space, near(whole), near(result));
    if (withRelations(differences, ['looser', 'unknown']).length === 0) return;
  }
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `no profile was found that does what the filter does with ${callsOf(lost)}`,
    {
      hint: allowStricter
        ? 'a profile would be looser than the filter'
        : '--stricter writes a profile that is as strict or stricter, and lists what is not the same',
      details: { differences: lost },
    },
  );
}

/** `read on x86_64 and 12 more calls` */
function callsOf(lost: readonly ArchDifference[]): string {
  const all = lost.flatMap(({ arch, changes }) =>
    changes.flatMap(({ numbers }) =>
      numbers.map(({ name, from }) => `${name ?? `number ${from}`} on ${arch ?? 'an unknown architecture'}`),
    ),
  );
  const more = all.length - 1;
  return more < 1 ? (all[0] ?? 'every call') : `${all[0]} and ${more} more ${more === 1 ? 'call' : 'calls'}`;
}
