/**
 * Where rules contradict each other: rules of different actions match one call. libseccomp refuses some of them (EEXIST), so that no
 * container starts, and of others it does not always take the strictest.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { listWords } from '../abi/list-words.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { equals } from '../decision/condition-diagrams.ts';
import { allHold } from '../decision/decide-policy.ts';
import { FIELD_ARCH, FIELD_NR } from '../decision/diagram-variables.ts';
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
import type { Policy } from '../policy/policy.ts';

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
 * refuses them also where a later rule without comparisons decides all calls of the number. Rules behind such a rule are never
 * looked at.
 */
function refusedRules(policy: Policy): readonly RefusedRule[] {
  return expandPolicy(policy, newestTable).flatMap(({ arch, rules }) => {
    const earlier = new Map<string, ReturnWord[]>();
    const whole = new Set<number>();
    return rules.flatMap((rule): readonly RefusedRule[] => {
      const { nr, comparisons, returnWord } = rule;
      if (whole.has(nr)) return [];
      if (comparisons.length === 0) {
        whole.add(nr);
        return [];
      }
      const keys = startsOf(rule);
      const other = earlier.get(keys.at(-1) ?? '')?.find((word) => word !== returnWord);
      for (const key of keys) {
        const words = earlier.get(key) ?? [];
        if (!words.includes(returnWord)) words.push(returnWord);
        earlier.set(key, words);
      }
      return other === undefined ? [] : [{ ...rule, arch, words: [other, returnWord] }];
    });
  });
}

/** The comparisons as libseccomp goes through them, by argument: the first, the first two, and so on. */
function startsOf({ nr, comparisons }: ArchRule): readonly string[] {
  const texts = comparisons
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${op === 'maskedEq' ? valueTwo : ''}`);
  return texts.map((_, last) => `${nr} ${texts.slice(0, last + 1).join()}`);
}

function placeOf({ arch, nr }: RefusedRule): string {
  return `${arch} ${nr}`;
}

function callsOf(space: Space, { arch, nr, comparisons }: RefusedRule): Node {
  const { auditArch, bits } = architectures[arch];
  const number = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, nr));
  return and(space, number, allHold(space, comparisons, bits));
}
