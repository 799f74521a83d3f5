/**
 * Findings as JUnit XML, which CI servers show as test results. A file is a suite and a finding is a case. A finding that
 * does not fail the run is a case that passes, with its text as output.
 * @module
 */
import { visibleText } from '../render/safe-text.ts';
import { detailsOf, pageOf } from './describe-finding.ts';
import { escapeXml } from './escape-xml.ts';
import type { Fails } from './failing-level.ts';
import type { FileFinding, FileReport, Totals } from './file-report.ts';

export function renderJunit(reports: readonly FileReport[], totals: Totals, fails: Fails): string {
  const suites = reports.map((report) => renderSuite(report, fails)).join('');
  const tests = reports.reduce((sum, report) => sum + casesOf(report), 0);
  const failed = reports.reduce((sum, { findings }) => sum + findings.filter(fails).length, 0);
  const counts = `tests="${tests}" failures="${failed}" errors="${totals.failures}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="oci-seccomp lint" ${counts}>\n${suites}</testsuites>\n`;
}

/** A file without findings is one case that passes. */
function casesOf({ findings, failure }: FileReport): number {
  return Math.max(1, findings.length + (failure === undefined ? 0 : 1));
}

function renderSuite(report: FileReport, fails: Fails): string {
  const { findings, failure } = report;
  const file = visibleText(report.file);
  const cases = [
    ...findings.map((finding) => renderCase(file, finding, fails)),
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
  const failures = findings.filter(fails).length;
  const counts = `tests="${casesOf(report)}" failures="${failures}" errors="${failure === undefined ? 0 : 1}"`;
  return `  <testsuite name="${escapeXml(file)}" ${counts}>\n${body}  </testsuite>\n`;
}

function renderCase(file: string, finding: FileFinding, fails: Fails): string {
  const { rule, level, message, range } = finding;
  const text = [`${file}:${range.line}:${range.column}`, ...detailsOf(finding), pageOf(finding)];
  // The pointer stays when lines move, so servers recognise the case.
  const name = `${rule} at ${range.pointer === '' ? 'the document' : range.pointer}`;
  const body = fails(finding)
    ? `<failure message="${escapeXml(message)}" type="${level}">${escapeXml(text.join('\n'))}</failure>`
    : `<system-out>${escapeXml([`${level}: ${message}`, ...text].join('\n'))}</system-out>`;
  return `    <testcase name="${escapeXml(visibleText(name))}" classname="${escapeXml(file)}">\n      ${body}\n    </testcase>\n`;
}
