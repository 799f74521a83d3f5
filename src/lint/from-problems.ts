/**
 * Rules of form that pass on what reading found.
 * @module
 */
import type { ProblemCode } from '../oci/problems.ts';
import type { Level } from './finding.ts';
import { defineRule, type LintRule } from './rule.ts';

/** A rule whose findings are the problems of these codes. */
export function ruleFromProblems(rule: {
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  readonly codes: readonly ProblemCode[];
}): LintRule {
  const { codes, ...facts } = rule;
  return defineRule({
    ...facts,
    group: 'form',
    check: ({ problems, report }) => {
      for (const { code, pointer, message, hint } of problems) {
        if (codes.includes(code)) report({ pointer, message, ...(hint === undefined ? {} : { hint }) });
      }
    },
  });
}
