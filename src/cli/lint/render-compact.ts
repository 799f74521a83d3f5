/**
 * Findings one a line, `file:line:column: level: message [rule]`, which editors and grep take.
 * @module
 */
import type { FileReport } from './file-report.ts';

const levels = { error: 'error', warn: 'warning', note: 'note' } as const;

export function renderCompact(reports: readonly FileReport[]): string {
  return reports
    .flatMap(({ file, findings, failure }) => [
      ...findings.map(
        ({ range, level, message, rule }) =>
          `${oneLine(file)}:${range.line}:${range.column}: ${levels[level]}: ${oneLine(message)} [${rule}]\n`,
      ),
      ...(failure === undefined
        ? []
        : [`${oneLine(file)}:1:1: error: ${oneLine(failure.message)} [${failure.code}]\n`]),
    ])
    .join('');
}

/** Profiles and file names can contain line feeds, and what moves the cursor of a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
