/**
 * Profiles under which no container starts: the filter is loaded first, and the runtime calls execve under it.
 * @module
 */
import { needsOf } from '../catalog/runtime-needs.ts';
import type { LintContext } from '../context.ts';
import { deniedAmong, denyingPlace, fateOf, formatDenials, listCalls } from '../fate.ts';
import { problemsOf, reportOf } from '../from-problems.ts';
import type { HostView } from '../host-view.ts';
import { defineRule } from '../rule.ts';

export const cannotStart = defineRule({
  id: 'cannot-start',
  group: 'breakage',
  level: 'error',
  title: 'No container can start, or no program can end, under the profile',
  check: (context) => {
    if (context.views.length === 0) {
      for (const problem of problemsOf(context, 'cannot-start')) context.report(reportOf(context, problem));
    }
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const [native] = view.policy.architectures;
  const execve = fateOf(view, native, 'execve');
  if (execve?.passes === 'never') {
    context.report({
      pointer: denyingPlace(context, view, 'execve'),
      message: `no container can start: execve gets ${formatDenials(execve)}`,
      hint: 'allow execve: the runtime starts the program with it, under the filter',
      view,
    });
    return;
  }
  const exits = deniedAmong(view, native, ['exit', 'exit_group']);
  const [exit] = exits;
  if (exit !== undefined && exits.length === 2) {
    context.report({
      pointer: denyingPlace(context, view, 'exit_group'),
      message: `no program can end: exit and exit_group get ${formatDenials(exit)}`,
      hint: 'allow exit and exit_group; C libraries crash the program if they fail',
      view,
    });
    return;
  }
  checkRuntime(context, view);
}

function checkRuntime(context: LintContext, view: HostView): void {
  const [native] = view.policy.architectures;
  const needs = needsOf(view.runtime.name);
  if (needs === undefined) return;
  const denied = deniedAmong(view, native, needs.syscalls).map(({ syscall }) => syscall);
  const [first] = denied;
  if (first === undefined) return;
  context.report({
    pointer: denyingPlace(context, view, first),
    message: `no container can start: ${needs.runtime} itself calls ${listCalls(denied)} under the filter`,
    hint: `allow ${denied.length === 1 ? 'it' : 'them'} as well (${needs.runtime} ${needs.versions} needs ${listCalls(needs.syscalls)}; more without noNewPrivileges)`,
    view,
  });
}
