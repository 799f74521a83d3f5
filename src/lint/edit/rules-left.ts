/**
 * What is left of rules when some values of arguments are taken out of them.
 * @module
 */
import { groupBy } from '../../abi/group-by.ts';
import { type Comparison, operatorByOciOperator, U32_MAX } from '../../abi/operators.ts';
import { conditionOf, rulesOfCondition } from '../../compose/argument-rules.ts';
import { coverValues, swapSafeValues } from '../../compose/value-cover.ts';
import { argOf, UNSAYABLE } from '../../compose/write-rules.ts';
import { and, createSpace, FALSE, type Node, not, or, type Space } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { ProfileArg, ProfileRule } from '../../oci/profile.ts';
import type { NewRule, Replacement } from './call-edits.ts';
import { cannotEdit } from './cannot-edit.ts';
import { mayMatch } from './rule-matches.ts';

/** How the rules of a call change. */
type RuleChange = readonly Replacement[];

/**
 * Takes values of arguments out of rules for a call: what is left keeps its action and conditions.
 *
 * @param rules - all of the profile that name the call and do the opposite of what is asked for
 * @returns ways to do it, the most readable first, and why others cannot be used
 */
export function takeOut(
  rules: readonly ProfileRule[],
  name: string,
  given: readonly Comparison[],
): readonly (RuleChange | OciSeccompError)[] {
  const opposing = rules.filter((rule) => mayMatch(rule, given));
  if (opposing.length === 0) return [];
  if (given.length === 0) return [opposing.map((old) => ({ old, now: [] }))];
  const split = splitEach(opposing, name, given);
  if (split !== undefined) return [split];
  return [false, true].flatMap((isNarrow) =>
    [swapSafeValues, coverValues].map((cover) =>
      orReason(() => splitTogether(rules, opposing, name, given, { cover, isNarrow })),
    ),
  );
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
function splitEach(
  rules: readonly ProfileRule[],
  name: string,
  given: readonly Comparison[],
): RuleChange | undefined {
  const changes: Replacement[] = [];
  for (const rule of rules) {
    const { args = [] } = rule;
    const now: NewRule[] = [];
    for (const { index, value } of given) {
      const own = args.filter((each) => each.index === index);
      if (own.some(({ op, value: known }) => op === EQUAL && known === value)) continue;
      if (own.length > 0) return undefined;
      now.push({ ...bodyOf(rule, name), args: [...args, { index, value, op: DIFFERENT }] });
    }
    changes.push({ old: rule, now });
  }
  return changes;
}

const EQUAL = 'SCMP_CMP_EQ';
const DIFFERENT = 'SCMP_CMP_NE';

/** The fewest rules for the calls that all rules of one action match, and that are not the given. */
function splitTogether(
  rules: readonly ProfileRule[],
  opposing: readonly ProfileRule[],
  name: string,
  given: readonly Comparison[],
  how: SplitStyle,
): RuleChange {
  const space = createSpace();
  const groups = [...groupBy(rules, saidOutside).values()];
  return groups
    .filter((group) => group.some((rule) => opposing.includes(rule)))
    .flatMap((group): RuleChange => {
      const matched = group.reduce((sum, rule) => or(space, sum, matchedBy(space, rule)), FALSE);
      const added = group.slice(0, 1).flatMap((rule) =>
        comparisonsBeside(space, matched, given, how).map((comparisons) => ({
          ...bodyOf(rule, name),
          args: comparisons.map(argOf),
        })),
      );
      const [old, now] = [group, added].map((each) => new Set(each.map(comparedKey)));
      return distributed(
        group.filter((rule) => now?.has(comparedKey(rule)) !== true),
        added.filter((rule) => old?.has(comparedKey(rule)) !== true),
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
  given: readonly Comparison[],
  { cover, isNarrow }: SplitStyle,
): readonly (readonly Comparison[])[] {
  const beside = (values: readonly Comparison[]): readonly (readonly Comparison[])[] => {
    const condition = and(space, matched, not(space, conditionOf(space, values)));
    return rulesOfCondition(space, condition, condition, cover);
  };
  const isWide = ({ op, value }: Comparison): boolean => op === 'maskedEq' && value > U32_MAX;
  const exact = beside(given);
  const rules =
    isNarrow && exact.some((comparisons) => comparisons.some(isWide))
      ? beside(given.map((each) => ({ ...each, op: 'maskedEq', value: U32_MAX, valueTwo: each.value })))
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

function comparedKey({ args = [] }: Pick<ProfileRule, 'args'>): string {
  return args.map(({ index, op, value, valueTwo = 0n }) => `${index} ${op} ${value} ${valueTwo}`).join();
}

function bodyOf(
  { action, errnoRet, errno, comment, includes, excludes }: ProfileRule,
  name: string,
): NewRule {
  return {
    names: [name],
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(errno === undefined ? {} : { errno }),
    ...(comment === undefined ? {} : { comment }),
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
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
