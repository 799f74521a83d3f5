/**
 * The meaning of each call as the rules of a profile.
 * @module
 */
import { parseReturnWord, type ReturnWord } from '../abi/actions.ts';
import { EPERM } from '../abi/errno-constants.ts';
import { type Comparison, operators } from '../abi/operators.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import type { EngineRow } from '../consumers.ts';
import type { Slice } from '../decision/cut-diagram.ts';
import { whereOutcome } from '../decision/relate.ts';
import {
  and,
  FALSE,
  highOf,
  isLeaf,
  lowOf,
  type Node,
  not,
  or,
  outcomeAt,
  type Space,
  TRUE,
} from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import type { ProfileArg, ProfileRule } from '../oci/profile.ts';
import { conditionOf, rulesOfCondition } from './argument-rules.ts';
import { type BothConditions, conditionsOf, contains, coverSituations } from './condition-cover.ts';
import type { CallMeaning } from './read-meanings.ts';
import { situationAt } from './situations.ts';

/** What one rule says of one name. */
export interface RuleBody extends BothConditions {
  readonly word: ReturnWord;
  readonly comparisons: readonly Comparison[];
}

/**
 * Writes the rules of one call, as few as are found.
 *
 * @param defaults - what calls get that no rule matches, by index of the situation
 * @throws OciSeccompError `ERR_INEXPRESSIBLE`, `ERR_UNDECIDED`
 */
export function bodiesOf(
  space: Space,
  meaning: CallMeaning,
  defaults: readonly ReturnWord[],
  engine: EngineRow,
): readonly RuleBody[] {
  return wordsIn(space, meaning.nodes).flatMap((word) => {
    const { nodes } = meaning;
    const wanted = nodes.map((node, index) =>
      defaults[index] === word ? FALSE : whereWord(space, node, word),
    );
    return bodiesOfWord(space, meaning, { word, wanted }, engine);
  });
}

/** Where a diagram leads to a word. */
export function whereWord(space: Space, node: Node, word: ReturnWord): Node {
  return whereOutcome(space, node, (outcome) => outcome.kind === 'word' && outcome.word === word);
}

interface WantedWord {
  readonly word: ReturnWord;
  /** By situation: the arguments for which the word must be given. */
  readonly wanted: readonly Node[];
}

/** Rules without conditions for what holds in every situation, and others beside them; or rules with conditions alone, if fewer. */
function bodiesOfWord(
  space: Space,
  meaning: CallMeaning,
  asked: WantedWord,
  engine: EngineRow,
): readonly RuleBody[] {
  const common = asked.wanted.reduce((sum, node) => and(space, sum, node), TRUE);
  const apart = (always: Node) => bodiesBeside(space, meaning, { ...asked, always }, engine);
  const bodies = apart(common);
  if (common === FALSE || asked.wanted.every((node) => node === common)) return bodies;
  const conditional = withinReason(() => apart(FALSE));
  return conditional !== undefined && conditional.length < bodies.length ? conditional : bodies;
}

/** @param asked - `always`: what rules without conditions say */
function bodiesBeside(
  space: Space,
  { situations }: CallMeaning,
  { word, wanted, always }: WantedWord & { readonly always: Node },
  engine: EngineRow,
): readonly RuleBody[] {
  const covered = wanted.map(() => always);
  const everywhere = [...wanted.keys()];
  const placed: PlacedBody[] = rulesOfCondition(space, always).map((comparisons) => ({
    body: { word, comparisons },
    on: everywhere,
  }));
  for (const node of new Set(wanted)) {
    const must = wanted.flatMap((each, index) => (each === node && covered[index] !== node ? [index] : []));
    if (must.length === 0) continue;
    // Rules without conditions cover some of it already. These rules may cover it again.
    const left = and(space, node, not(space, always));
    const isWithin = (index: number): boolean =>
      and(space, left, not(space, wanted[index] ?? FALSE)) === FALSE;
    const rules = rulesOfCondition(space, left, node);
    for (const box of coverSituations(situations, must, isWithin)) {
      const conditions = conditionsOf(situations, box, engine);
      const on = everywhere.filter((index) => contains(box, situationAt(situations, index)));
      placed.push(...rules.map((comparisons) => ({ body: { word, comparisons, ...conditions }, on })));
      for (const index of on) covered[index] = or(space, covered[index] ?? FALSE, left);
    }
  }
  return withoutCovered(space, placed).map(({ body }) => body);
}

