/**
 * The formats of `lint`; each renderer is loaded when it is asked for.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { type OutputOptions, reportColors, writeOutput } from '../output.ts';
import type { Colors } from '../render/colors.ts';
import { renderError } from '../render/render-error.ts';
import { writeAside, writeStderr, writeStdout } from '../streams.ts';
import { type FailOn, type Fails, failingLevels } from './failing-level.ts';
import type { FileReport, Totals } from './file-report.ts';
import type { Diagnostic } from './render-rdjson.ts';

type Renderer = (reports: readonly FileReport[], totals: Totals, fails: Fails) => string;

const renderers = {
  json: async () => (await import('./render-json.ts')).renderJson,
  sarif: async () => (await import('./render-sarif.ts')).renderSarif,
  github: async () => (await import('./render-github.ts')).renderGithub,
  junit: async () => (await import('./render-junit.ts')).renderJunit,
  gitlab: async () => (await import('./render-gitlab.ts')).renderGitlab,
  checkstyle: async () => (await import('./render-checkstyle.ts')).renderCheckstyle,
  compact: async () => (await import('./render-compact.ts')).renderCompact,
  markdown: async () => (await import('./findings-table.ts')).renderFindingsTable,
} as const satisfies Record<string, () => Promise<Renderer>>;

export type Format = keyof typeof renderers | 'human' | 'rdjson';

const formats = ['human', 'rdjson', ...(Object.keys(renderers) as (keyof typeof renderers)[])] as const;

interface FormatOptions extends OutputOptions {
  readonly format: Format;
  readonly fixDryRun?: true;
  readonly failOn: FailOn;
  /** More outputs, `FORMAT=FILE`. */
  readonly report?: readonly string[];
}

type SinkOptions = Pick<FormatOptions, 'format' | 'output' | 'color' | 'failOn'> & {
  readonly quiet?: true | undefined;
};

/** Where reports go. */
interface Sink {
  /** Takes a report as soon as it is there. @returns what has to be kept of it */
  readonly add: (report: FileReport) => FileReport;
  readonly end: (reports: readonly FileReport[], totals: Totals) => void;
}

/**
 * Makes the sink of a run: for `--format`, and for each `--report`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a `--report` that is not `FORMAT=FILE`
 */
export async function createSink(options: FormatOptions): Promise<Sink> {
  const more = (options.report ?? []).map(parseReport);
  const renderTotals =
    options.format === 'human' ? (await import('./render-human.ts')).renderTotals : undefined;
  const main = await formatSink(options);
  const others: Sink[] = [];
  // A report in a file has all findings: --quiet is about what people see.
  for (const each of more)
    others.push(await formatSink({ ...options, ...each, color: 'never', quiet: undefined }));
  return {
    add: (report) => {
      for (const sink of others) sink.add(report);
      return main.add(report);
    },
    end: (reports, totals) => {
      for (const sink of others) sink.end(reports, totals);
      main.end(reports, totals);
      for (const { failure } of reports) if (failure !== undefined) writeStderr(renderError(failure));
      if (renderTotals === undefined) return;
      writeAside(renderTotals(totals, options.fixDryRun === true ? 'would be fixed' : 'fixed'));
    },
  };
}

function parseReport(text: string): { readonly format: Format; readonly output: string } {
  const [, format = '', output = ''] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
  if (isFormat(format) && output !== '-') return { format, output };
  throw new OciSeccompError('ERR_USAGE', `--report takes FORMAT=FILE, not '${text}'`, {
    hint: `formats are ${formats.join(', ')}: --report sarif=oci-seccomp.sarif`,
  });
}

function isFormat(word: string): word is Format {
  return (formats as readonly string[]).includes(word);
}

/** The format for people is written file by file. The others are one document. */
async function formatSink(options: SinkOptions): Promise<Sink> {
  const { format } = options;
  if (format === 'human') return humanSink(options);
  if (format === 'rdjson') return rdjsonSink(options);
  const failing = failingLevels(options.failOn);
  const render: Renderer = await renderers[format]();
  return {
    // Only the format for people shows lines of the text: a thousand texts would fill memory for nothing.
    add: (report) => ({ ...report, text: undefined }),
    end: (reports, totals) => {
      const shown = options.quiet === true ? reports.map(errorsOnly) : reports;
      writeOutput(
        options.output,
        render(shown, totals, ({ level }) => failing.includes(level)),
      );
    },
  };
}

/** Renders each file when it comes: its text is needed to count columns in bytes. */
async function rdjsonSink({ output, quiet }: SinkOptions): Promise<Sink> {
  const { diagnosticsOf, renderRdjson } = await import('./render-rdjson.ts');
  const diagnostics: Diagnostic[] = [];
  return {
    add: (report) => {
      diagnostics.push(...diagnosticsOf(quiet === true ? errorsOnly(report) : report));
      return { ...report, text: undefined };
    },
    end: () => {
      writeOutput(output, renderRdjson(diagnostics));
    },
  };
}

async function humanSink(options: SinkOptions): Promise<Sink> {
  const { output, quiet } = options;
  const { renderFindings } = await import('./render-human.ts');
  const colors = reportColors(options);
  const written: string[] = [];
  return {
    add: (report) => {
      const text = renderReport(quiet === true ? errorsOnly(report) : report, colors, renderFindings);
      if (output !== '-') written.push(text);
      else if (text !== '') writeStdout(text);
      return { ...report, text: undefined, diff: undefined };
    },
    end: () => {
      if (output !== '-') writeOutput(output, written.join(''));
    },
  };
}

/** A dry run prints its changes alone, so that patch(1) takes them. */
function renderReport(
  report: FileReport,
  colors: Colors,
  render: (report: FileReport, colors: Colors) => string,
): string {
  return report.diff ?? render(report, colors);
}

function errorsOnly(report: FileReport): FileReport {
  return { ...report, findings: report.findings.filter(({ level }) => level === 'error') };
}
