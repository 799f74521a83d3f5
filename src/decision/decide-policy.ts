/**
 * From a policy to a decision: the meaning of the rules that a runtime passes to libseccomp. docs/semantics.md is the long form
 * of this file.
 *
 * For a call of one of the policy's architectures, among the rules for its number:
 *
 * - The first rule without comparisons decides; rules with comparisons on the same call then have no effect.
 * - Otherwise, a rule matches if all its comparisons hold. If no rule matches, the call gets the default action. If all matching
 *   rules have one action, it gets that action. If they have several, that is a conflict: its outcome is the set of these actions.
 *
 * Calls of other architectures get the bad-arch action. If x86_64 is in the filter without x32, so do numbers from 0x40000000
 * on, except -1. runc's ENOSYS stub comes before all of this.
 *
 * gVisor asks the rules for a number in their order, and the first that matches decides. It does not tell x32 apart.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../policy/expand-policy.ts';
import type { EnosysSection, Policy } from '../policy/policy.ts';
import { addRun, fromRuns, type Runs, testComparison } from './condition-diagrams.ts';
import { FIELD_ARCH, FIELD_NR } from './diagram-variables.ts';
import { clearAtCost, clearRoom, isFull, makeWithRoom, openRoom, type Room, tryWithin } from './node-room.ts';
import { mapLeaves } from './relate.ts';
import {
  and,
  countStep,
  FALSE,
  ifThenElse,
  leaf,
  type Node,
  or,
  outcomeAt,
  type Space,
  TRUE,
  wordLeaf,
} from './space.ts';
import { matchedRanges, onlyArgument, whereInRanges } from './value-ranges.ts';
import { workLeft } from './work.ts';

const LAST = 0xffff_ffff;

/**
 * Decides what a policy means.
 *
 * @param expanded - the policy's rules by architecture, from `expandPolicy`
 * @returns a node of the space; outcomes `word` and `conflict`
 * @throws OciSeccompError `ERR_UNDECIDED` if the rules are too many and too entangled for the space
 */
export function decidePolicy(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  return decideWith(space, policy, expanded, deciderFor(policy));
}

/**
 * As {@link decidePolicy}, but call by call. A call whose rules are too complex has the outcome `undecided`, and takes no more than
 * a share of the work that is left. All other calls are decided.
 */
export function decideWhatCanBe(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  const decide = deciderFor(policy);
  // Steps that are kept for joining the calls.
  const kept = SHARE_OF_JOINING * workLeft(space.work);
  const shareOfCall = (): number => SHARE_A_CALL * Math.max(0, workLeft(space.work) - kept);
  return decideWith(space, policy, expanded, (...call) => {
    const most = space.count < FULL * space.maxNodes ? shareOfCall() : 0;
    return (
      tryWithin(space, most, () => decide(...call)) ??
      leaf(space, { kind: 'undecided', reason: 'the rules of this call are too complex' })
    );
  });
}

/** Whether {@link decideWhatCanBe} left a call open in this space. */
export function leftCallsOpen({ outcomes }: Space): boolean {
  return outcomes.some((outcome) => outcome.kind === 'undecided' && outcome.instruction === undefined);
}

/** The share of all nodes above which there is no room to decide one more call and then join all calls. */
const FULL = 0.75;

/** The share of the steps that are left for one call, so that the first complex call leaves enough for the others. */
const SHARE_A_CALL = 0.5;
const SHARE_OF_JOINING = 0.2;

type Decide = typeof decideCall;

function deciderFor({ runtime }: Policy): Decide {
  return runtime.traits.sentry === undefined ? decideCall : decideInOrder;
}

function decideWith(space: Space, policy: Policy, expanded: readonly ArchPolicy[], decide: Decide): Node {
  const badArch = wordLeaf(space, policy.badArchAction);
  const defaultNode = wordLeaf(space, policy.defaultAction);
  const { sentry } = policy.runtime.traits;
  const byAuditArch = new Map<number, Map<ArchName, Runs>>();
  const room = openRoom(space);
  const decided: Runs[] = [];
  for (const each of expanded) {
    const { auditArch } = architectures[each.arch];
    const parts = byAuditArch.get(auditArch) ?? new Map<ArchName, Runs>();
    byAuditArch.set(auditArch, parts);
    const runs: Runs = { ends: [], nodes: [] };
    decided.push(runs);
    numberRuns(space, each, defaultNode, runs, (...call) => {
      keepRuns(room, decided);
      return decide(...call);
    });
    parts.set(each.arch, runs);
  }
  const runs = new Map(
    [...byAuditArch].map(([auditArch, parts]) => [
      auditArch,
      joinParts(parts, badArch, sentry === undefined),
    ]),
  );
  for (const section of policy.enosysStub ?? []) {
    const filter = runs.get(section.auditArch) ?? { ends: [LAST], nodes: [badArch] };
    runs.set(section.auditArch, behindStub(filter, section, wordLeaf(space, stubWord(policy))));
  }
  const nodes = new Map([...runs].map(([auditArch, each]) => [auditArch, fromRuns(space, FIELD_NR, each)]));
  return fromRuns(
    space,
    FIELD_ARCH,
    runsOfPoints(nodes.keys(), (auditArch) => nodes.get(auditArch) ?? badArch, badArch),
  );
}

