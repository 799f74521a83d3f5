/**
 * One finding a line, `file:line:column: level: message [rule]`, which editors and grep take.
 * @module
 */
import type { FileReport } from './file-report.ts';

const levels = { error: 'error', warn: 'warning', note: 'note' } as const;

export function renderCompact(reports: readonly FileReport[]): string {
  return reports
    .flatMap(({ file, findings, failure }) => [
      ...findings.map(
        ({ range, level, message, rule, places }) =>
          `${oneLine(file)}:${range.line}:${range.column}: ${levels[level]}: ${oneLine(message)}${timesOf(places)} [${rule}]\n`,
      ),
      ...(failure === undefined
        ? []
        : [`${oneLine(file)}:1:1: error: ${oneLine(failure.message)} [${failure.code}]\n`]),
    ])
    .join('');
}

/** Other places of a finding get no line: one cause is one line. */
function timesOf(places: readonly unknown[] = []): string {
  return places.length === 0 ? '' : ` (in ${places.length} places)`;
}

/** Profiles and file names can contain line feeds, and what moves the cursor of a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
