/**
 * Checks on rules: names, actions, and whether a rule has an effect.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { SyscallSuggestion } from '../../abi/nearest-name.ts';
import { isSyscallName } from '../../abi/syscall-numbers.ts';
import { enginesThat, runtimesThat } from '../../consumers.ts';
import { type ObjectView, type Text, textOf, textsOf } from '../object-view.ts';
import { quote } from '../read-json.ts';
import { actionOf, type CheckContext, on, onKey } from './check-context.ts';
import { effectiveErrno } from './check-errno.ts';

/** Runs all checks of this file. */
export function checkRules(context: CheckContext): void {
  const others = context.rules.filter((rule) => !isSameAsDefault(rule, context));
  // Only rules that repeat the default action ask for it, and few profiles have any.
  const answered = new Set<string>();
  if (others.length < context.rules.length) {
    for (const rule of others) for (const { value } of namesOf(rule)) answered.add(value);
  }
  for (const rule of context.rules) {
    checkNames(rule, context);
    // Each step of a loop over the names would make an object.
    namesOf(rule).forEach((text) => {
      checkName(text, context);
    });
    checkNotify(rule, context);
    checkSameAsDefault(rule, answered, context);
  }
}

/** The names of a rule, the old form first. */
export function namesOf(rule: ObjectView): readonly Text[] {
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
    const rejectedBy = enginesThat((row) => row.refusesNameWithNames !== 'never');
    report({ code: 'name-and-names', ...onKey(rule, 'name'), message, rejectedBy });
  } else if (isEmpty) {
    const message = 'the list of names is empty: the rule has no effect';
    report({ code: 'empty-names', ...on({ node: names.node, pointer: names.pointer }), message });
  } else if (names === undefined) {
    // Engines write the missing list as null; runc then skips the rule, crun and youki refuse it.
    const message = 'the rule has no "names"';
    const rejectedBy = runtimesThat((_, reading) => reading.needsNames);
    report({ code: 'missing-names', ...on(rule), message, rejectedBy });
  }
}

function checkName(text: Text, { suggestCall, report }: CheckContext): void {
  if (text.value === '') {
    const message = 'the name of a system call cannot be empty';
    const rejectedBy = runtimesThat((_, reading) => !reading.takesEmptyNames);
    report({ code: 'empty-name', ...on(text), message, rejectedBy });
  } else if (!isSyscallName(text.value)) {
    const found = suggestCall(text.value);
    const what =
      found?.why === 'libc'
        ? `'${text.value}' is a function of the C library, not a system call`
        : `no architecture has a system call ${quote(text.value)}`;
    const hint = found === undefined ? undefined : hintOf(found);
    report({ code: 'unknown-syscall', ...on(text), message: `${what}: the name is skipped`, hint });
  }
}

function hintOf({ names, why }: SyscallSuggestion): string {
  const [first = ''] = names;
  switch (why) {
    case 'spelling':
      return `did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
    case 'other-spelling':
      return `it is another name of ${first}: write "${first}"`;
    case 'libc':
      return names.length === 1 ? `the system call is ${first}` : `the system calls are ${listWords(names)}`;
  }
}

/** runc hands the listener over with write(2), under the filter itself. */
function checkNotify(rule: ObjectView, { report }: CheckContext): void {
  if (actionOf(rule, 'action')?.kind !== 'notify') return;
  const write = namesOf(rule).find(({ value }) => value === 'write');
  if (write === undefined) return;
  const message = 'SCMP_ACT_NOTIFY cannot be used for write';
  const rejectedBy = runtimesThat((traits) => traits.refusesNotifyOnStartPath);
  report({ code: 'notify-write', ...on(write), message, rejectedBy });
}

/** Whether a rule repeats the default action: runtimes skip it before they look at its comparisons. */
export function isSameAsDefault(
  rule: ObjectView,
  { dialect, profile }: Pick<CheckContext, 'dialect' | 'profile'>,
): boolean {
  const action = actionOf(rule, 'action');
  if (action === undefined || action !== actionOf(profile, 'defaultAction')) return false;
  if (action.maxData === undefined) return true;
  return effectiveErrno(rule, 'rule', dialect) === effectiveErrno(profile, 'profile', dialect);
}

/** @param answered - names of the rules that say something else */
function checkSameAsDefault(rule: ObjectView, answered: ReadonlySet<string>, context: CheckContext): void {
  if (!isSameAsDefault(rule, context)) return;
  const message = 'the rule repeats the default action: it is skipped, and so are its comparisons';
  const place = onKey(rule, 'action');
  const overruled = namesOf(rule).find(({ value }) => answered.has(value))?.value;
  if (overruled === undefined) {
    context.report({ code: 'rule-is-default', ...place, message });
    return;
  }
  // An exception that is not made: another rule answers the call.
  context.report({
    code: 'rule-is-default',
    ...place,
    severity: 'warning',
    message: `${message}; another rule answers ${quote(overruled)}`,
  });
}
