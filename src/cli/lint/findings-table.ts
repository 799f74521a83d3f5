/**
 * Findings as Markdown, for the summary of a job and for comments: one table a file, errors first.
 * @module
 */
import type { FileFinding, FileReport, Totals } from './file-report.ts';
import { renderTotals } from './render-human.ts';

const labels = { error: 'error', warn: 'warning', note: 'note' } as const;
const order = Object.keys(labels);

/** Rows in all tables: a job's summary may have 1 MiB. The rest is counted. */
const MAX_ROWS = 500;

export function renderFindingsTable(reports: readonly FileReport[], totals: Totals): string {
  let left = MAX_ROWS;
  const sections = reports.flatMap(({ file, findings, failure }) => {
    if (failure !== undefined) return [`**${escapeCell(file)}**: ${escapeCell(failure.message)}\n`];
    if (findings.length === 0) return [];
    const sorted = findings.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
    const rows = sorted.slice(0, left).map(renderRow);
    left -= rows.length;
    const more = findings.length - rows.length;
    return [
      `**${escapeCell(file)}**\n\n| line | level | finding | rule |\n| --- | --- | --- | --- |\n${rows.join('')}`,
      ...(more === 0 ? [] : [`${more} more\n`]),
    ];
  });
  const [first = '', ...rest] = renderTotals(totals, 'fixed').trimEnd().split('\n');
  const notes = rest.map((line) => `${line.trim()}\n`);
  return `### oci-seccomp lint\n\n${[`${first}\n`, ...sections, ...notes].join('\n')}`;
}

function renderRow({ range, level, message, rule, places = [] }: FileFinding): string {
  const more = places.length === 0 ? '' : ` (in ${places.length} places)`;
  return `| ${range.line} | ${labels[level]} | ${escapeCell(message)}${more} | ${escapeCell(rule)} |\n`;
}

/** A name of a profile or a file must not end the cell, start markup or mention people. */
function escapeCell(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\\`*_[\]<>|~@&]/g, (each) => `&#${each.codePointAt(0)};`);
}
