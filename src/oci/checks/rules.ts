/**
 * Checks on rules: names, actions, what becomes of a rule.
 * @module
 */
import { allSyscallNames } from '../../abi/syscalls.ts';
import { quote } from '../read-json.ts';
import { type ObjectView, type Text, textOf, textsOf } from '../view.ts';
import { actionOf, type CheckContext, didYouMean, on, onKey } from './check.ts';
import { effectiveErrno } from './errno.ts';

/** Runs all checks of this file. */
export function checkRules(context: CheckContext): void {
  const known = new Set(allSyscallNames());
  for (const rule of context.rules) {
    checkNames(rule, context);
    for (const text of namesOf(rule)) checkName(text, known, context);
    checkNotify(rule, context);
    checkSameAsDefault(rule, context);
  }
}

function namesOf(rule: ObjectView): readonly Text[] {
  const name = textOf(rule, 'name');
  return name === undefined ? textsOf(rule, 'names') : [name, ...textsOf(rule, 'names')];
}

function checkNames(rule: ObjectView, { report }: CheckContext): void {
  const names = rule.fields.get('names');
  const name = textOf(rule, 'name');
  const isEmpty = names?.node.kind === 'array' && names.node.elements.length === 0;
  if (name !== undefined) {
    if (names === undefined || isEmpty) return;
    const message = 'give either "name" or "names", not both';
    const rejectedBy = ['docker', 'podman', 'cri-o'] as const;
    report({ code: 'name-and-names', ...onKey(rule, 'name'), message, rejectedBy });
  } else if (isEmpty) {
    const message = 'the list of names is empty: the rule has no effect';
    report({ code: 'empty-names', ...on({ node: names.node, pointer: names.pointer }), message });
  } else if (names === undefined) {
    // Engines write the missing list as null; runc then skips the rule, crun and youki refuse it.
    const message = 'the rule has no "names"';
    report({ code: 'missing-names', ...on(rule), message, rejectedBy: ['crun', 'youki'] });
  }
}

function checkName(text: Text, known: ReadonlySet<string>, { suggest, report }: CheckContext): void {
  if (text.value === '') {
    const message = 'the name of a system call cannot be empty';
    report({ code: 'empty-name', ...on(text), message, rejectedBy: ['runc'] });
  } else if (!known.has(text.value)) {
    const message = `no architecture has a system call ${quote(text.value)}: the name is skipped`;
    const hint = didYouMean(suggest(text.value, known));
    report({ code: 'unknown-syscall', ...on(text), message, hint });
  }
}

/** runc hands the listener over with write(2), under the filter itself. */
function checkNotify(rule: ObjectView, { report }: CheckContext): void {
  if (actionOf(rule, 'action')?.kind !== 'notify') return;
  const write = namesOf(rule).find(({ value }) => value === 'write');
  if (write === undefined) return;
  const message = 'SCMP_ACT_NOTIFY cannot be used for write';
  report({ code: 'notify-write', ...on(write), message, rejectedBy: ['runc', 'youki'] });
}

function checkSameAsDefault(rule: ObjectView, { dialect, profile, report }: CheckContext): void {
  const action = actionOf(rule, 'action');
  if (action === undefined || action !== actionOf(profile, 'defaultAction')) return;
  const withData = action.maxData !== undefined;
  if (withData && effectiveErrno(rule, 'rule', dialect) !== effectiveErrno(profile, 'profile', dialect))
    return;
  const message = 'the rule says what the default action says: it is skipped, its comparisons included';
  report({ code: 'rule-is-default', ...onKey(rule, 'action'), message });
}
