/**
 * Findings as JSON; docs/lint.md describes the form.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { Witness } from '../../lint/engine/finding.ts';
import { objectName } from '../../pipeline/select-profile.ts';
import { callJson, verdictJson } from '../render/json-meaning.ts';
import { failureJson, printJson } from '../render/print-json.ts';
import type { FileFinding, FileReport, FileWorkload, Totals } from './file-report.ts';

export function renderJson(reports: readonly FileReport[], totals: Totals): string {
  return printJson({
    files: reports.map(
      ({ file, dialect, findings, suppressed, inherited, known, fixed, failure, workloads }) => ({
        file,
        dialect: dialect ?? null,
        findings: findings.map(findingJson),
        suppressed: suppressed.map((finding) => ({ ...findingJson(finding), reason: finding.reason })),
        inherited: inherited.map((finding) => ({ ...findingJson(finding), base: finding.base })),
        known: known.map(findingJson),
        fixed,
        ...(workloads.length === 0 ? {} : { workloads: workloads.map(workloadJson) }),
        ...(failure === undefined ? {} : { failure: failureJson(failure) }),
      }),
    ),
    totals,
  });
}

function workloadJson({ object, containers }: FileWorkload) {
  return { object: objectName(object), kind: object.kind, containers };
}

function findingJson(finding: FileFinding) {
  const { rule, level, hosts, places } = finding;
  return {
    rule,
    level,
    ...placeJson(finding),
    ...(hosts === undefined ? {} : { hosts }),
    ...(places === undefined ? {} : { places: places.map(placeJson) }),
  };
}

/** What a finding says of one place. */
function placeJson({ message, hint, range, fingerprint, witness, related, fix }: FileFinding) {
  return {
    message,
    ...(hint === undefined ? {} : { hint }),
    ...range,
    fingerprint,
    ...(witness === undefined ? {} : { witness: witnessJson(witness) }),
    ...(related === undefined
      ? {}
      : { related: related.map((each) => ({ message: each.message, ...each.range })) }),
    ...(fix === undefined ? {} : { fix }),
  };
}

function witnessJson({ call, verdict, otherwise, meant }: Witness) {
  const json = (word: ReturnWord) => verdictJson(word, archOfCall(call));
  return {
    call: callJson(call),
    verdict: json(verdict),
    ...(otherwise === undefined ? {} : { otherwise: otherwise.map(json) }),
    ...(meant === undefined ? {} : { meant: json(meant) }),
  };
}
