/**
 * Where rules contradict each other: rules of different actions match one call. libseccomp refuses some of them (EEXIST), so that no
 * container starts, and of others it does not always take the strictest.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { listWords } from '../abi/list-words.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { multiplexedCall, syscallName } from '../abi/syscall-numbers.ts';
import { equals } from '../decision/condition-diagrams.ts';
import { allHold } from '../decision/decide-policy.ts';
import { FIELD_ARCH, FIELD_NR } from '../decision/diagram-variables.ts';
import { findDifferences } from '../decision/difference.ts';
import { mapLeaves, whereOutcome, winningWord } from '../decision/relate.ts';
import {
  and,
  FALSE,
  ifThenElse,
  leaf,
  type Node,
  or,
  outcomeAt,
  type Space,
  wordLeaf,
} from '../decision/space.ts';
import { type ArchRule, expandPolicy, rulesByNumber } from '../policy/expand-policy.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy, PolicyRule } from '../policy/policy.ts';
import { createRuleTree } from './rule-tree.ts';

/** The diagram in which the strictest of contradicting rules decides. */
export function settled(space: Space, root: Node): Node {
  return mapLeaves(space, root, (leaf) => {
    const outcome = outcomeAt(space, leaf);
    if (outcome.kind !== 'conflict') return leaf;
    const [first = 0, ...others] = outcome.words;
    return wordLeaf(space, others.reduce(winningWord, first));
  });
}

/** A policy and what it means. */
export interface DecidedRules {
  readonly policy: Policy;
  /** With contradictions. */
  readonly root: Node;
  /** `false`: what a multiplexer carries has no rules there, as LXC leaves them out. Default: it has. */
  readonly isMultiplexed?: boolean;
}

/**
 * The meaning of a policy, undecided where its rules contradict each other and those of no other policy do.
 *
 * @param known - policies whose contradictions are no news
 */
export function withNewContradictions(
  space: Space,
  { policy, root }: DecidedRules,
  known: readonly DecidedRules[],
): Node {
  const refused = refusedRules(policy);
  if (refused.length === 0 && !space.outcomes.some(({ kind }) => kind === 'conflict')) return root;
  const isKnown = known.reduce<Node>(
    (sum, each) =>
      or(
        space,
        sum,
        whereOutcome(space, each.root, ({ kind }) => kind === 'conflict'),
      ),
    FALSE,
  );
  const shown = mapLeaves(space, root, (each) => {
    const outcome = outcomeAt(space, each);
    return outcome.kind === 'conflict' ? undecided(space, outcome.words) : each;
  });
  const places = new Set(known.flatMap((each) => refusedRules(each.policy).map(placeOf)));
  return refused
    .filter((each) => !places.has(placeOf(each)))
    .reduce(
      (sum, each) => ifThenElse(space, callsOf(space, each), undecided(space, each.words), sum),
      ifThenElse(space, isKnown, root, shown),
    );
}

/** A call for which rules of a profile contradict each other. */
export interface ContradictedCall {
  /** Its name; for a call that `socketcall` or `ipc` carries, theirs. */
  readonly name: string;
  /** On which machines such rules meet. */
  readonly metOn: readonly ArchName[];
  /** On which of them libseccomp answers EEXIST for one of the rules, so that no runtime starts a container under the profile. */
  readonly refusedOn: readonly ArchName[];
}

/** The names of calls for which libseccomp answers EEXIST, each once. */
export function refusedCalls(policy: Policy, isMultiplexed = true): ReadonlySet<string> {
  return new Set(refusedRules(policy, isMultiplexed).map(({ arch, nr }) => syscallName(nr, arch) ?? `${nr}`));
}

/** The calls for which rules of a policy contradict each other, each once. @param on - the machine that the policy is for */
export function contradictedCalls(
  space: Space,
  { policy, root, isMultiplexed }: DecidedRules,
  on: ArchName,
): readonly ContradictedCall[] {
  const refused = refusedCalls(policy, isMultiplexed);
  const strict = settled(space, root);
  const met =
    strict === root
      ? []
      : findDifferences(space, strict, root).flatMap(({ changes }) =>
          changes.flatMap(({ numbers }) => numbers.flatMap(({ name }) => name ?? [])),
        );
  return [...new Set([...refused, ...met])].map((name) => ({
    name,
    metOn: [on],
    refusedOn: refused.has(name) ? [on] : [],
  }));
}

/** `ALLOW and KILL_PROCESS at once` */
function undecided(space: Space, words: readonly ReturnWord[]): Node {
  const names = words.map((word) => formatReturnWord(word)).toSorted();
  return leaf(space, { kind: 'undecided', reason: `${listWords(names)} at once` });
}

/** A rule that libseccomp does not take. */
interface RefusedRule extends ArchRule {
  readonly arch: ArchName;
  /** Its own, and that of an earlier rule. */
  readonly words: readonly ReturnWord[];
}

/** The rules for which libseccomp answers EEXIST, the first of each call. It then takes none of the profile. */
function refusedRules(policy: Policy, isMultiplexed = true): readonly RefusedRule[] {
  const compared = policy.rules.filter((rule) => showsComparisons(policy, rule));
  if (new Set(compared.map(({ returnWord }) => returnWord)).size < 2) return [];
  const isAdded = (arch: ArchName, { rule }: ArchRule): boolean =>
    isMultiplexed || multiplexedCall(policy.rules[rule]?.syscall ?? '', arch) === undefined;
  return expandPolicy(policy, newestTable).flatMap(({ arch, rules }) =>
    [...rulesByNumber(rules).values()].flatMap(
      (group) =>
        refusedOf(
          group.filter((rule) => isAdded(arch, rule)),
          arch,
        ) ?? [],
    ),
  );
}

/** @param rules - of one call */
function refusedOf(rules: readonly ArchRule[], arch: ArchName): RefusedRule | undefined {
  const [first] = rules;
  if (first === undefined || rules.every(({ returnWord }) => returnWord === first.returnWord))
    return undefined;
  const isRefused = createRuleTree(architectures[arch].bits);
  const at = rules.findIndex(({ comparisons, returnWord }) => isRefused(comparisons, returnWord));
  const refused = rules[at];
  if (refused === undefined) return undefined;
  const others = rules.slice(0, at).map(({ returnWord }) => returnWord);
  const other = others.findLast((word) => word !== refused.returnWord) ?? refused.returnWord;
  return { ...refused, arch, words: [other, refused.returnWord] };
}

/** Whether a rule has comparisons for libseccomp; what a multiplexer carries is one of its arguments. */
function showsComparisons({ architectures: archs }: Policy, { syscall, comparisons }: PolicyRule): boolean {
  return comparisons.length > 0 || archs.some((arch) => multiplexedCall(syscall, arch) !== undefined);
}

function placeOf({ arch, nr }: RefusedRule): string {
  return `${arch} ${nr}`;
}

function callsOf(space: Space, { arch, nr, comparisons }: RefusedRule): Node {
  const { auditArch, bits } = architectures[arch];
  const number = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, nr));
  return and(space, number, allHold(space, comparisons, bits));
}