/** A rule, and the indices of the situations in which it counts. */
interface PlacedBody {
  readonly body: RuleBody;
  readonly on: readonly number[];
}

/** Each of more rules is compared with all others: that would take more nodes than a diagram may have. */
const MOST_COMPARED = 64;

/** Leaves out rules that others cover: those for one situation do not know of those for the next. */
function withoutCovered(space: Space, placed: readonly PlacedBody[]): readonly PlacedBody[] {
  if (placed.length > MOST_COMPARED) return placed;
  const conditions = new Map(placed.map(({ body }) => [body, conditionOf(space, body.comparisons)]));
  const conditionsOn = (index: number, bodies: readonly PlacedBody[]): Node =>
    bodies.reduce<Node>(
      (sum, { body, on }) => (on.includes(index) ? or(space, sum, conditions.get(body) ?? FALSE) : sum),
      FALSE,
    );
  return placed.reduce<readonly PlacedBody[]>((left, each) => {
    const others = left.filter((other) => other !== each);
    const own = conditions.get(each.body) ?? FALSE;
    const isCovered = each.on.every(
      (index) => and(space, own, not(space, conditionsOn(index, others))) === FALSE,
    );
    return isCovered ? others : left;
  }, placed);
}

/** What a number of an architecture leads to. */
export function nodeOfNumber({ numbers }: Slice, nr: number): Node | undefined {
  return numbers.find(({ from, to }) => from <= nr && nr <= to)?.nodes[0];
}

/** The words of several diagrams, the loosest first: people write rules in that order. */
export function wordsIn(space: Space, nodes: readonly Node[]): readonly ReturnWord[] {
  const words = new Set<ReturnWord>();
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (isLeaf(space, node)) {
      const outcome = outcomeAt(space, node);
      if (outcome.kind !== 'word') throw new RangeError(`a call does not get '${outcome.kind}'`);
      words.add(outcome.word);
    } else {
      walk(lowOf(space, node));
      walk(highOf(space, node));
    }
  };
  for (const node of nodes) walk(node);
  return [...words].sort((a, b) => (b | 0) - (a | 0));
}

/**
 * Writes the body of a rule for some names.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` for an action that profiles cannot name
 */
export function ruleOf(
  names: readonly string[],
  { word, comparisons, includes, excludes }: RuleBody,
): ProfileRule {
  return {
    names,
    ...actionOf(word),
    ...(comparisons.length === 0 ? {} : { args: comparisons.map(argOf) }),
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
  };
}

/** A return word as a profile names it. @throws OciSeccompError `ERR_INEXPRESSIBLE` */
export function actionOf(word: ReturnWord): { readonly action: string; readonly errnoRet?: number } {
  const { action, data } = parseReturnWord(word);
  if (action === undefined || data > (action.maxData ?? 0)) {
    throw new OciSeccompError('ERR_INEXPRESSIBLE', `no profile can ask for ${formatReturnWord(word)}`);
  }
  // Where a rule names no errno, runtimes answer EPERM.
  if (action.maxData === undefined || (action.kind === 'errno' && data === EPERM))
    return { action: action.ociAction };
  return { action: action.ociAction, errnoRet: data };
}

/** A comparison as a profile writes it. */
export function argOf({ index, op, value, valueTwo }: Comparison): ProfileArg {
  return { index, value, ...(op === 'maskedEq' ? { valueTwo } : {}), op: operators[op].ociOperator };
}

/** Tries to write rules. @returns `undefined` if no rules say it, or too many would have to */
export function withinReason<Result>(write: () => Result): Result | undefined {
  try {
    return write();
  } catch (error) {
    const isUnsayable = error instanceof OciSeccompError && UNSAYABLE.has(error.code);
    if (isUnsayable) return undefined;
    throw error;
  }
}

/** Why rules do not say something. */
export const UNSAYABLE: ReadonlySet<string> = new Set(['ERR_INEXPRESSIBLE', 'ERR_UNDECIDED']);