/** Frees nodes that were made for decided calls and are no part of their meaning. */
function keepRuns(room: Room, decided: readonly Runs[]): void {
  if (!isFull(room)) return;
  clearAtCost(room, () => {
    const moved = clearRoom(
      room,
      decided.flatMap(({ nodes }) => nodes),
    );
    let next = 0;
    for (const { nodes } of decided) {
      for (let at = 0; at < nodes.length; at += 1) nodes[at] = moved[next++] ?? FALSE;
    }
  });
}

/** All numbers of one architecture, split where rules name them. */
function numberRuns(
  space: Space,
  { arch, rules }: ArchPolicy,
  defaultNode: Node,
  runs: Runs,
  decide: Decide,
): void {
  const { bits } = architectures[arch];
  const groups = rulesByNumber(rules);
  const decideNumber = (nr: number): Node => {
    const own = groups.get(nr) ?? [];
    const [first] = own;
    // If the first rule has no comparisons, it decides for every runtime. Most calls have no other rule.
    if (first?.comparisons.length === 0) return wordLeaf(space, first.returnWord);
    return decide(space, own, bits, defaultNode);
  };
  runsOfPoints(groups.keys(), decideNumber, defaultNode, runs);
}

/** Values as runs: single points with their nodes, and `between` for all others. @param runs - empty; filled point by point */
export function runsOfPoints(
  points: Iterable<number>,
  nodeAt: (point: number) => Node,
  between: Node,
  runs: Runs = { ends: [], nodes: [] },
): Runs {
  let next = 0;
  // Typed arrays sort numbers without a call for each pair.
  const ascending = new Float64Array([...points]).sort();
  for (let at = 0; at < ascending.length; at += 1) {
    const value = ascending[at] ?? 0;
    if (value > next) addRun(runs, value - 1, between);
    addRun(runs, value, nodeAt(value));
    next = value + 1;
  }
  if (next <= LAST) addRun(runs, LAST, between);
  return runs;
}

/** What the rules for one number of an architecture mean; `defaultNode` where none matches. */
export function decideCall(space: Space, rules: readonly ArchRule[], bits: 32 | 64, defaultNode: Node): Node {
  for (let at = 0; at < rules.length; at += 1) {
    const rule = rules[at];
    if (rule?.comparisons.length === 0) return wordLeaf(space, rule.returnWord);
  }
  const index = rules.length > 1 ? onlyArgument(rules) : undefined;
  const conditions =
    index === undefined
      ? whereEachMatches(openRoom(space), rules, bits)
      : whereEachIsInRange(space, rules, index, bits);
  const [first] = conditions;
  // Rules with the same action cannot contradict each other.
  if (first !== undefined && conditions.size === 1) {
    return ifThenElse(space, first[1], wordLeaf(space, first[0]), defaultNode);
  }
  let matched: Node = wordLeaf(space, NOTHING);
  for (const [word, condition] of conditions) {
    matched = ifThenElse(space, condition, withWord(space, matched, word), matched);
  }
  return mapLeaves(space, matched, (node) => (isNothing(space, node) ? defaultNode : node));
}

/** As {@link decideCall}, where the first rule that matches decides. */
function decideInOrder(space: Space, rules: readonly ArchRule[], bits: 32 | 64, defaultNode: Node): Node {
  return rules.reduceRight(
    (rest, { comparisons, returnWord }) =>
      ifThenElse(space, allHold(space, comparisons, bits), wordLeaf(space, returnWord), rest),
    defaultNode,
  );
}

/** By action: where one of its rules matches. */
function whereEachMatches(
  room: Room,
  rules: readonly ArchRule[],
  bits: 32 | 64,
): ReadonlyMap<ReturnWord, Node> {
  const { space } = room;
  const conditions = new Map<ReturnWord, Node>();
  const clear = (): void => {
    const words = [...conditions.keys()];
    for (const [i, node] of clearRoom(room, [...conditions.values()]).entries()) {
      const word = words[i];
      if (word !== undefined) conditions.set(word, node);
    }
  };
  for (const { comparisons, returnWord } of rules) {
    const add = (): Node => or(space, allHold(space, comparisons, bits), conditions.get(returnWord) ?? FALSE);
    conditions.set(returnWord, makeWithRoom(room, add, clear));
  }
  return conditions;
}

