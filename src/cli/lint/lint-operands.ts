/**
 * The work of the command `lint`.
 * @module
 */
import { resolve } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { checkNodeOptions, type NodeOptions } from '../answers/node-facts.ts';
import { type Ending, judge } from '../exit-code.ts';
import { createProgressLine, progressBar } from '../render/progress-line.ts';
import { writeAside } from '../streams.ts';
import { type Baseline, newBaseline, readBaseline, writeBaseline } from './baseline.ts';
import { libseccompCompiler } from './compiler.ts';
import { configsOf } from './config.ts';
import { countFailing, type FailOn } from './failing-level.ts';
import { type FileReport, type Totals, totalsOf } from './file-report.ts';
import { createSink } from './formats.ts';
import { failed, findFiles, lintFile, nameOf, type Session, toReport } from './lint-files.ts';
import { type AwaitAnswer, createAnswers, parseJobs } from './lint-many.ts';
import { createMemory, type FileAnswer } from './lint-once.ts';
import type { LintCommandOptions } from './lint-options.ts';
import { isOtherDocument } from './other-document.ts';
import { readChoices } from './settings.ts';

/** Lints the files of all operands and writes what was found, in their order. */
export async function lintOperands(
  operands: readonly string[],
  options: LintCommandOptions,
): Promise<Ending> {
  await checkOptions(options, operands);
  const maxWarnings = parseMaxWarnings(options.maxWarnings);
  const jobs = parseJobs(options.jobs);
  const { baseline: path, updateBaseline = false } = options;
  const baseline = path === undefined ? undefined : updateBaseline ? newBaseline : readBaseline(path);
  const session = await createSession(options);
  const { files, searched, failures } = await findFiles(operands, session);
  const sink = await createSink(options);
  const progress = createProgressLine(options.quiet === true);
  let done = 0;
  const reports: FileReport[] = [];
  const linted: string[] = [];
  const named: string[] = [];
  let passedOver = 0;
  for (const report of failures) reports.push(sink.add(report));
  const answers = createAnswers(session, options, jobs);
  const lintAll = async (asked: AsyncIterable<Question> | Iterable<Question>, all: number): Promise<void> => {
    for await (const { file, ask } of asked) {
      const at = done;
      progress.show(() => progressBar(at, all, 'profiles', file));
      done += 1;
      const report = await lintOne(file, ask, options.skipOthers === true || searched.has(file), baseline);
      if (report === undefined) {
        passedOver += 1;
        continue;
      }
      linted.push(file);
      if (report.findings.length > 0) progress.clear();
      named.push(...(report.named ?? []));
      reports.push(sink.add(report));
    }
  };
  try {
    const isFixed = isFixing(options);
    await lintAll(isFixed ? fixes(files, searched, session, options) : answers.of(files), files.length);
    // Profiles that pods name are files of the nodes: lint reads them and never changes them.
    const others = filesOnce(named, files);
    await lintAll(answers.of(others), files.length + others.length);
  } finally {
    await answers.end();
  }
  progress.clear();
  // What a search found and is no profile may be the report of an earlier run.
  await refuseAll(options, linted);
  const totals = totalsOf(reports, { gone: baseline?.gone() ?? 0, passedOver });
  if (path !== undefined && updateBaseline) writeBaseline(path, reports);
  sink.end(reports, totals);
  if (path !== undefined && updateBaseline) {
    const { known } = totals;
    writeAside(`${path}: ${known} ${known === 1 ? 'finding is' : 'findings are'} in the baseline now\n`);
  }
  const errors = reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return judge(errors, isClean(totals, maxWarnings, options.failOn));
}

interface Question {
  readonly file: string;
  readonly ask: AwaitAnswer;
}

/** Files, each once, without those that are linted already. */
function filesOnce(files: readonly string[], linted: readonly string[]): readonly string[] {
  const seen = new Set(linted.map((file) => resolve(file)));
  return [...new Set(files)].filter((file) => !seen.has(resolve(file)));
}

async function checkOptions(options: LintCommandOptions, operands: readonly string[]): Promise<void> {
  const { updateBaseline, baseline, fixDryRun, format, stdinFilename } = options;
  await checkOutputs(options, operands);
  if (stdinFilename === '') {
    throw new OciSeccompError('ERR_USAGE', '--stdin-filename takes the name of a file, not nothing');
  }
  if (stdinFilename !== undefined && !operands.includes('-')) {
    throw new OciSeccompError('ERR_USAGE', '--stdin-filename names standard input, which is not linted', {
      hint: 'write - as the profile',
    });
  }
  if (updateBaseline === true && baseline === undefined) {
    throw new OciSeccompError('ERR_USAGE', '--update-baseline needs --baseline FILE');
  }
  if (fixDryRun === true && format !== 'human') {
    throw new OciSeccompError('ERR_USAGE', `--fix-dry-run prints a diff: it has no format ${format}`);
  }
}

