/**
 * Rules of form that pass on what reading found.
 * @module
 */
import type { Problem } from '../oci/problems.ts';
import type { LintContext, Report } from './context.ts';
import type { Level } from './finding.ts';
import { findNode } from './places.ts';
import { type ProblemRuleId, ruleOfProblem } from './problem-rules.ts';
import { defineRule, type LintRule } from './rule.ts';

interface ProblemRule {
  readonly id: ProblemRuleId;
  readonly level: Level;
  readonly title: string;
  readonly fixable?: boolean;
  /** How to mend one of its problems. */
  readonly fix?: (context: LintContext, problem: Problem) => Pick<Report, 'fix'>;
}

/** A rule whose findings are the problems that {@link ruleOfProblem} gives it. */
export function ruleFromProblems({ fix, ...facts }: ProblemRule): LintRule {
  return defineRule({
    ...facts,
    group: 'form',
    check: (context) => {
      for (const problem of problemsOf(context, facts.id)) {
        context.report({ ...reportOf(context, problem), ...fix?.(context, problem) });
      }
    },
  });
}

/** What reading found that belongs to a rule. */
export function problemsOf({ problems }: LintContext, id: ProblemRuleId): readonly Problem[] {
  return problems.filter(({ code }) => ruleOfProblem[code] === id);
}

/** A problem as a rule reports it, on the key if that is where the problem is. */
export function reportOf({ document }: LintContext, problem: Problem): Report {
  const { pointer, message, hint, line, column } = problem;
  const member = document === undefined ? undefined : findNode(document.root, pointer)?.member;
  const onKey = member?.keyStart.line === line && member.keyStart.column === column;
  return {
    pointer,
    message,
    ...(onKey ? { onKey } : {}),
    ...(document === undefined ? { at: { line, column } } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}
