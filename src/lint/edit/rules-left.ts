/**
 * What is left of rules when some values of arguments are taken out of them.
 * @module
 */
import { isFlagSet } from '../../abi/flag-sets.ts';
import { groupBy } from '../../abi/group-by.ts';
import { type Comparison, operatorByOciOperator, U32_MAX } from '../../abi/operators.ts';
import { conditionOf, rulesOfCondition } from '../../compose/argument-rules.ts';
import { coverValues, swapSafeValues } from '../../compose/value-cover.ts';
import { argOf, UNSAYABLE } from '../../compose/write-rules.ts';
import { and, createSpace, FALSE, type Node, not, or, type Space } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { ProfileArg, ProfileRule } from '../../oci/profile.ts';
import { type ArgumentOrder, conditionOfArguments, forOrder, isForOrder } from './argument-orders.ts';
import type { NewRule, Replacement } from './call-edits.ts';
import { cannotEdit } from './cannot-edit.ts';

/** How the rules of a call change. */
type RuleChange = readonly Replacement[];

/**
 * Takes values of arguments out of rules for a call: what is left keeps its action and conditions.
 *
 * @param rules - all of the profile that name the call and do the opposite of what is asked for
 * @param orders - the values
 * @returns ways to do it, the most readable first, and why others cannot be used
 */
export function takeOut(
  rules: readonly ProfileRule[],
  name: string,
  orders: readonly ArgumentOrder[],
): readonly (RuleChange | OciSeccompError)[] {
  const parts = partsOf(rules, orders);
  if (!parts.some(({ isOpposing }) => isOpposing)) return [];
  const given = { parts, name, orders };
  if (!hasArguments(orders)) {
    return [parts.flatMap(({ rule, isOpposing }) => (isOpposing ? [{ old: rule, now: [] }] : []))];
  }
  const split = splitEach(given);
  if (split !== undefined) return [split];
  return [false, true].flatMap((isNarrow) =>
    [swapSafeValues, coverValues].map((cover) => orReason(() => splitTogether(given, { cover, isNarrow }))),
  );
}

/** A rule, as far as it is for architectures with one order of arguments. */
interface RulePart {
  readonly rule: ProfileRule;
  readonly order: ArgumentOrder;
  /** It matches some of the calls. */
  readonly isOpposing: boolean;
}

/** What values are taken out of. */
interface Split {
  readonly parts: readonly RulePart[];
  readonly name: string;
  readonly orders: readonly ArgumentOrder[];
}

function partsOf(rules: readonly ProfileRule[], orders: readonly ArgumentOrder[]): readonly RulePart[] {
  const space = createSpace();
  return orders.flatMap((order) => {
    const asked = conditionOfArguments(space, order.args);
    return rules
      .filter((rule) => isForOrder(rule, order))
      .map((rule) => ({ rule, order, isOpposing: and(space, matchedBy(space, rule), asked) !== FALSE }));
  });
}

function hasArguments(orders: readonly ArgumentOrder[]): boolean {
  return orders.some(({ args }) => args.some((value) => value !== undefined));
}

function orReason(change: () => RuleChange): RuleChange | OciSeccompError {
  try {
    return change();
  } catch (error) {
    const isReason = error instanceof OciSeccompError && UNSAYABLE.has(error.code);
    if (isReason) return cannotEdit(error.message);
    throw error;
  }
}

/** One rule for each given argument, where rules do not compare it already. */
function splitEach({ parts, name }: Split): RuleChange | undefined {
  const changes = new Map<ProfileRule, NewRule[]>();
  const opposing = new Set(parts.flatMap(({ rule, isOpposing }) => (isOpposing ? [rule] : [])));
  for (const { rule, order, isOpposing } of parts.filter((part) => opposing.has(part.rule))) {
    const now = isOpposing
      ? besideValues(rule, order, name)
      : [{ ...bodyOf(rule, name, order), args: rule.args ?? [] }];
    if (now === undefined) return undefined;
    changes.set(rule, [...(changes.get(rule) ?? []), ...now]);
  }
  return [...changes].map(([old, now]) => ({ old, now }));
}

function besideValues(rule: ProfileRule, order: ArgumentOrder, name: string): readonly NewRule[] | undefined {
  const { args = [] } = rule;
  const now: NewRule[] = [];
  for (const [index, value] of order.args.entries()) {
    if (value === undefined) continue;
    if (isFlagSet(value)) return undefined;
    const own = args.filter((each) => each.index === index);
    if (own.some(({ op, value: known }) => op === EQUAL && known === value)) continue;
    if (own.length > 0) return undefined;
    now.push({ ...bodyOf(rule, name, order), args: [...args, { index, value, op: DIFFERENT }] });
  }
  return now;
}

