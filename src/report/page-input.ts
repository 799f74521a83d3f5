/**
 * From a profile that has been read to the page's data: what needs no machine.
 * @module
 */
import { isDenied, isMade } from '../abi/carried-out.ts';
import { describeWitness } from '../lint/engine/describe-witness.ts';
import type { Finding, Witness } from '../lint/engine/finding.ts';
import { singleFindings } from '../lint/engine/merge-findings.ts';
import type { Profile } from '../oci/profile.ts';
import type { ReportData, ReportFinding } from './report-data.ts';

/** Findings as the page shows them. */
export function findingsForPage(findings: readonly Finding[]): readonly ReportFinding[] {
  return singleFindings(findings).map(({ rule, level, message, hint, range, witness }) => ({
    rule,
    level,
    message,
    ...(hint === undefined ? {} : { hint }),
    line: range.line,
    ...(witness === undefined ? {} : { witness: describeWitness(witness) }),
    isHole: level !== 'note' && isHole(rule, witness),
  }));
}

/** Rules whose witness walks around a restriction that the profile has, even where nobody can say what it was meant to get. */
const aroundRules: readonly string[] = [
  'clone-without-clone3',
  'int-argument-high-bits',
  'io-uring-bypass',
  'missing-subarch',
  'sign-extended-int',
  'socket-without-socketcall',
];

/** A call that gets through although the profile means to deny it. */
function isHole(rule: string, witness: Witness | undefined): boolean {
  if (witness === undefined || !isMade(witness.verdict)) return false;
  const { meant } = witness;
  return meant === undefined ? aroundRules.includes(rule) : isDenied(meant);
}

/**
 * The profile as the page holds it.
 *
 * @param placed - the same profile as read from the text, where `profile` itself has no places: a built-in
 */
export function profileForPage(
  name: string,
  text: string,
  profile: Profile,
  placed: Profile = profile,
): ReportData['profile'] {
  const lines = placed.rules.map(({ place }) =>
    place === undefined || place.file !== (placed === profile ? name : place.file) ? null : place.line,
  );
  return { name, profile, dialect: profile.dialect, text, lines };
}
