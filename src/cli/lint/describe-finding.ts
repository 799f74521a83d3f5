/**
 * A finding in words, for formats that have one text for it.
 * @module
 */
import { describeWitness } from '../../lint/engine/describe-witness.ts';
import type { Finding } from '../../lint/engine/finding.ts';
import { hostsOf, otherPlacesOf } from '../../lint/engine/merge-findings.ts';

/** Other places, the call that proves it, the hosts, and the hint, each a line. */
export function detailsOf(finding: Finding): readonly string[] {
  const { witness, hosts, hint } = finding;
  const others = otherPlacesOf(finding);
  return [
    ...(others === undefined ? [] : [others]),
    ...(witness === undefined ? [] : [describeWitness(witness)]),
    ...(hosts === undefined ? [] : [hostsOf(hosts)]),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}

/** The message and its details, each a line, and where its rule is explained. */
export function linesOf(finding: Finding): readonly string[] {
  return [finding.message, ...detailsOf(finding), pageOf(finding)];
}

/** The command that prints the page of a finding's rule. */
export function pageOf({ rule }: Finding): string {
  return `see: oci-seccomp rules ${rule}`;
}

/** The message and its details as sentences. */
export function sentencesOf(finding: Finding): string {
  return `${[finding.message, ...detailsOf(finding)].join('. ')}.`;
}
