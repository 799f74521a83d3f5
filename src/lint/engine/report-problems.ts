/**
 * Rules of form that pass on what reading found.
 * @module
 */
import type { Position } from '../../oci/document.ts';
import type { ProblemCode, Severity } from '../../oci/problem-codes.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Level } from './finding.ts';
import { findNode } from './locate-pointer.ts';
import type { LintRule } from './rule.ts';
import type { LintContext, Report } from './rule-context.ts';
import { type ProblemRuleId, ruleOfProblem } from './rule-of-problem.ts';

interface ProblemRule {
  readonly id: ProblemRuleId;
  readonly level: Level;
  readonly title: string;
  readonly fixable?: boolean;
  /** How to mend one of its problems. */
  readonly fix?: (context: LintContext, problem: Problem) => Pick<Report, 'fix'>;
}

/** A rule whose findings are the problems that {@link ruleOfProblem} gives it. */
export function ruleFromProblems({ id, level, title, fixable = false, fix }: ProblemRule): LintRule {
  return {
    id,
    group: 'form',
    level,
    title,
    fixable,
    check: (context) => {
      for (const problem of problemsOf(context, id)) {
        context.report({ ...reportOf(context, problem), ...fix?.(context, problem) });
      }
    },
  };
}

/** What reading found that belongs to a rule. */
export function problemsOf({ problems }: LintContext, id: ProblemRuleId): readonly Problem[] {
  return problems.filter(({ code }) => ruleOfProblem[code] === id);
}

const levels = { error: 'error', warning: 'warn', note: 'note' } as const satisfies Record<Severity, Level>;

/** The level of a problem: it depends on which readers reject the profile, as in `validate`. */
function levelOf({ severity }: Pick<Problem, 'severity'>): Exclude<Level, 'off'> {
  return levels[severity];
}

/** The level of the problem that reading found at a place; an empty object if it found none there. */
export function levelOfProblem(
  { problems }: LintContext,
  code: ProblemCode,
  pointer: string,
): Pick<Report, 'level'> {
  const found = problems.find((problem) => problem.code === code && problem.pointer === pointer);
  return found === undefined ? {} : { level: levelOf(found) };
}

/**
 * The check of a rule that looks at the meaning, where it can find what reading finds too. If both find something, it is reported
 * once, with the level of the problem. If only reading finds it, the problem is reported as it is: on this host, the rule may be
 * dropped or change nothing. So `lint` says everything that `validate` says, at the same place and with the same severity.
 */
export function withProblems(
  id: ProblemRuleId,
  check: (context: LintContext) => void,
  aboutOf: (problem: Problem) => Pick<Report, 'about'> = () => ({}),
): (context: LintContext) => void {
  return (context) => {
    const problems = problemsOf(context, id);
    const reported = new Set<string>();
    const report = (found: Report): void => {
      const problem = problems.find(({ pointer }) => pointer === found.pointer);
      reported.add(found.pointer);
      context.report(problem === undefined ? found : { ...found, level: levelOf(problem) });
    };
    check({ ...context, report });
    for (const problem of problems) {
      if (reported.has(problem.pointer)) continue;
      context.report({ ...reportOf(context, problem), ...aboutOf(problem) });
    }
  };
}

/** A problem as a rule reports it: at the same place and as severe. */
export function reportOf({ document }: LintContext, problem: Problem): Report {
  const { pointer, message, hint, line, column } = problem;
  const found = document === undefined ? undefined : findNode(document.root, pointer);
  const isAt = (place: Position | undefined) => place?.line === line && place.column === column;
  const onKey = isAt(found?.member?.keyStart);
  return {
    pointer,
    message,
    level: levelOf(problem),
    ...(onKey ? { onKey } : {}),
    // A mistake in the text can be at a place that no pointer leads to.
    ...(onKey || isAt(found?.node.start) ? {} : { at: { line, column } }),
    ...(hint === undefined ? {} : { hint }),
  };
}
