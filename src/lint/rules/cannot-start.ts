/**
 * Profiles under which no container starts: the runtime loads the filter first, and calls execve and more under it.
 * @module
 */
import { describeRuntime } from '../../policy/runtimes.ts';
import {
  denialsOf,
  deniedAmong,
  denyingPlace,
  formatAllDenials,
  formatDenials,
  listCalls,
} from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { lacksOf, type RuntimeLack } from '../ask/runtime-lacks.ts';
import { problemsOf, reportOf } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const cannotStart = builtinRule({
  id: 'cannot-start',
  group: 'breakage',
  level: 'error',
  title: 'No container can start, or no program can end, under the profile',
  seesGvisor: true,
  check: (context) => {
    if (context.views.length === 0) {
      for (const problem of problemsOf(context, 'cannot-start')) context.report(reportOf(context, problem));
    }
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const [native] = view.policy.architectures;
  const execve = denialsOf(view, native, 'execve');
  if (execve?.passes === 'never') {
    // Reading has found a name that may be meant for it.
    const [misspelt] = problemsOf(context, 'cannot-start');
    context.report({
      pointer: misspelt?.pointer ?? denyingPlace(context, view, 'execve'),
      message: `no container can start: execve gets ${formatDenials(execve)}`,
      hint: misspelt?.hint ?? 'allow execve: the runtime starts the program with it, under the filter',
      view,
    });
    return;
  }
  const exits = deniedAmong(view, native, ['exit', 'exit_group']);
  if (exits.length === 2) {
    context.report({
      pointer: denyingPlace(context, view, 'exit_group'),
      message: `no program can end: exit and exit_group get ${formatAllDenials(exits)}`,
      hint: 'allow exit and exit_group; C libraries crash the program if they fail',
      view,
    });
    return;
  }
  checkRuntime(context, view);
}

function checkRuntime(context: LintContext, view: HostView): void {
  const lacks = lacksOf(view);
  const always = lacks.filter(({ need }) => need.withPrivileges !== true);
  const [first] = always.length > 0 ? always : lacks;
  if (first === undefined) return;
  const names = namesOf(lacks);
  const them = names.length === 1 ? 'it' : 'them';
  const runtime = describeRuntime(view.runtime);
  context.report({
    pointer: denyingPlace(context, view, first.asked.syscall),
    message: `no container can start${always.length > 0 ? '' : ' without noNewPrivileges'}: ${runtime} itself calls ${listCalls(names, 20)} under the filter`,
    hint: `allow ${them}${waysOut(lacks, always)}`,
    view,
  });
}

function namesOf(lacks: readonly RuntimeLack[]): readonly string[] {
  return [...new Set(lacks.map(({ asked }) => asked.syscall))].sort();
}

function waysOut(lacks: readonly RuntimeLack[], always: readonly RuntimeLack[]): string {
  const ways = [
    ...(lacks.every(({ need }) => need.copesWith === 'errors')
      ? [', or deny with an error number, after which it goes on']
      : []),
  ];
  const privileged = namesOf(lacks.filter(({ need }) => need.withPrivileges === true));
  if (privileged.length === 0) return ways.join('');
  const they = always.length === 0 ? 'none of this' : listCalls(namesOf(always), 20);
  return `${ways.join('')}; with noNewPrivileges (--no-new-privileges tells lint) it needs ${they}`;
}
