/**
 * Whether a rule applies whenever another one does. Only then can it make the other one redundant.
 * @module
 */
import type { ProfileRule, RuleConditions } from '../profile.ts';
import { parseMinKernel } from './min-kernel.ts';

/** Whether `other` applies on every host on which `rule` does, judging by their conditions. */
export function countsWhenever(other: ProfileRule | undefined, rule: ProfileRule | undefined): boolean {
  if (other === rule) return true;
  if (other === undefined || rule === undefined) return false;
  const [theirs, ours] = [other.includes ?? {}, rule.includes ?? {}];
  return (
    isSubset(theirs.caps, ours.caps) &&
    includesArches(theirs, ours) &&
    versionOf(theirs) <= versionOf(ours) &&
    excludesLess(other.excludes ?? {}, rule.excludes ?? {})
  );
}

function includesArches(
  { arches: theirs = [] }: RuleConditions,
  { arches: ours = [] }: RuleConditions,
): boolean {
  return theirs.length === 0 || (ours.length > 0 && isSubset(ours, theirs));
}

function excludesLess(theirs: RuleConditions, ours: RuleConditions): boolean {
  const never = Number.POSITIVE_INFINITY;
  return (
    isSubset(theirs.caps, ours.caps) &&
    isSubset(theirs.arches, ours.arches) &&
    versionOf(theirs, never) >= versionOf(ours, never)
  );
}

function isSubset(some: readonly string[] = [], all: readonly string[] = []): boolean {
  return some.every((each) => all.includes(each));
}

/** A kernel version as a number that grows with it. @param absent - what no version counts as */
function versionOf({ minKernel }: RuleConditions, absent = 0): number {
  const version = minKernel === undefined ? undefined : parseMinKernel(minKernel);
  return version === undefined ? absent : 1000 * version.kernel + version.major;
}
