/**
 * Findings as Checkstyle's XML, which Jenkins, SonarQube's importers and many others read.
 * @module
 */
import { visibleText } from '../render/safe-text.ts';
import { linesOf } from './describe-finding.ts';
import { escapeXml } from './escape-xml.ts';
import type { FileReport } from './file-report.ts';

const severities = { error: 'error', warn: 'warning', note: 'info' } as const;

export function renderCheckstyle(reports: readonly FileReport[]): string {
  const files = reports.map(({ file, findings, failure }) => {
    const errors = [
      ...findings.map((finding) =>
        renderError({
          line: finding.range.line,
          column: finding.range.column,
          severity: severities[finding.level],
          message: linesOf(finding).join('\n'),
          source: `oci-seccomp.${finding.rule}`,
        }),
      ),
      ...(failure === undefined
        ? []
        : [
            renderError({
              line: 1,
              column: 1,
              severity: 'error',
              message: failure.message,
              source: `oci-seccomp.${failure.code}`,
            }),
          ]),
    ].join('');
    return `  <file name="${escapeXml(visibleText(file))}">\n${errors}  </file>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n${files.join('')}</checkstyle>\n`;
}

function renderError(attributes: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(attributes).map(([name, value]) => `${name}="${escapeAttribute(`${value}`)}"`);
  return `    <error ${words.join(' ')}/>\n`;
}

/** A reader turns a line feed in an attribute into a space unless it is written as a reference. */
function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;');
}
