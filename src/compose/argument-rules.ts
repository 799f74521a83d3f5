/**
 * A condition on arguments as rules of a profile. Each rule is a list of comparisons, at most one for each argument, that must all hold.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { testComparison } from '../decision/condition-diagrams.ts';
import { argumentOf, firstLevel, highHalf, WORD_BITS } from '../decision/diagram-variables.ts';
import {
  and,
  countStep,
  FALSE,
  highOf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  not,
  or,
  type Space,
  TRUE,
  tooComplex,
} from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import { coverValues } from './value-cover.ts';

/** The most rules for one call: more are no profile that people read. */
const MAX_RULES = 400;
/** The most cases of one argument that are looked at. */
const MAX_WAYS = 400;

/**
 * Splits a condition into rules.
 *
 * @param condition - leaves TRUE and FALSE
 * @param may - what the rules may cover beyond the condition; default: no more
 * @param cover - writes the values of one argument as comparisons
 * @returns lists of comparisons, any one of which is enough; a list without comparisons always holds
 * @throws OciSeccompError `ERR_UNDECIDED` for a condition that takes too many rules; `ERR_INEXPRESSIBLE` for one that asks the
 *   instruction pointer
 */
export function rulesOfCondition(
  space: Space,
  condition: Node,
  may = condition,
  cover: typeof coverValues = coverValues,
): readonly (readonly Comparison[])[] {
  if (condition === FALSE) return [];
  if (may === TRUE) return [[]];
  const index = firstArgument(space, condition, may);
  const end = firstLevel(highHalf(space, index)) + 2 * WORD_BITS;
  const rules: (readonly Comparison[])[] = [];
  let covered: Node = FALSE;
  for (const way of waysOn(space, condition, end)) {
    const left = and(space, condition, not(space, covered));
    const must = and(
      space,
      where(space, condition, end, (node) => node === way),
      where(space, left, end, (node) => node !== FALSE),
    );
    if (must === FALSE) continue;
    const allowed = where(space, may, end, (node) => and(space, way, not(space, node)) === FALSE);
    const values = cover(space, index, must, allowed);
    const further = (where: Node): readonly (readonly Comparison[])[] =>
      rulesOfCondition(space, way, meet(space, may, where, end), cover);
    const own =
      values?.flatMap((each) => further(testComparison(space, each, 64)).map((rest) => [each, ...rest])) ??
      further(TRUE);
    rules.push(...own);
    if (rules.length > MAX_RULES) throw tooComplex(`more than ${MAX_RULES} rules for one system call`);
    covered = own.reduce((sum, rule) => or(space, sum, conditionOf(space, rule)), covered);
  }
  return rules;
}

/** The condition that all comparisons hold. */
export function conditionOf(space: Space, comparisons: readonly Comparison[]): Node {
  return comparisons.reduceRight<Node>(
    (rest, comparison) => and(space, testComparison(space, comparison, 64), rest),
    TRUE,
  );
}

function firstArgument(space: Space, ...nodes: readonly Node[]): number {
  const level = Math.min(...nodes.map((node) => levelAt(space, node)));
  const index = argumentOf(space, Math.floor(level / WORD_BITS));
  if (index !== undefined) return index;
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    'the filter looks at the instruction pointer, which a profile cannot name',
  );
}

/** The diagrams that the values of an argument lead to, without FALSE. Those that hold for fewer calls come first. */
function waysOn(space: Space, root: Node, end: number): readonly Node[] {
  const ways = new Set<Node>();
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    countStep(space);
    if (levelAt(space, node) >= end) {
      if (node !== FALSE) ways.add(node);
      return;
    }
    walk(lowOf(space, node));
    walk(highOf(space, node));
  };
  walk(root);
  if (ways.size > MAX_WAYS) throw tooComplex(`more than ${MAX_WAYS} cases of one argument`);
  const share = shares(space);
  return [...ways].sort((a, b) => share(a) - share(b));
}

/** For which share of all calls a condition holds, 0 to 1. */
function shares(space: Space): (node: Node) => number {
  const known = new Map<Node, number>([
    [FALSE, 0],
    [TRUE, 1],
  ]);
  const share = (node: Node): number => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const result = (share(lowOf(space, node)) + share(highOf(space, node))) / 2;
    known.set(node, result);
    return result;
  };
  return share;
}

/** What holds for every value of an argument that a set has: the rules for these values may cover as much. */
function meet(space: Space, root: Node, set: Node, end: number): Node {
  const known = new Map<Node, Map<Node, Node>>();
  const walk = (node: Node, own: Node): Node => {
    if (own === FALSE) return TRUE;
    const level = Math.min(levelAt(space, node), levelAt(space, own));
    if (level >= end) return node;
    const found = known.get(node)?.get(own);
    if (found !== undefined) return found;
    countStep(space);
    const side = (each: Node, next: typeof lowOf): Node =>
      levelAt(space, each) === level ? next(space, each) : each;
    const result = and(
      space,
      walk(side(node, lowOf), side(own, lowOf)),
      walk(side(node, highOf), side(own, highOf)),
    );
    known.set(node, (known.get(node) ?? new Map<Node, Node>()).set(own, result));
    return result;
  };
  return walk(root, set);
}

/** The values of an argument that lead to what `test` accepts. */
function where(space: Space, root: Node, end: number, test: (node: Node) => boolean): Node {
  const known = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    const found = known.get(node);
    if (found !== undefined) return found;
    countStep(space);
    const level = levelAt(space, node);
    const result =
      level >= end
        ? test(node)
          ? TRUE
          : FALSE
        : makeNode(space, level, walk(lowOf(space, node)), walk(highOf(space, node)));
    known.set(node, result);
    return result;
  };
  return walk(root);
}
