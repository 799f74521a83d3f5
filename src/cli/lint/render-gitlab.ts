/**
 * Findings as GitLab's Code Quality report: a JSON array of issues, in the subset of Code Climate's form that GitLab reads.
 * @module
 */
import { jsonText } from '../render/print-json.ts';
import { linesOf } from './describe-finding.ts';
import type { FileReport } from './file-report.ts';
import { createNumbering } from './fingerprint.ts';
import { repositoryPath, repositoryRoot } from './repository-path.ts';

const severities = { error: 'critical', warn: 'major', note: 'info' } as const;

export function renderGitlab(reports: readonly FileReport[]): string {
  const root = repositoryRoot();
  const numberOf = createNumbering();
  const issues = reports.flatMap(({ file, findings, failure }) => {
    const path = repositoryPath(root, file);
    const issue = (
      rule: string,
      description: string,
      { key, severity, line }: { readonly key: string; readonly severity: string; readonly line: number },
    ) => ({
      description,
      check_name: rule,
      // GitLab drops an issue with the fingerprint of another.
      fingerprint: digest(`${path}\n${rule}\n${numberOf(`${path}\n${key}`)}`),
      severity,
      location: { path, lines: { begin: line } },
    });
    return [
      ...findings.map((finding) =>
        issue(finding.rule, linesOf(finding).join('\n'), {
          key: finding.fingerprint,
          severity: severities[finding.level],
          line: finding.range.line,
        }),
      ),
      ...(failure === undefined
        ? []
        : [issue(failure.code, failure.message, { key: failure.code, severity: 'blocker', line: 1 })]),
    ];
  });
  return jsonText(issues);
}

function digest(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 32);
}
