/**
 * Names that the text of a profile repeats, whether or not a host has the call.
 * @module
 */
import type { ProfileRule } from '../../oci/profile.ts';
import { countsWhenever } from '../../oci/resolve/rule-conditions.ts';
import { leaveOpen } from './named-calls.ts';

/** Finds rules that say of a name what an earlier rule says of it. */
interface Repeats {
  /**
   * Takes the next rule of a name.
   *
   * @returns an earlier rule that says the same and applies whenever this one does, if there is one and `isAsked`
   */
  readonly add: (name: string, rule: number, isAsked: boolean) => number | undefined;
}

/** A rule is compared with at most so many earlier ones that say the same about the name under other conditions. */
const MAX_ALIKE = 256;

export function createRepeats(rules: readonly ProfileRule[]): Repeats {
  const alone = new Map<string, number>();
  const earlier = new Map<string, Map<string, number[]>>();
  const words = new Map<number, string>();
  const wordsOf = (rule: number): string => {
    const known = words.get(rule) ?? textOfRule(rules[rule]);
    words.set(rule, known);
    return known;
  };
  const add = (name: string, rule: number, isAsked: boolean): number | undefined => {
    const first = alone.get(name);
    // Most names are in one rule.
    if (first === undefined) {
      alone.set(name, rule);
      return undefined;
    }
    const own = earlier.get(name) ?? new Map([[wordsOf(first), [first]]]);
    earlier.set(name, own);
    const alike = own.get(wordsOf(rule)) ?? [];
    own.set(wordsOf(rule), alike);
    const other = isAsked ? findBefore(rules, alike, rule) : undefined;
    // A repeat is not kept: whoever repeats it repeats the first one too.
    if (other === undefined) alike.push(rule);
    return other;
  };
  return { add };
}

function findBefore(
  rules: readonly ProfileRule[],
  alike: readonly number[],
  rule: number,
): number | undefined {
  const before = alike.slice(0, MAX_ALIKE);
  const found = before.find((one) => countsWhenever(rules[one], rules[rule]));
  if (found === undefined && before.length < alike.length) leaveOpen();
  return found;
}

const EMPTY_RULE: ProfileRule = { names: [], action: '' };

/** What a rule says, without its names and conditions. */
function textOfRule({ action, errnoRet, errno, args = [] }: ProfileRule = EMPTY_RULE): string {
  const comparisons = args.map((arg) => `${arg.index} ${arg.op} ${arg.value} ${arg.valueTwo}`);
  return [action, errnoRet, errno, ...comparisons].join();
}
