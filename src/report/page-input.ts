/**
 * From a profile that has been read to the page's data, as far as that needs no machine.
 * @module
 */
import { isDenied, isMade } from '../abi/carried-out.ts';
import { describeWitness } from '../lint/engine/describe-witness.ts';
import type { Finding, Witness } from '../lint/engine/finding.ts';
import { singleFindings } from '../lint/engine/merge-findings.ts';
import type { Profile } from '../oci/profile.ts';
import type { ReportData, ReportFinding } from './report-data.ts';

/** Findings as the page shows them: one for each cause, with all its places. */
export function findingsForPage(findings: readonly Finding[]): readonly ReportFinding[] {
  return findings.map((finding) => {
    const { rule, level, message, hint } = finding;
    const places = singleFindings([finding]);
    const witnesses = places.flatMap(({ witness }) => (witness === undefined ? [] : [witness]));
    return {
      rule,
      level,
      message,
      ...(hint === undefined ? {} : { hint }),
      lines: [...new Set(places.map(({ range }) => range.line))],
      witnesses: [...new Set(witnesses.slice(0, FEW_WITNESSES).map(describeWitness))],
      holes: level === 'note' ? 0 : witnesses.filter((witness) => isHole(rule, witness)).length,
    };
  });
}

/** Calls that the page shows for one finding. */
const FEW_WITNESSES = 3;

/** Rules whose witness gets around a restriction of the profile, even if it is not known what the call was meant to get. */
const aroundRules: readonly string[] = [
  'clone-without-clone3',
  'int-argument-high-bits',
  'io-uring-bypass',
  'missing-subarch',
  'sign-extended-int',
  'socket-without-socketcall',
];

/** A call that gets through although the profile means to deny it. */
function isHole(rule: string, { verdict, meant }: Witness): boolean {
  if (!isMade(verdict)) return false;
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
