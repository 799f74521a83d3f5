/**
 * Two diagrams at once: for which calls a relation holds between them, and which filter wins when several run.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import { effectiveReturnWord, precedenceOf } from '../abi/return-word.ts';
import {
  countStep,
  FALSE,
  highOf,
  isLeaf,
  LEAF_LEVEL,
  leaf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  newOperation,
  type Outcome,
  outcomeAt,
  type Space,
  TRUE,
  wordLeaf,
} from './space.ts';

/** Replaces every leaf. */
export function mapLeaves(space: Space, root: Node, replace: (leaf: Node) => Node): Node {
  const { recall, remember } = newOperation(space);
  const map = (node: Node): Node => {
    const known = recall(node, 0);
    if (known >= 0) return known;
    countStep(space);
    const result = isLeaf(space, node)
      ? replace(node)
      : makeNode(space, levelAt(space, node), map(lowOf(space, node)), map(highOf(space, node)));
    remember(node, 0, result);
    return result;
  };
  return map(root);
}

/** Combines two diagrams leaf by leaf. @param same - the result where both are one node, if it is always the same */
export function combine(space: Space, a: Node, b: Node, join: (a: Node, b: Node) => Node, same?: Node): Node {
  const { recall, remember } = newOperation(space);
  const walk = (x: Node, y: Node): Node => {
    if (x === y && same !== undefined) return same;
    const known = recall(x, y);
    if (known >= 0) return known;
    countStep(space);
    const lx = levelAt(space, x);
    const ly = levelAt(space, y);
    const level = Math.min(lx, ly);
    let result: Node;
    if (level === LEAF_LEVEL) result = join(x, y);
    else {
      const low = walk(lx === level ? lowOf(space, x) : x, ly === level ? lowOf(space, y) : y);
      const high = walk(lx === level ? highOf(space, x) : x, ly === level ? highOf(space, y) : y);
      result = makeNode(space, level, low, high);
    }
    remember(x, y, result);
    return result;
  };
  return walk(a, b);
}

/** How two outcomes can stand to each other, the second as seen from the first. */
export type Relation = 'different' | 'looser' | 'stricter' | 'unknown';

/** Worst first: a reader must see a call that gets through but should not. */
export const decidedRelations: readonly Relation[] = ['looser', 'different', 'stricter'];

export const relations: readonly Relation[] = [...decidedRelations, 'unknown'];

/** What the kernel does with a call, for each action that an outcome allows; none if it is not decided. */
function effects(outcome: Outcome): readonly ReturnWord[] {
  if (outcome.kind === 'word') return [effectiveReturnWord(outcome.word)];
  return outcome.kind === 'conflict' ? outcome.words.map(effectiveReturnWord) : [];
}

function wordCount(outcome: Outcome): number {
  return outcome.kind === 'conflict' ? outcome.words.length : 1;
}

/** The relation of two outcomes: `equal` also if the second does one of the things that a conflict allows. */
export function compareOutcomes(a: Outcome, b: Outcome): Relation | 'equal' {
  const [first, second] = [effects(a), effects(b)];
  if (first.length === 0 || second.length === 0) return 'unknown';
  if (second.every((word) => first.includes(word))) return 'equal';
  const [x, y] = [first, second].map((words) => words.map(precedenceOf));
  const strictest = (ranks: readonly number[] | undefined): number => Math.min(...(ranks ?? []));
  const loosest = (ranks: readonly number[] | undefined): number => Math.max(...(ranks ?? []));
  if (loosest(y) > loosest(x)) return 'looser';
  return strictest(y) < strictest(x) ? 'stricter' : 'different';
}

/** The condition under which one of the relations holds between a call's two outcomes. */
export function whereRelated(space: Space, a: Node, b: Node, relations: readonly Relation[]): Node {
  // An undecided outcome is not known to equal even itself; nothing else differs from itself.
  const same = relations.includes('unknown') ? undefined : FALSE;
  const join = (x: Node, y: Node): Node => {
    const [first, second] = [outcomeAt(space, x), outcomeAt(space, y)];
    countStep(space, wordCount(first) * wordCount(second));
    const found = compareOutcomes(first, second);
    return found !== 'equal' && relations.includes(found) ? TRUE : FALSE;
  };
  return combine(space, a, b, join, same);
}

