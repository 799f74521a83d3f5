/**
 * Findings as JUnit XML, which CI servers show as test results: a suite a file, a failed case a finding.
 * @module
 */

import { describeWitness } from './describe-witness.ts';
import type { FileFinding, FileReport, Totals } from './report.ts';

export function renderJunit(reports: readonly FileReport[], totals: Totals): string {
  const suites = reports.map(renderSuite).join('');
  const tests = reports.reduce((sum, report) => sum + casesOf(report), 0);
  const failed = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  const counts = `tests="${tests}" failures="${failed}" errors="${totals.failures}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="oci-seccomp lint" ${counts}>\n${suites}</testsuites>\n`;
}

/** A file without findings is one case that passes. */
function casesOf({ findings, failure }: FileReport): number {
  return Math.max(1, findings.length + (failure === undefined ? 0 : 1));
}

function renderSuite(report: FileReport): string {
  const { file, findings, failure } = report;
  const cases = [
    ...findings.map((finding) => renderCase(file, finding)),
    ...(failure === undefined
      ? []
      : [
          `    <testcase name="can be linted" classname="${escapeXml(file)}">\n      <error message="${escapeXml(failure.message)}" type="${failure.code}"/>\n    </testcase>\n`,
        ]),
  ];
  const body =
    cases.length === 0
      ? `    <testcase name="no findings" classname="${escapeXml(file)}"/>\n`
      : cases.join('');
  const counts = `tests="${casesOf(report)}" failures="${findings.length}" errors="${failure === undefined ? 0 : 1}"`;
  return `  <testsuite name="${escapeXml(file)}" ${counts}>\n${body}  </testsuite>\n`;
}

function renderCase(file: string, finding: FileFinding): string {
  const { rule, level, message, range, hint, witness } = finding;
  const place = `${file}:${range.line}:${range.column}`;
  const text = [
    place,
    ...(witness === undefined ? [] : [describeWitness(witness)]),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join('\n');
  const name = `${rule} at ${range.line}:${range.column}`;
  return `    <testcase name="${escapeXml(name)}" classname="${escapeXml(file)}">\n      <failure message="${escapeXml(message)}" type="${level}">${escapeXml(text)}</failure>\n    </testcase>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0: characters that it has no way to write (most control characters, lone surrogates) become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (each) => entities[each] ?? each);
}
