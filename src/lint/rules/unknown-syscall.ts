/**
 * Names that no architecture has a system call for: runtimes skip them, and a rule against `execvp` forbids nothing.
 * @module
 */
import { suggestSyscall } from '../../abi/nearest-name.ts';
import type { Problem } from '../../oci/problems.ts';
import { correction } from '../edit/fix-of-edits.ts';
import { replaceValue } from '../edit/text-edits.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { problemsOf, reportOf } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext, Report } from '../engine/rule-context.ts';

/** A suggestion compares with every name: a hostile document gets only the first few. */
const MAX_SUGGESTIONS = 100;
const MAX_LENGTH = 64;
/** The name in the message of a problem. */
const UNKNOWN = /^no architecture has a system call (".*"): the name is skipped$/s;

export const unknownSyscall = builtinRule({
  id: 'unknown-syscall',
  group: 'breakage',
  level: 'warn',
  title: 'A name is not a system call on any architecture',
  fixable: true,
  check: (context) => {
    for (const [i, problem] of problemsOf(context, 'unknown-syscall').entries()) {
      const report = reportOf(context, problem);
      context.report({
        ...report,
        ...(report.hint === undefined ? aboutNames(problem) : {}),
        ...(i < MAX_SUGGESTIONS ? renaming(context, problem) : {}),
      });
    }
  },
});

/** Names that are like no other have nothing else to be said about each. */
function aboutNames({ message }: Problem): Pick<Report, 'about'> {
  const [, name] = UNKNOWN.exec(message) ?? [];
  if (name === undefined) return {};
  return {
    about: { names: [name], many: 'no architecture has the system calls …: the names are skipped' },
  };
}

/**
 * The name that was meant, where there is one. Only in rules that let calls through: denying a call that was open, and
 * that programs may need, is for people to decide.
 */
function renaming(context: LintContext, { pointer }: Problem): Pick<Report, 'fix'> {
  const { document, profile } = context;
  const node = document === undefined ? undefined : findNode(document.root, pointer)?.node;
  if (node?.kind !== 'string' || node.value.length > MAX_LENGTH) return {};
  const rule = profile.rules.find(
    ({ place }) => place !== undefined && pointer.startsWith(`${place.pointer}/`),
  );
  if (rule?.action !== 'SCMP_ACT_ALLOW' && rule?.action !== 'SCMP_ACT_LOG') return {};
  const [name, ...others] = suggestSyscall(node.value)?.names ?? [];
  if (name === undefined || others.length > 0) return {};
  return correction(`write "${name}"`, replaceValue(document, pointer, JSON.stringify(name)));
}
