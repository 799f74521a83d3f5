/**
 * Names that no architecture has a system call for: runtimes skip them, and a rule against `execvp` forbids nothing.
 * @module
 */
import { libcCalls } from '../../abi/libc-calls.ts';
import { type SyscallSuggestion, suggestSyscall } from '../../abi/near.ts';
import type { Problem } from '../../oci/problems.ts';
import type { LintContext, Report } from '../context.ts';
import { replaceValue } from '../edits.ts';
import { listCalls } from '../fate.ts';
import { correction } from '../fixes.ts';
import { problemsOf, reportOf } from '../from-problems.ts';
import { findNode } from '../places.ts';
import { defineRule } from '../rule.ts';

/** A suggestion compares with every name: a hostile document gets only the first few. */
const MAX_SUGGESTIONS = 100;
const MAX_LENGTH = 64;

export const unknownSyscall = defineRule({
  id: 'unknown-syscall',
  group: 'breakage',
  level: 'warn',
  title: 'A name is no system call of any architecture',
  fixable: true,
  check: (context) => {
    for (const [i, problem] of problemsOf(context, 'unknown-syscall').entries()) {
      context.report(reportName(context, problem, i < MAX_SUGGESTIONS));
    }
  },
});

function reportName(context: LintContext, problem: Problem, suggests: boolean): Report {
  const { document } = context;
  const plain = reportOf(context, problem);
  const node = document === undefined ? undefined : findNode(document.root, problem.pointer)?.node;
  if (!suggests || node?.kind !== 'string' || node.value.length > MAX_LENGTH) return plain;
  const suggestion = suggestSyscall(node.value);
  if (suggestion === undefined) return plain;
  const [first, ...others] = suggestion.names;
  const isFunction = libcCalls.has(node.value);
  return {
    ...plain,
    ...(isFunction
      ? { message: `'${node.value}' is a function of the C library and no system call: the name is skipped` }
      : {}),
    hint: hintOf(suggestion),
    ...(others.length > 0 || first === undefined
      ? {}
      : correction(`write "${first}"`, replaceValue(document, problem.pointer, JSON.stringify(first)))),
  };
}

function hintOf({ names, why }: SyscallSuggestion): string {
  if (why === 'spelling') return `did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
  return names.length === 1 ? `the system call is ${names[0]}` : `the system calls are ${listCalls(names)}`;
}
