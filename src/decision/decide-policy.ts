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
import { type ArchName, architectures } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../policy/expand-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { decideFirst, findBetterOrder } from './argument-order.ts';
import { testComparison } from './condition-diagrams.ts';
import { type DecidedNumbers, joinNumbers } from './join-numbers.ts';
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

/** Decides what a policy means. In an empty space it chooses the order of arguments. */
export function decidePolicy(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  return decideFirst(space, findBetterOrder(expanded), () => decideInOrder(space, policy, expanded));
}

/** As {@link decidePolicy}, in the order of arguments that the space has. */
export function decideInOrder(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  return joinNumbers(space, policy, expanded, decideNumbers(space, policy, expanded, deciderFor(policy)));
}

/**
 * As {@link decidePolicy}, but call by call. A call whose rules are too complex has the outcome `undecided`, and takes no more than
 * a share of the work that is left. All other calls are decided.
 */
export function decideWhatCanBe(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  return joinNumbers(space, policy, expanded, decideEachNumber(space, policy, expanded));
}

/** As {@link decideWhatCanBe}, before the calls are joined. Most questions are about one call (`numbersOf`). */
export function decideEachNumber(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
): DecidedNumbers {
  const decide = deciderFor(policy);
  return decideFirst(
    space,
    findBetterOrder(expanded),
    () => decideNumbers(space, policy, expanded, decide),
    () => decideWithShares(space, policy, expanded, decide),
  );
}

function decideWithShares(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
  decide: Decide,
): DecidedNumbers {
  // Steps that are kept for joining the calls.
  const kept = SHARE_OF_JOINING * workLeft(space.work);
  const shareOfCall = (): number => SHARE_A_CALL * Math.max(0, workLeft(space.work) - kept);
  return decideNumbers(space, policy, expanded, (...call) => {
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
  return runtime.traits.sentry === undefined ? decideCall : decideFirstMatch;
}

/** Decides the numbers that a rule with comparisons is the first for. All other numbers need no diagram. */
function decideNumbers(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
  decide: Decide,
): DecidedNumbers {
  const defaultNode = makeLeaves(space, policy);
  const room = openRoom(space);
  const decided = new Map<ArchName, Map<number, Node>>();
  for (const { arch, rules } of expanded) {
    const { bits } = architectures[arch];
    const groups = rulesByNumber(rules);
    const nodes = new Map<number, Node>();
    decided.set(arch, nodes);
    for (const nr of comparedNumbers(groups)) {
      keepDecided(room, [...decided.values()]);
      nodes.set(nr, decide(space, groups.get(nr) ?? [], bits, defaultNode));
    }
  }
  return decided;
}

/** Makes the leaves of all answers before a room is opened: so they never move, and `numbersOf` makes none. */
function makeLeaves(space: Space, policy: Policy): Node {
  wordLeaf(space, policy.badArchAction);
  if (policy.enosysStub !== undefined) wordLeaf(space, stubWord(policy));
  policy.rules.forEach(({ returnWord }) => {
    wordLeaf(space, returnWord);
  });
  return wordLeaf(space, policy.defaultAction);
}

/** The numbers for which the first rule has comparisons, ascending. A first rule without decides for every runtime. */
function comparedNumbers(groups: ReadonlyMap<number, readonly ArchRule[]>): readonly number[] {
  const numbers: number[] = [];
  groups.forEach((rules, nr) => {
    if (rules[0]?.comparisons.length !== 0) numbers.push(nr);
  });
  return numbers.sort((a, b) => a - b);
}

/** Frees nodes that were made for decided numbers and are no part of their meaning. */
function keepDecided(room: Room, decided: readonly Map<number, Node>[]): void {
  if (!isFull(room)) return;
  clearAtCost(room, () => {
    const moved = clearRoom(
      room,
      decided.flatMap((nodes) => [...nodes.values()]),
    );
    let next = 0;
    for (const nodes of decided) {
      for (const nr of nodes.keys()) nodes.set(nr, moved[next++] ?? FALSE);
    }
  });
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
function decideFirstMatch(space: Space, rules: readonly ArchRule[], bits: 32 | 64, defaultNode: Node): Node {
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
