/**
 * Where in the profile the names of its rules stand.
 * @module
 */
import type { LintContext } from '../engine/rule-context.ts';
import type { NameEntry } from './named-calls.ts';

/** Where a name stands. */
export function pointerOfName(
  { profile, pointerOf }: LintContext,
  { rule, at }: Pick<NameEntry, 'rule' | 'at'>,
): string {
  const written = profile.rules[rule];
  const pointer = pointerOf(rule);
  return written?.name !== undefined && written.name !== '' ? `${pointer}/name` : `${pointer}/names/${at}`;
}

/** JSON pointer of a name in a rule. */
export function namePointer(context: LintContext, rule: number, syscall: string): string {
  const { names = [] } = context.profile.rules[rule] ?? {};
  return pointerAt(context, rule, syscall, names.indexOf(syscall));
}

/** @param index - of the name among the rule's names, -1 if it is not among them */
function pointerAt(context: LintContext, rule: number, syscall: string, index: number): string {
  const pointer = context.pointerOf(rule);
  const isOldForm = index < 0 && context.profile.rules[rule]?.name === syscall;
  return isOldForm ? `${pointer}/name` : `${pointer}/names/${Math.max(index, 0)}`;
}
