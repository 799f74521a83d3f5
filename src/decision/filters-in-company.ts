/**
 * Filters beside other filters: two filters that are equal alone may still differ there.
 *
 * The kernel chooses among a task's filters by their action words and interprets only the one it chose. An action that it
 * does not know kills the process like KILL_PROCESS when it is chosen, but other actions can be chosen before it.
 * @module
 */
import { type ActionInfo, actions, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { effectiveReturnWord, isUnknownAction, precedenceOf } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { combine, compareOutcomes, type Relation, winningWord } from './relate.ts';
import { FALSE, type Node, type Outcome, outcomeAt, type Space, TRUE } from './space.ts';
import { evaluate, findWitness } from './witness.ts';

/** A call for which the relation of two filters changes when a third filter runs beside them. */
export interface CompanyDifference {
  /** The call that shows it. */
  readonly call: SeccompData;
  /** What the first filter returns, and what the second returns. */
  readonly outcomes: readonly [Outcome, Outcome];
  /** What a third filter of the task may answer. */
  readonly beside: ActionInfo;
  /** What the task then does with the first filter, and with the second. */
  readonly together: readonly [ReturnWord, ReturnWord];
  /** How the second then stands to the first. */
  readonly relation: Relation;
}

/** Finds a call for which another filter beside two diagrams makes them differ, or differ in another way. */
export function findCompanyDifference(
  space: Space,
  first: Node,
  second: Node,
  relations: readonly Relation[],
  preferred: readonly ArchName[] = [],
): CompanyDifference | undefined {
  if (!space.outcomes.some(isUnknown)) return undefined;
  const condition = combine(
    space,
    first,
    second,
    (x, y) => (companyOf(outcomeAt(space, x), outcomeAt(space, y), relations) === undefined ? FALSE : TRUE),
    FALSE,
  );
  const call = findWitness(space, condition, preferred);
  if (call === undefined) return undefined;
  const outcomes = [evaluate(space, first, call), evaluate(space, second, call)] as const;
  const company = companyOf(...outcomes, relations);
  return company === undefined ? undefined : { call, outcomes, ...company };
}

function isUnknown(outcome: Outcome): boolean {
  return outcome.kind === 'word' && isUnknownAction(outcome.word);
}

const loosestFirst: readonly ActionInfo[] = Object.values(actions).reverse();

function companyOf(
  x: Outcome,
  y: Outcome,
  relations: readonly Relation[],
): Pick<CompanyDifference, 'beside' | 'together' | 'relation'> | undefined {
  if (!isUnknown(x) && !isUnknown(y)) return undefined;
  const alone = compareOutcomes(x, y);
  for (const a of wordsOf(x)) {
    for (const b of wordsOf(y)) {
      for (const beside of loosestFirst) {
        // An action of the same word only brings its own data.
        if ([a, b].some((word) => precedenceOf(word) === precedenceOf(beside.word))) continue;
        const together = [besides(a, beside), besides(b, beside)] as const;
        const [left, right] = together.map((word): Outcome => ({ kind: 'word', word })) as [Outcome, Outcome];
        const relation = compareOutcomes(left, right);
        if (relation !== 'equal' && relation !== alone && relations.includes(relation)) {
          return { beside, together, relation };
        }
      }
    }
  }
  return undefined;
}

function wordsOf(outcome: Outcome): readonly ReturnWord[] {
  if (outcome.kind === 'word') return [outcome.word];
  return outcome.kind === 'conflict' ? outcome.words : [];
}

function besides(word: ReturnWord, { word: other }: ActionInfo): ReturnWord {
  return effectiveReturnWord(winningWord(other, word));
}
