/**
 * A profile taken apart into facts: what one rule says of one system call. Two profiles are compared fact by fact, however
 * their rules group the calls.
 * @module
 */
import { errnoByName } from '../../abi/errno.ts';
import { EPERM } from '../../abi/errno-constants.ts';
import type { Profile, ProfileRule, RuleConditions } from '../../oci/profile.ts';
import { recentAnswers } from '../../recent-answers.ts';

/** By call, in the order of the rules: the rules that name it, each as a text that equal rules share. */
export type RuleFacts = ReadonlyMap<string, readonly Fact[]>;

export interface Fact {
  /** Action, errno, comparisons and conditions. */
  readonly key: string;
  readonly rule: ProfileRule;
}

/** The names of a rule, as engines read the old form too. */
export function callsOfRule({ names, name }: ProfileRule): readonly string[] {
  return name ? [name] : names;
}

/** Takes a profile apart, once; what a rule says twice is one fact. */
export function factsOf({ rules }: Pick<Profile, 'rules'>): RuleFacts {
  return partsOf(rules);
}

const partsOf = recentAnswers(1, takeApart);

function takeApart(rules: readonly ProfileRule[]): RuleFacts {
  const facts = new Map<string, Fact[]>();
  /** The keys of calls that several rules name. */
  const several = new Map<string, Set<string>>();
  for (const rule of rules) {
    const fact = { key: keyOf(rule), rule };
    // Most calls are in one rule: all of them share a list.
    const alone = [fact];
    callsOfRule(rule).forEach((call) => {
      const list = facts.get(call);
      const keys = several.get(call);
      if (list === undefined) facts.set(call, alone);
      else if (keys !== undefined) {
        if (!keys.has(fact.key)) list.push(fact);
        keys.add(fact.key);
      } else if (list[0]?.key !== fact.key) {
        facts.set(call, [...list, fact]);
        several.set(call, new Set([...list, fact].map(({ key }) => key)));
      }
    });
  }
  return facts;
}

/** All of a rule but its names, its comment and its place. */
export function keyOf({ action, errno, errnoRet, args = [], includes, excludes }: ProfileRule): string {
  const number = errno === undefined ? errnoRet : (errnoByName(errno) ?? Number(errno));
  const outcome = action === 'SCMP_ACT_ERRNO' ? `${action} ${number ?? EPERM}` : `${action} ${number ?? ''}`;
  const comparisons = args.map(
    ({ index, op, value, valueTwo = 0n }) => `${index} ${op} ${value} ${valueTwo}`,
  );
  return [
    outcome,
    ...comparisons.sort(),
    conditionsText('+', includes),
    conditionsText('-', excludes),
  ].join();
}

function conditionsText(sign: '+' | '-', conditions: RuleConditions = {}): string {
  // Most rules have none.
  if (!isCondition(conditions)) return '';
  const { caps = [], arches = [], minKernel } = conditions;
  const kernel = minKernel === undefined ? [] : [`kernel ${minKernel}`];
  return [...[...caps].sort(), ...[...arches].sort(), ...kernel].map((text) => `${sign}${text}`).join(' ');
}

/** Whether any rule is for some hosts only. */
export function hasConditions({ rules }: Pick<Profile, 'rules'>): boolean {
  return rules.some(({ includes, excludes }) => isCondition(includes) || isCondition(excludes));
}

/** Whether conditions ask anything of a host. */
export function isCondition({ caps = [], arches = [], minKernel }: RuleConditions = {}): boolean {
  return caps.length > 0 || arches.length > 0 || minKernel !== undefined;
}

/** Whether two profiles say the same of a call. The order of rules counts only where the runtime's answer does. */
export function sameFacts(
  a: readonly Pick<Fact, 'key'>[] = [],
  b: readonly Pick<Fact, 'key'>[] = [],
): boolean {
  if (a.length !== b.length) return false;
  if (a.length === 1) return a[0]?.key === b[0]?.key;
  const keys = new Set(b.map(({ key }) => key));
  return a.every(({ key }) => keys.has(key));
}

/** The calls of which two profiles do not say the same. */
export function differingCalls(
  a: ReadonlyMap<string, readonly Pick<Fact, 'key'>[]>,
  b: ReadonlyMap<string, readonly Pick<Fact, 'key'>[]>,
): ReadonlySet<string> {
  const calls = new Set([...a.keys(), ...b.keys()]);
  for (const call of calls) if (sameFacts(a.get(call), b.get(call))) calls.delete(call);
  return calls;
}
