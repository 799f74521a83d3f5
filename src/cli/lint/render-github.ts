/**
 * Findings as annotations of GitHub Actions: workflow commands that the runner reads from standard output.
 *
 * Escapes as actions/toolkit's `escapeData` and `escapeProperty`: `%`, CR and LF; in properties `:` and `,` too.
 * @module
 */
import { visibleLines, visibleText } from '../render/safe-text.ts';
import { linesOf } from './describe-finding.ts';
import type { FileFinding, FileReport } from './file-report.ts';
import { repositoryPath, repositoryRoot } from './repository-path.ts';

export function renderGithub(reports: readonly FileReport[]): string {
  const root = repositoryRoot();
  return reports
    .map((report) => ({ ...report, file: repositoryPath(root, report.file) }))
    .flatMap(({ file, findings, failure }) => [
      ...findings.map((finding) => annotation(file, finding)),
      ...(failure === undefined
        ? []
        : [`::error file=${property(file)},title=oci-seccomp::${data(failure.message)}\n`]),
    ])
    .join('');
}

function annotation(file: string, finding: FileFinding): string {
  const { level, range, rule } = finding;
  const { line, column, endLine, endColumn } = range;
  const properties = [
    `file=${property(file)}`,
    `line=${line}`,
    `endLine=${endLine}`,
    // Columns are for one line only; the runner's end is the last column, ours is just past it.
    ...(line === endLine ? [`col=${column}`, `endColumn=${Math.max(column, endColumn - 1)}`] : []),
    `title=${property(`oci-seccomp ${rule}`)}`,
  ];
  const command = { error: 'error', warn: 'warning', note: 'notice' }[level];
  return `::${command} ${properties.join(',')}::${data(linesOf(finding).join('\n'))}\n`;
}

function data(text: string): string {
  return visibleLines(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(visibleText(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
