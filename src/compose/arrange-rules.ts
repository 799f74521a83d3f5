/**
 * The rules of a composed profile, in an order that its authors know. If a rule of theirs still holds for a name, the name stays in
 * it, with its comment. New rules come after those, in groups.
 * @module
 */
import { actionByOciAction, type ReturnWord } from '../abi/actions.ts';
import { exactJson } from '../abi/exact-json.ts';
import { insertNames, isInOrder } from '../abi/name-order.ts';
import { type Comparison, operatorByOciOperator } from '../abi/operators.ts';
import type { Profile, ProfileRule, RuleConditions } from '../oci/profile.ts';
import { countsWhenever } from '../oci/resolve/rule-conditions.ts';
import { callsOfRule } from './dated/rule-facts.ts';
import { type RuleBody, ruleOf } from './write-rules.ts';

/** What a name gets in the result. */
export type NameRules =
  /** The rules of one of the inputs, as they stand there. */
  | { readonly kind: 'kept'; readonly profile: number }
  | { readonly kind: 'written'; readonly bodies: readonly RuleBody[] };

/**
 * Puts the rules of all names together.
 *
 * @param defaultAction - rules of this action have no effect, and are left out
 */
export function arrangeRules(
  profiles: readonly Profile[],
  byName: ReadonlyMap<string, NameRules>,
  defaultAction: ReturnWord,
): readonly ProfileRule[] {
  const { rules, left } = placeNames(profiles, byName, defaultAction);
  const written = grouped(left).map((rule): PlacedRule => ({ rule, group: undefined }));
  return mergePlaced([...rules, ...written]);
}

/**
 * The same for one profile, in the order of its author. A new rule stands where the first rule of its names stood, and its names are
 * not sorted. Neighbours that differ in their names alone, and not in their comment, become one.
 */
export function arrangeInOrder(
  profile: Profile,
  byName: ReadonlyMap<string, NameRules>,
  defaultAction: ReturnWord,
): readonly ProfileRule[] {
  const { rules, left } = placeNames([profile], byName, defaultAction);
  const ordered = profile.rules.flatMap((rule, index) => {
    const own = new Set(callsOfRule(rule));
    const replaced = new Map([...left].filter(([name]) => own.has(name)));
    for (const name of replaced.keys()) left.delete(name);
    return [
      ...grouped(replaced, 'as given'),
      ...rules.flatMap((placed) => (placed.index === index ? [placed.rule] : [])),
    ];
  });
  return mergeNeighbours(ordered);
}

function mergeNeighbours(rules: readonly ProfileRule[]): readonly ProfileRule[] {
  const merged: ProfileRule[] = [];
  for (const rule of rules) {
    const last = merged.at(-1);
    if (last === undefined || keyWithComment(last) !== keyWithComment(rule)) {
      merged.push(rule);
      continue;
    }
    merged[merged.length - 1] = { ...last, names: [...new Set([...last.names, ...rule.names])] };
  }
  return merged;
}

/** The rules that stay, with the names that stay in them, and what the names still lack. */
function placeNames(
  profiles: readonly Profile[],
  byName: ReadonlyMap<string, NameRules>,
  defaultAction: ReturnWord,
): {
  /** Each with its place in its profile. */
  readonly rules: readonly (PlacedRule & { readonly index: number })[];
  readonly left: Map<string, Map<string, RuleBody>>;
} {
  const rules: (PlacedRule & { readonly index: number })[] = [];
  const left = new Map<string, Map<string, RuleBody>>();
  for (const [name, given] of byName) {
    if (given.kind === 'written')
      left.set(name, new Map(given.bodies.map((body) => [keyOfBody(body), body])));
  }
  const kept = new Map<string, ProfileRule[]>();
  for (const [which, profile] of profiles.entries()) {
    for (const [index, rule] of profile.rules.entries()) {
      const key = keyOfRule(rule);
      if (wordOfRule(rule) === defaultAction) continue;
      const always = keyOnAnyHost(rule);
      const own = [...new Set(callsOfRule(rule))];
      const names = own.filter((name) => {
        const given = byName.get(name);
        if (given?.kind !== 'kept') return left.get(name)?.delete(key) === true;
        if (given.profile !== which) return false;
        const same = kept.get(`${name} ${always}`) ?? [];
        kept.set(`${name} ${always}`, same);
        const isNew = !same.some((earlier) => countsWhenever(earlier, rule));
        if (isNew) same.push(rule);
        return isNew;
      });
      const group = names.length > 1 ? which : undefined;
      if (names.length > 0) rules.push({ rule: withNames(rule, names), index, group });
    }
  }
  return { rules, left };
}

/** A rule, and the profile whose list it is: two lists of one author stay two. */
interface PlacedRule {
  readonly rule: ProfileRule;
  /** The profile whose rule it is, if several names stay in it; `undefined` for one name, and for a new rule. */
  readonly group: number | undefined;
}