/** As {@link whereEachMatches}, of rules that compare the same argument. */
function whereEachIsInRange(
  space: Space,
  rules: readonly ArchRule[],
  index: number,
  bits: 32 | 64,
): ReadonlyMap<ReturnWord, Node> {
  // Thousands of ranges may be few nodes, and rules are asked for again without each of them.
  countStep(space, STEPS_A_RANGE * rules.length);
  const byWord = new Map<ReturnWord, ArchRule[]>();
  for (const rule of rules) {
    const own = byWord.get(rule.returnWord);
    if (own === undefined) byWord.set(rule.returnWord, [rule]);
    else own.push(rule);
  }
  const conditions = new Map<ReturnWord, Node>();
  for (const [word, own] of byWord) {
    conditions.set(word, whereInRanges(space, index, bits, matchedRanges(own, bits)));
  }
  return conditions;
}

/** Making and sorting a range takes as long as so many steps do. */
const STEPS_A_RANGE = 4;

/** Stands for "no rule matches" while rules are added; no return word, since those are whole numbers. */
const NOTHING = -1;

function isNothing(space: Space, node: Node): boolean {
  const outcome = outcomeAt(space, node);
  return outcome.kind === 'word' && outcome.word === NOTHING;
}

/** The diagram with one more matching action, a new one, at every leaf. */
function withWord(space: Space, node: Node, word: ReturnWord): Node {
  return mapLeaves(space, node, (each) => {
    const outcome = outcomeAt(space, each);
    const known = outcome.kind === 'conflict' ? outcome.words : outcome.kind === 'word' ? [outcome.word] : [];
    const words = known.filter((other) => other !== NOTHING);
    if (words.length === 0) return wordLeaf(space, word);
    return leaf(space, { kind: 'conflict', words: [...words, word].sort((a, b) => a - b) });
  });
}

/** The condition that all comparisons hold. */
export function allHold(space: Space, comparisons: readonly Comparison[], bits: 32 | 64): Node {
  return comparisons.reduce(
    (node, comparison) => and(space, testComparison(space, comparison, bits), node),
    TRUE,
  );
}

/** The numbers of one audit architecture: of x86_64 below bit 30, of x32 from there on. */
function joinParts(parts: ReadonlyMap<ArchName, Runs>, badArch: Node, tellsX32Apart: boolean): Runs {
  const x32 = parts.get('x32');
  const x86 = parts.get('x86_64');
  const [only] = parts.values();
  if (only !== undefined && (!tellsX32Apart || (x32 === undefined && x86 === undefined))) return only;
  const low = x86 ?? { ends: [LAST], nodes: [badArch] };
  const runs: Runs = { ends: [], nodes: [] };
  addClipped(runs, low, 0, X32_SYSCALL_BIT - 1);
  if (x32 !== undefined) addClipped(runs, x32, X32_SYSCALL_BIT, LAST);
  else {
    // libseccomp counts -1 as a number of x86_64. No call has it; tracers use it to skip a call.
    addRun(runs, LAST - 1, badArch);
    addClipped(runs, low, LAST, LAST);
  }
  return runs;
}

/** Adds the values `from` to `to`; all below `from` are there. */
function addClipped(runs: Runs, { ends, nodes }: Runs, from: number, to: number): void {
  let at = 0;
  for (let last = ends.length - 1; at < last; ) {
    const middle = (at + last) >>> 1;
    if ((ends[middle] ?? LAST) < from) at = middle + 1;
    else last = middle;
  }
  for (; at < ends.length; at += 1) {
    const end = ends[at] ?? LAST;
    addRun(runs, Math.min(end, to), nodes[at] ?? FALSE);
    if (end >= to) return;
  }
}

/** What runc's stub leaves to the filter behind it. */
function behindStub(filter: Runs, { limits }: EnosysSection, answer: Node): Runs {
  return limits.reduce((behind, limit) => {
    const runs: Runs = { ends: [], nodes: [] };
    let next = 0;
    for (const { from, to } of answeredNumbers(limit)) {
      if (from > next) addClipped(runs, behind, next, from - 1);
      addRun(runs, to, answer);
      next = to + 1;
    }
    if (next <= LAST) addClipped(runs, behind, next, LAST);
    return runs;
  }, filter);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const S390_SETUP = 0;

/** Which numbers runc's stub answers, ascending: ranges that are not empty. */
function answeredNumbers(limit: EnosysSection['limits'][number]): readonly Range[] {
  return numbersAbove(limit).filter(({ from, to }) => from <= to);
}

function numbersAbove({ arch, maxNr }: EnosysSection['limits'][number]): readonly Range[] {
  const above: Range = { from: maxNr + 1, to: LAST };
  if (arch === 's390' || arch === 's390x') {
    return [
      { from: S390_SETUP, to: S390_SETUP },
      { from: Math.max(above.from, S390_SETUP + 1), to: LAST },
    ];
  }
  if (arch !== 'x86_64' && arch !== 'x32') return [above];
  // Bit 30 decides, whatever bit 31 says.
  return (arch === 'x32' ? [1, 3] : [0, 2]).map((block) => ({
    from: Math.max(above.from, block * X32_SYSCALL_BIT),
    to: (block + 1) * X32_SYSCALL_BIT - 1,
  }));
}
