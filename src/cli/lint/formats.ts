/**
 * The formats of `lint`, a row each; each renderer is loaded when it is asked for.
 * @module
 */
import { writeOutput } from '../output.ts';
import { renderError } from '../render-error.ts';
import { isStdoutTerminal, writeStderr } from '../streams.ts';
import { createColors, wantsColor } from './colors.ts';
import type { FileReport, Totals } from './report.ts';

const renderers = {
  human: async () => {
    const { renderFindings } = await import('./render-human.ts');
    return (reports, _, output) => {
      const isTerminal = output === '-' && isStdoutTerminal();
      const colors = createColors(wantsColor(process.env, isTerminal));
      return reports.map((report) => renderFindings(report, colors)).join('');
    };
  },
  json: async () => (await import('./render-json.ts')).renderJson,
} as const satisfies Record<string, () => Promise<Renderer>>;

type Renderer = (reports: readonly FileReport[], totals: Totals, output: string) => string;

export type Format = keyof typeof renderers;

export interface FormatOptions {
  readonly format: Format;
  readonly output: string;
  readonly quiet?: boolean;
  readonly fixDryRun?: boolean;
}

/** Writes the reports in the format; failures and, for people, the summary go to standard error. */
export async function writeReports(
  reports: readonly FileReport[],
  totals: Totals,
  { format, output, quiet, fixDryRun }: FormatOptions,
): Promise<void> {
  const shown = quiet === true ? reports.map(errorsOnly) : reports;
  const render: Renderer = await renderers[format]();
  const text = render(shown, totals, output);
  if (text !== '' || output !== '-') writeOutput(output, text);
  for (const { failure } of reports) if (failure !== undefined) writeStderr(renderError(failure));
  if (format !== 'human') return;
  const { renderTotals } = await import('./render-human.ts');
  writeStderr(renderTotals(totals, fixDryRun === true ? 'would be fixed' : 'fixed'));
}

function errorsOnly(report: FileReport): FileReport {
  return { ...report, findings: report.findings.filter(({ level }) => level === 'error') };
}