/** Makes one rule of those that differ in their names alone; as {@link mergePlaced}. */
export function mergeRules(rules: readonly ProfileRule[]): readonly ProfileRule[] {
  return mergePlaced(rules.map((rule) => ({ rule, group: undefined })));
}

/**
 * Makes one rule of those that differ in their names alone. Rules with different comments stay apart, and so do two lists of one
 * author. A name goes to an earlier rule only if no rule between them names it too: of rules without comparisons, the first decides.
 */
function mergePlaced(rules: readonly PlacedRule[]): readonly ProfileRule[] {
  const merged: {
    readonly rule: ProfileRule;
    readonly key: string;
    names: readonly string[];
    readonly groups: Set<number>;
  }[] = [];
  for (const { rule, group } of rules) {
    const key = keyWithComment(rule);
    const home = merged.findIndex(
      (each) => each.key === key && (group === undefined || !each.groups.has(group)),
    );
    const others = merged.slice(home + 1);
    const isFree = (name: string): boolean => home >= 0 && !others.some(({ names }) => names.includes(name));
    const found = merged[home];
    const moved = rule.names.filter(isFree);
    if (found !== undefined && moved.length > 0) {
      found.names = mergeNames(found.names, moved);
      if (group !== undefined) found.groups.add(group);
    }
    const left = rule.names.filter((name) => !isFree(name));
    const groups = new Set(group === undefined ? [] : [group]);
    if (left.length > 0) merged.push({ rule, key, names: [...new Set(left)], groups });
  }
  return merged.map(({ rule, names }) => ({ ...rule, names }));
}

/** Puts names together, each into its place if both lists are in order. */
function mergeNames(names: readonly string[], others: readonly string[]): readonly string[] {
  const more = [...new Set(others)].filter((name) => !names.includes(name));
  return isInOrder(others) ? insertNames(names, more) : [...names, ...more];
}

function withNames({ name: _, ...rule }: ProfileRule, names: readonly string[]): ProfileRule {
  return { ...rule, names };
}

function grouped(
  left: ReadonlyMap<string, ReadonlyMap<string, RuleBody>>,
  order: 'sorted' | 'as given' = 'sorted',
): readonly ProfileRule[] {
  const groups = new Map<string, { readonly body: RuleBody; readonly names: string[] }>();
  for (const [name, bodies] of left) {
    for (const [key, body] of bodies) {
      const group = groups.get(key) ?? { body, names: [] };
      groups.set(key, group);
      group.names.push(name);
    }
  }
  return [...groups.values()]
    .sort((a, b) => rankOf(a.body) - rankOf(b.body))
    .map(({ body, names }) => ruleOf(order === 'sorted' ? names.sort() : names, body));
}

/**
 * Puts rules without comparisons first, then those with the most. In that order, libseccomp builds fewer wrong filters of rules
 * that compare different arguments.
 */
function rankOf({ comparisons: { length } }: RuleBody): number {
  return length === 0 ? -MANY : -length;
}

/** More than a rule has comparisons. */
const MANY = 100;

function keyWithComment(rule: ProfileRule): string {
  return `${keyOfRule(rule)} | ${rule.comment ?? ''}`;
}

/** What a rule says of its names, as a text to compare. */
export function keyOfRule(rule: ProfileRule): string {
  const word = wordOfRule(rule);
  const comparisons = (rule.args ?? []).map(({ index, op, value, valueTwo = 0n }) => {
    const operator = operatorByOciOperator(op)?.operator;
    return operator === undefined ? undefined : { index, op: operator, value, valueTwo };
  });
  const known = comparisons.filter((each) => each !== undefined);
  const isPlain = new Set(known.map(({ index }) => index)).size === comparisons.length;
  if (word === undefined || !isPlain) return `as written ${exactJson({ ...rule, place: undefined })}`;
  return keyOfBody({ ...rule, word, comparisons: known });
}

/** What a rule says of a name on the hosts that it is for. */
function keyOnAnyHost({ name: _, comment: __, includes: ___, excludes: ____, ...rule }: ProfileRule): string {
  return keyOfRule({ ...rule, names: [] });
}

function wordOfRule({ action, errnoRet, errno }: ProfileRule): ReturnWord | undefined {
  const row = actionByOciAction(action);
  if (row === undefined || errno) return undefined;
  return row.maxData === undefined ? row.word : (row.word | ((errnoRet ?? 1) & 0xffff)) >>> 0;
}

function keyOfBody({ word, comparisons, includes, excludes }: RuleBody): string {
  const sorted = [...comparisons].sort((a, b) => a.index - b.index).map(keyOfComparison);
  return [word, sorted.join(' and '), keyOfConditions(includes), keyOfConditions(excludes)].join(' | ');
}

function keyOfComparison({ index, op, value, valueTwo }: Comparison): string {
  return op === 'maskedEq' ? `${index} & ${value} ${valueTwo & value}` : `${index} ${op} ${value}`;
}

function keyOfConditions({ caps = [], arches = [], minKernel = '' }: RuleConditions = {}): string {
  return [[...caps].sort().join(), [...arches].sort().join(), minKernel].join(' ');
}