const EQUAL = 'SCMP_CMP_EQ';
const DIFFERENT = 'SCMP_CMP_NE';

/** The fewest rules for the calls that all rules of one action match, and that are not the given. */
function splitTogether({ parts, name, orders }: Split, how: SplitStyle): RuleChange {
  const space = createSpace();
  const groups = [...groupBy(parts, ({ rule }) => saidOutside(rule)).values()];
  return groups
    .filter((group) => group.some(({ isOpposing }) => isOpposing))
    .flatMap((group): RuleChange => {
      const added = orders.flatMap((order) => {
        const own = group.filter((part) => part.order === order).map(({ rule }) => rule);
        const matched = own.reduce((sum, rule) => or(space, sum, matchedBy(space, rule)), FALSE);
        return own.slice(0, 1).flatMap((rule) =>
          comparisonsBeside(space, matched, order.args, how).map((comparisons) => ({
            ...bodyOf(rule, name, order),
            args: comparisons.map(argOf),
          })),
        );
      });
      const rules = [...new Set(group.map(({ rule }) => rule))];
      const [old, now] = [new Set(rules.map(saidKey)), new Set(added.map(saidKey))];
      return distributed(
        rules.filter((rule) => !now.has(saidKey(rule))),
        added.filter((rule) => !old.has(saidKey(rule))),
      );
    });
}

interface SplitStyle {
  /** Writes the values of one argument. */
  readonly cover: typeof coverValues;
  /**
   * Where masks would need the upper half of an argument, which 32-bit architectures do not have, the given value is taken
   * out whatever its upper half is.
   */
  readonly isNarrow: boolean;
}

/** The comparisons of rules for what is matched beside the given values. */
function comparisonsBeside(
  space: Space,
  matched: Node,
  args: ArgumentOrder['args'],
  { cover, isNarrow }: SplitStyle,
): readonly (readonly Comparison[])[] {
  const beside = (asked: Node): readonly (readonly Comparison[])[] => {
    const condition = and(space, matched, not(space, asked));
    return rulesOfCondition(space, condition, condition, cover);
  };
  const isWide = ({ op, value }: Comparison): boolean => op === 'maskedEq' && value > U32_MAX;
  const exact = beside(conditionOfArguments(space, args));
  const rules =
    isNarrow && exact.some((comparisons) => comparisons.some(isWide))
      ? beside(conditionOfArguments(space, args, U32_MAX))
      : exact;
  if (rules.length <= MAX_RULES) return rules;
  throw cannotEdit(
    `it takes ${rules.length} rules to take the values out, for a rule compares each argument only once`,
  );
}

/** So many rules in the place of one are no small edit. */
const MAX_RULES = 64;

/** Each old rule gets one new rule, and the last of them those that are left. */
function distributed(gone: readonly ProfileRule[], added: readonly NewRule[]): RuleChange {
  return gone.map((old, index) => ({
    old,
    now: index === gone.length - 1 ? added.slice(index) : added.slice(index, index + 1),
  }));
}

/** What rules have in common that differ in comparisons and comments alone. */
function saidOutside({ action, errnoRet, errno, includes, excludes }: ProfileRule): string {
  return JSON.stringify([action, errnoRet, errno, includes, excludes]);
}

/** What rules of one action say: their comparisons and conditions. */
function saidKey({ args = [], includes, excludes }: Pick<NewRule, 'args' | 'includes' | 'excludes'>): string {
  const compared = args.map(({ index, op, value, valueTwo = 0n }) => `${index} ${op} ${value} ${valueTwo}`);
  return `${compared.join()} ${JSON.stringify([includes, excludes])}`;
}

function bodyOf(
  { action, errnoRet, errno, comment, ...conditions }: ProfileRule,
  name: string,
  order: ArgumentOrder,
): NewRule {
  return {
    names: [name],
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(errno === undefined ? {} : { errno }),
    ...(comment === undefined ? {} : { comment }),
    ...forOrder(conditions, order),
  };
}

/** Runtimes add each comparison by itself if a rule compares an argument twice. */
function matchedBy(space: Space, { args = [] }: ProfileRule): Node {
  const comparisons = args.flatMap(comparisonOf);
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  if (!isRepeated) return conditionOf(space, comparisons);
  return comparisons.reduce<Node>((sum, each) => or(space, sum, conditionOf(space, [each])), FALSE);
}

function comparisonOf({ index, value, valueTwo = 0n, op }: ProfileArg): readonly Comparison[] {
  const operator = operatorByOciOperator(op)?.operator;
  return operator === undefined ? [] : [{ index, value, valueTwo, op: operator }];
}