/** Each report needs a file of its own. */
async function checkOutputs(options: LintCommandOptions, operands: readonly string[]): Promise<void> {
  await refuseAll(options, operands);
  const written = new Set<string>();
  for (const file of outputsOf(options)) {
    const path = resolve(file);
    // Pipes and terminals take several reports.
    if (written.has(path) && !path.startsWith('/dev/')) {
      throw new OciSeccompError('ERR_USAGE', `two reports would be written to ${file}`, {
        hint: 'give each report a file of its own',
      });
    }
    written.add(path);
  }
}

/** None may be written over what is linted. */
async function refuseAll(options: LintCommandOptions, linted: readonly string[]): Promise<void> {
  const outputs = outputsOf(options);
  if (outputs.length === 0) return;
  const { refuseOver } = await import('../define/named-files.ts');
  for (const file of outputs) refuseOver(file, linted);
}

/** The files that are written, profiles apart. */
function outputsOf({ output, report = [], baseline, updateBaseline }: LintCommandOptions): readonly string[] {
  const reports = report.map((each) => each.slice(each.indexOf('=') + 1));
  const updated = updateBaseline === true && baseline !== undefined ? [baseline] : [];
  return [output, ...reports, ...updated].filter((file) => file !== '-');
}

async function createSession(options: LintCommandOptions): Promise<Session> {
  return {
    memory: createMemory(),
    choices: { ...readChoices(options), nodes: nodesOf(options) },
    stdinName: options.stdinFilename,
    configs: await configsOf(options.noConfig === true ? false : options.config),
    compilers: options.noLibseccomp === true ? [] : [await libseccompCompiler(options.library)],
  };
}

function nodesOf({ profilesDir, seccompDefault }: LintCommandOptions): NodeOptions {
  checkNodeOptions({ profilesDir });
  return { profilesDir, seccompDefault };
}

/** @returns `undefined` if a search found the file and it is not a profile */
async function lintOne(
  file: string,
  ask: AwaitAnswer,
  isSearched: boolean,
  baseline: Baseline | undefined,
): Promise<FileReport | undefined> {
  try {
    const answer = await ask();
    if (isSearched && answer.isOther) return undefined;
    const { report } = answer;
    return baseline === undefined ? report : baseline.filter(report);
  } catch (error) {
    // A configuration or an option that cannot be used fails all files.
    if (error instanceof OciSeccompError && error.code === 'ERR_USAGE' && !namesBuiltin(file)) throw error;
    return failed(file, error);
  }
}

function isFixing({ fix, fixAll, fixDryRun }: LintCommandOptions): boolean {
  return fix === true || fixAll === true || fixDryRun === true;
}

/** Fixes files one after the other. Each is read when its turn comes. */
function* fixes(
  files: readonly string[],
  searched: ReadonlySet<string>,
  session: Session,
  options: LintCommandOptions,
): Generator<Question> {
  for (const file of files)
    yield {
      file,
      ask: () => fixOne(file, options.skipOthers === true || searched.has(file), session, options),
    };
}

/** @returns what is left to say about the file */
async function fixOne(
  file: string,
  isSearched: boolean,
  session: Session,
  options: LintCommandOptions,
): Promise<FileAnswer> {
  const linted = await lintFile(file, session);
  const isOther = isOtherDocument(linted.read);
  const name = nameOf(file, session);
  if (isSearched && isOther) return { report: toReport(name, linted), isOther };
  const { fixFile } = await import('./fix-file.ts');
  const report = await fixFile(file, linted, {
    name,
    all: options.fixAll === true,
    dryRun: options.fixDryRun === true,
  });
  return { report, isOther };
}

function parseMaxWarnings(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OciSeccompError('ERR_USAGE', `--max-warnings takes a number, not '${text}'`);
}

function isClean(totals: Totals, maxWarnings: number | undefined, failOn: FailOn): boolean {
  const isFew = maxWarnings === undefined || totals.warnings <= maxWarnings;
  return isFew && countFailing(totals, failOn) === 0;
}
