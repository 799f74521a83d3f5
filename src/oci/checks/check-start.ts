/**
 * Whether a container can start at all: runtimes load the filter and then call execve, under it.
 *
 * Tried with a container of one static program and shrinking lists of allowed calls: runc 1.1.5 needs ten more calls
 * before its execve (close, write, futex, getdents64, openat, exit_group, getpid, fstatfs, epoll_ctl,
 * epoll_create1), crun 1.8.1 none, and without noNewPrivileges both need many. What is needed beside execve depends on
 * version and configuration, so only execve is checked.
 * @module
 */
import { isSyscallName } from '../../abi/syscall-numbers.ts';
import type { ObjectView, Text } from '../object-view.ts';
import { actionOf, type CheckContext, didYouMean, on } from './check-context.ts';
import { namesOf } from './check-rules.ts';

/** Actions under which a call is carried out, or may be: NOTIFY asks a supervisor. TRACE is not one: nobody traces a container. */
const passing: ReadonlySet<string> = new Set(['allow', 'log', 'notify']);

/** Runs the check of this file. */
export function checkStart({ profile, rules, suggest, report }: CheckContext): void {
  const action = actionOf(profile, 'defaultAction');
  if (action === undefined) return;
  const about = rules.filter((rule) => nameOf(rule) !== undefined);
  const isLikeExecve = ({ value }: Text) => !isSyscallName(value) && suggest(value, ['execve']) !== undefined;
  const passes = (rule: ObjectView) => passing.has(actionOf(rule, 'action')?.kind ?? '');
  if (!passing.has(action.kind)) {
    // What an unknown action does is not known; that it is unknown is said at the action.
    if (about.some((rule) => passes(rule) || actionOf(rule, 'action') === undefined)) return;
    const message = 'no rule lets execve through: no container can start';
    const misspelt = rules.filter(passes).flatMap(namesOf).find(isLikeExecve);
    const hint =
      didYouMean(misspelt && 'execve') ??
      'a profile that denies by default must allow what every program needs, first of all execve';
    const at = misspelt ?? profile.fields.get('defaultAction') ?? profile;
    report({ code: 'cannot-start', ...on(at), message, hint, rejectedBy: [] });
    return;
  }
  const denying = about.find(
    (rule) => !passes(rule) && actionOf(rule, 'action') !== undefined && isPlain(rule),
  );
  if (denying === undefined) return;
  const message = 'the rule denies execve: no container can start';
  report({ code: 'cannot-start', ...on(nameOf(denying) ?? denying), message, rejectedBy: [] });
}

/** Where a rule names execve. */
function nameOf(rule: ObjectView): Text | undefined {
  return namesOf(rule).find(({ value }) => value === 'execve');
}

/** Without comparisons and conditions. */
function isPlain(rule: ObjectView): boolean {
  const args = rule.fields.get('args')?.node;
  const compares = args?.kind === 'array' && args.elements.length > 0;
  return !compares && !rule.fields.has('includes') && !rule.fields.has('excludes');
}