/**
 * What a task with several filters does: all run, and the lowest action word wins. If actions are equal, the newest filter's word
 * counts (Linux 6.18 kernel/seccomp.c seccomp_run_filters). Words stay as the filters return them: only the winner is interpreted
 * ({@link effective}).
 *
 * @param filters - the oldest first, at least one. Outcomes are words, undecided, or conflicts, whose filter may do any of the actions
 */
export function strictestOf(space: Space, filters: readonly Node[]): Node {
  const [first, ...newer] = filters;
  if (first === undefined) throw new RangeError('no filter');
  return newer.reduce(
    (older, newest) => combine(space, older, newest, (x, y) => winnerOf(space, x, y)),
    first,
  );
}

/** Which of two words the kernel uses. */
export function winningWord(older: ReturnWord, newer: ReturnWord): ReturnWord {
  return precedenceOf(older) < precedenceOf(newer) ? older : newer;
}

function winnerOf(space: Space, older: Node, newer: Node): Node {
  const [a, b] = [outcomeAt(space, older), outcomeAt(space, newer)];
  if (a.kind === 'word' && b.kind === 'word') return winningWord(a.word, b.word) === b.word ? newer : older;
  // Nothing is lower than KILL_PROCESS, so it wins against any answer that cannot be followed.
  if (a.kind === 'undecided') return isLowest(b) ? newer : older;
  if (b.kind === 'undecided') return isLowest(a) ? older : newer;
  countStep(space, wordCount(a) * wordCount(b));
  const words = new Set(wordsOf(a).flatMap((x) => wordsOf(b).map((y) => winningWord(x, y))));
  const [only] = words;
  return only !== undefined && words.size === 1
    ? wordLeaf(space, only)
    : leaf(space, { kind: 'conflict', words: [...words].sort((x, y) => x - y) });
}

function isLowest(outcome: Outcome): boolean {
  return outcome.kind === 'word' && precedenceOf(outcome.word) === precedenceOf(actions.killProcess.word);
}

/** The words that an outcome may be. */
function wordsOf(outcome: Outcome): readonly ReturnWord[] {
  if (outcome.kind === 'word') return [outcome.word];
  if (outcome.kind === 'conflict') return outcome.words;
  throw new RangeError(`a filter does not answer '${outcome.kind}'`);
}

/** The diagram, with return words made the same if they differ only in bits that the kernel ignores. */
export function effective(space: Space, root: Node): Node {
  return mapWords(space, root, effectiveReturnWord);
}

/** The diagram with its return words exchanged for others. */
export function mapWords(space: Space, root: Node, change: (word: ReturnWord) => ReturnWord): Node {
  // Usually no word changes, and no walk is needed.
  if (!space.outcomes.some((outcome) => changes(outcome, change))) return root;
  return mapLeaves(space, root, (node) => {
    const outcome = outcomeAt(space, node);
    if (outcome.kind === 'word') return wordLeaf(space, change(outcome.word));
    if (outcome.kind !== 'conflict') return node;
    const words = [...new Set(outcome.words.map(change))].sort((x, y) => x - y);
    const [only] = words;
    return only !== undefined && words.length === 1
      ? wordLeaf(space, only)
      : leaf(space, { kind: 'conflict', words });
  });
}

function changes(outcome: Outcome, change: (word: ReturnWord) => ReturnWord): boolean {
  if (outcome.kind === 'word') return change(outcome.word) !== outcome.word;
  return outcome.kind === 'conflict' && outcome.words.some((word) => change(word) !== word);
}

/** The condition under which a diagram's outcome is one that `test` accepts. */
export function whereOutcome(space: Space, root: Node, test: (outcome: Outcome) => boolean): Node {
  return mapLeaves(space, root, (node) => (test(outcomeAt(space, node)) ? TRUE : FALSE));
}
