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
import { type ArchRule, expandPolicy } from '../policy/expand-policy.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy, PolicyRule } from '../policy/policy.ts';

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
  /** On which machines libseccomp answers EEXIST for one of the rules, so that no runtime starts a container under the profile. */
  readonly refusedOn: readonly ArchName[];
}

/** The names of calls for which libseccomp answers EEXIST, each once. */
export function refusedCalls(policy: Policy): ReadonlySet<string> {
  return new Set(refusedRules(policy).map(({ arch, nr }) => syscallName(nr, arch) ?? `${nr}`));
}

/** The calls for which rules of a policy contradict each other, each once. @param on - the machine that the policy is for */
export function contradictedCalls(
  space: Space,
  { policy, root }: DecidedRules,
  on: ArchName,
): readonly ContradictedCall[] {
  const refused = refusedCalls(policy);
  const strict = settled(space, root);
  const met =
    strict === root
      ? []
      : findDifferences(space, strict, root).flatMap(({ changes }) =>
          changes.flatMap(({ numbers }) => numbers.flatMap(({ name }) => name ?? [])),
        );
  return [...new Set([...refused, ...met])].map((name) => ({
    name,
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
  /** Those of the rule and of the one before it. */
  readonly words: readonly ReturnWord[];
}

/**
 * The rules for which libseccomp answers EEXIST: the comparisons are the first ones of an earlier rule that has another action. It
 * refuses them also where a later rule without comparisons decides all calls of the number. It never looks at a rule if an earlier
 * one is the same without the last comparisons, or has none.
 */
function refusedRules(policy: Policy): readonly RefusedRule[] {
  const compared = policy.rules.filter((rule) => showsComparisons(policy, rule));
  if (new Set(compared.map(({ returnWord }) => returnWord)).size < 2) return [];
  return expandPolicy(policy, newestTable).flatMap(({ arch, rules }) => {
    const earlier = new Map<string, ReturnWord[]>();
    const whole = new Set<string>();
    return rules.flatMap((rule): readonly RefusedRule[] => {
      const { returnWord } = rule;
      const keys = startsOf(rule);
      const own = keys.at(-1) ?? '';
      if (keys.some((key) => key !== own && whole.has(key))) return [];
      whole.add(own);
      const other = keys.length === 1 ? undefined : earlier.get(own)?.find((word) => word !== returnWord);
      for (const key of keys) {
        const words = earlier.get(key) ?? [];
        if (!words.includes(returnWord)) words.push(returnWord);
        earlier.set(key, words);
      }
      return other === undefined ? [] : [{ ...rule, arch, words: [other, returnWord] }];
    });
  });
}

/** Whether a rule has comparisons for libseccomp; what a multiplexer carries is one of its arguments. */
function showsComparisons({ architectures: archs }: Policy, { syscall, comparisons }: PolicyRule): boolean {
  return comparisons.length > 0 || archs.some((arch) => multiplexedCall(syscall, arch) !== undefined);
}

/** The comparisons as libseccomp goes through them, by argument: none, the first, the first two, and so on. */
function startsOf({ nr, comparisons }: ArchRule): readonly string[] {
  const texts = comparisons
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${op === 'maskedEq' ? valueTwo : ''}`);
  return Array.from({ length: texts.length + 1 }, (_, count) => `${nr} ${texts.slice(0, count).join()}`);
}

function placeOf({ arch, nr }: RefusedRule): string {
  return `${arch} ${nr}`;
}

function callsOf(space: Space, { arch, nr, comparisons }: RefusedRule): Node {
  const { auditArch, bits } = architectures[arch];
  const number = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, nr));
  return and(space, number, allHold(space, comparisons, bits));
}
