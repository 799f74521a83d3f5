/**
 * Profiles in the languages of other programs: recognised by their content, read, and checked as profiles are.
 * @module
 */
import { checkArgs } from '../checks/check-args.ts';
import { createSuggest, createSuggestCall } from '../checks/check-context.ts';
import { checkRules } from '../checks/check-rules.ts';
import { decodeProfile } from '../decode-profile.ts';
import { type ForeignDialect, type SystemdRelease, systemdReleaseOf } from '../dialect-rows.ts';
import { objectsOf, viewObject } from '../object-view.ts';
import { type FoundProblem, isRefusal, isUnreadable, toProblems } from '../problems.ts';
import type { ReadProfileResult } from '../read-profile-tree.ts';
import { positionAt } from '../source-text.ts';
import { readLxc } from './read-lxc.ts';
import { readMinijail } from './read-minijail.ts';
import { readSystemd } from './read-systemd.ts';
import type { ForeignTree } from './tree.ts';

/** One row a language. */
const readers = {
  systemd: readSystemd,
  lxc: readLxc,
  minijail: readMinijail,
} as const satisfies Record<
  ForeignDialect,
  (text: string, name: string, release: SystemdRelease) => ForeignTree
>;

/** Findings that are kept of one text; far more than are listed in the end. */
const MAX_FINDINGS = 5000;

/**
 * Reads a text of this dialect. Nothing is thrown, whatever it is.
 *
 * @param release - for systemd: the release whose sets of calls apply
 */
export function readForeign(
  text: string,
  name: string,
  dialect: ForeignDialect,
  release = systemdReleaseOf(undefined),
): ReadProfileResult {
  const zero = text.indexOf('\0');
  if (zero !== -1) {
    const message = 'the text has a NUL character';
    const finding: FoundProblem = {
      code: 'control-character',
      at: positionAt(text, zero),
      pointer: '',
      message,
    };
    return { profile: undefined, dialect, problems: toProblems([finding], name), document: undefined };
  }
  const { root, findings: read } = readers[dialect](text, name, release);
  if (root === undefined) {
    return { profile: undefined, dialect, problems: toProblems(read, name), document: undefined };
  }
  const findings = read.slice(0, MAX_FINDINGS);
  const view = viewObject('profile', root, '', dialect);
  const context = {
    dialect,
    profile: view,
    rules: objectsOf(view, 'syscalls', dialect),
    suggest: createSuggest(),
    suggestCall: createSuggestCall(),
    report: (finding: FoundProblem) => {
      if (findings.length < MAX_FINDINGS) findings.push(finding);
    },
  };
  checkRules(context);
  checkArgs(context);
  const problems = toProblems(findings, name);
  const document = { name, text, syntax: 'other' as const, root };
  if (problems.some(isUnreadable)) return { profile: undefined, dialect, problems, document };
  const refusals = problems.filter(isRefusal);
  const profile = decodeProfile(view, { dialect, file: name });
  return {
    profile: {
      ...profile,
      ...(dialect === 'systemd' ? { systemdRelease: release } : {}),
      ...(refusals.length === 0 ? {} : { refusals }),
    },
    dialect,
    problems,
    document,
  };
}
