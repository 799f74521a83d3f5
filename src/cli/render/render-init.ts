/**
 * What `init` did, and what comes next.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { listNames } from '../../lint/ask/list-names.ts';
import type { InitReport } from '../init/init-project.ts';
import { plural } from './render-problems.ts';
import { visibleText } from './safe-text.ts';

export function renderInit(report: InitReport): string {
  const { profiles, dialects, preset, runtimes = [], kept, written, toAdd } = report;
  const counts = Object.entries(dialects).map(([dialect, count]) => `${count} ${dialect}`);
  const found =
    profiles.length === 0
      ? 'found no profile: lint finds those that you add'
      : `found ${plural(profiles.length, 'profile')}: ${listNames(counts)}${brokenNote(profiles)}`;
  const use = runtimes.length === 0 ? '' : `, for ${listNames(runtimes)}`;
  const about = preset === undefined ? '' : `: preset ${preset}${use}`;
  const lines = [
    ...kept.map((path) => `${path} is there and stays as it is`),
    ...written.map((path, at) => `wrote ${path}${at === 0 ? about : ''}`),
  ];
  const additions = toAdd.flatMap(({ path, text }) => [
    `${path} is there and stays as it is; add to it:`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  ]);
  return `${[found, ...lines, ...additions, ...nextSteps(report)].map(visibleText).join('\n')}\n`;
}

/** ` (1 with errors)`: what lint says first. */
function brokenNote(profiles: InitReport['profiles']): string {
  const count = profiles.filter(({ broken }) => broken).length;
  return count === 0 ? '' : ` (${count} with errors)`;
}

function nextSteps({ folder, targets, kept, written, toAdd }: InitReport): readonly string[] {
  const lint = shellCommand(['oci-seccomp', 'lint', ...targets]);
  const ci = kept.length + written.length + toAdd.length > 1;
  return [
    'next:',
    ...(folder === '.' ? [] : [`    ${shellCommand(['cd', fileWord(folder)])}`]),
    `    ${lint}`,
    '  if there is more than you can mend now, keep what is there as a baseline, and let only new findings fail:',
    `    ${lint} --baseline seccomp-baseline.json --update-baseline`,
    ...(ci
      ? [
          '  with a baseline, add --baseline seccomp-baseline.json to the lint command of the job (GitLab: OCI_SECCOMP_OPTIONS)',
          '  then commit the files',
        ]
      : ['  then let CI do it: oci-seccomp init writes a job with --ci github, gitlab or pre-commit']),
  ];
}
