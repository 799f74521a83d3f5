/**
 * `oci-seccomp lint`: what is wrong, weak or pointless in profiles.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { isBuiltinName } from '../../oci/builtin/index.ts';
import { type Ending, judge } from '../exit-code.ts';
import { type Baseline, readBaseline, writeBaseline } from '../lint/baseline.ts';
import { libseccompCompiler } from '../lint/compiler.ts';
import { configsOf } from '../lint/config.ts';
import { createSink, type Format } from '../lint/formats.ts';
import { failed, findFiles, isOtherDocument, lintFile, type Session, toReport } from '../lint/lint-files.ts';
import { createProgress } from '../lint/progress.ts';
import { type FileReport, type Totals, totalsOf } from '../lint/report.ts';
import { readChoices, type SettingsOptions } from '../lint/settings.ts';

export interface LintCommandOptions extends SettingsOptions {
  readonly format: Format;
  readonly output: string;
  readonly quiet?: boolean;
  /** A file; false for `--no-config`. */
  readonly config?: string | boolean;
  readonly libseccomp?: boolean;
  readonly library?: string;
  readonly maxWarnings?: string;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
  readonly fix?: boolean;
  readonly fixAll?: boolean;
  readonly fixDryRun?: boolean;
}

export async function runLint(operands: readonly string[], options: LintCommandOptions): Promise<Ending> {
  checkOptions(options);
  const maxWarnings = parseMaxWarnings(options.maxWarnings);
  const { baseline: path, updateBaseline = false } = options;
  const baseline = path === undefined || updateBaseline ? undefined : readBaseline(path);
  const session = await createSession(options);
  const { files, searched, failures } = await findFiles(operands, session);
  const sink = await createSink(options);
  const progress = createProgress(files.length, process.stderr.isTTY === true);
  const reports: FileReport[] = [];
  let passedOver = 0;
  for (const report of failures) reports.push(sink.add(report));
  for (const file of files) {
    progress.step(file);
    const report = await lintOne(file, searched.has(file), session, options, baseline);
    if (report === undefined) {
      passedOver += 1;
      continue;
    }
    if (report.findings.length > 0) progress.clear();
    reports.push(sink.add(report));
  }
  progress.clear();
  const totals = totalsOf(reports, { gone: baseline?.gone() ?? 0, passedOver });
  if (path !== undefined && updateBaseline) writeBaseline(path, reports);
  sink.end(reports, totals);
  const errors = reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return judge(errors, isClean(totals, { maxWarnings, updated: updateBaseline }));
}

function checkOptions({ updateBaseline, baseline, fixDryRun, format }: LintCommandOptions): void {
  if (updateBaseline === true && baseline === undefined) {
    throw new OciSeccompError('ERR_USAGE', '--update-baseline needs --baseline FILE');
  }
  if (fixDryRun === true && format !== 'human') {
    throw new OciSeccompError('ERR_USAGE', `--fix-dry-run prints a diff: it has no format ${format}`);
  }
}

async function createSession(options: LintCommandOptions): Promise<Session> {
  return {
    choices: readChoices(options),
    configs: await configsOf(options.config),
    compilers: options.libseccomp === false ? [] : [await libseccompCompiler(options.library)],
  };
}

/** `undefined` for a file that was found by a search and is something else than a profile. */
async function lintOne(
  file: string,
  isSearched: boolean,
  session: Session,
  options: LintCommandOptions,
  baseline: Baseline | undefined,
): Promise<FileReport | undefined> {
  try {
    const linted = await lintFile(file, session);
    if (isSearched && isOtherDocument(linted)) return undefined;
    const { fix = false, fixAll = false, fixDryRun = false } = options;
    const report =
      fix || fixAll || fixDryRun
        ? await (await import('../lint/fix-file.ts')).fixFile(file, linted, {
            all: fixAll,
            dryRun: fixDryRun,
          })
        : toReport(file, linted);
    return baseline === undefined ? report : baseline.filter(report);
  } catch (error) {
    // A configuration or option that cannot be used is so for all files.
    if (error instanceof OciSeccompError && error.code === 'ERR_USAGE' && !isBuiltinName(file)) throw error;
    return failed(file, error);
  }
}

function parseMaxWarnings(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OciSeccompError('ERR_USAGE', `--max-warnings takes a number, not '${text}'`);
}

function isClean(
  { errors, warnings }: Totals,
  { maxWarnings, updated }: { readonly maxWarnings: number | undefined; readonly updated: boolean },
): boolean {
  return updated || (errors === 0 && (maxWarnings === undefined || warnings <= maxWarnings));
}
