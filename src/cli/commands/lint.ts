/**
 * `oci-seccomp lint`: what is wrong, weak or pointless in profiles.
 * @module
 */
import { errorCodes, OciSeccompError } from '../../errors.ts';
import { libseccompCompiler } from '../lint/compiler.ts';
import { type Config, type Configs, createConfigs, readConfig } from '../lint/config.ts';
import { type Format, writeReports } from '../lint/formats.ts';
import { failed, findFiles, lintFile, type Session, toReport } from '../lint/lint-files.ts';
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
}

export async function runLint(operands: readonly string[], options: LintCommandOptions): Promise<number> {
  const maxWarnings = parseMaxWarnings(options.maxWarnings);
  const session = await createSession(options);
  const { files, failures } = await findFiles(operands, session);
  const reports: FileReport[] = [...failures];
  for (const file of files) reports.push(await lintOne(file, session));
  const totals = totalsOf(reports);
  await writeReports(reports, totals, options);
  return exitCode(reports, totals, maxWarnings);
}

async function createSession(options: LintCommandOptions): Promise<Session> {
  return {
    choices: readChoices(options),
    configs: configsOf(options.config),
    compilers: options.libseccomp === false ? [] : [await libseccompCompiler(options.library)],
  };
}

function configsOf(asked: string | boolean | undefined): Configs {
  if (asked === false) return { forFile: () => undefined };
  if (typeof asked !== 'string') return createConfigs();
  const config: Config = readConfig(asked);
  return { forFile: () => config };
}

async function lintOne(file: string, session: Session): Promise<FileReport> {
  try {
    return toReport(file, await lintFile(file, session));
  } catch (error) {
    // A configuration or option that cannot be used is so for all files.
    if (error instanceof OciSeccompError && error.code === 'ERR_USAGE') throw error;
    return failed(file, error);
  }
}

function parseMaxWarnings(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OciSeccompError('ERR_USAGE', `--max-warnings takes a number, not '${text}'`);
}

/** The environment's failures weigh more than findings: with them nothing is known of some files. */
function exitCode(
  reports: readonly FileReport[],
  { errors, warnings }: Totals,
  max: number | undefined,
): number {
  const codes = reports.flatMap(({ failure }) =>
    failure === undefined ? [] : [errorCodes[failure.code].exitCode],
  );
  if (codes.length > 0) return Math.max(...codes);
  return errors > 0 || (max !== undefined && warnings > max) ? 1 : 0;
}
