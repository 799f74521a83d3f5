/**
 * Lints files one after the other, each with the settings that count for it.
 * @module
 */
import { basename } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import type { LintCompiler } from '../../lint/ask/host-view.ts';
import type { Finding, Range } from '../../lint/engine/finding.ts';
import {
  type LintOptions,
  type LintResult,
  lintReadProfile,
  lintWork,
} from '../../lint/engine/lint-profile.ts';
import { rangeOfCharacter } from '../../lint/engine/locate-pointer.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { type ReadObjectResult, readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { builtinProfile } from '../../pipeline/builtin-profile.ts';
import { asciiText, displayName, readInput } from '../../pipeline/read-input.ts';
import { type NodeOptions, namedProfiles, nodeFacts } from '../answers/node-facts.ts';
import { expandOperand, isSearched } from '../operands/operand-files.ts';
import { CONFIG_NAME, type Configs, isIgnored, settingsFor } from './config.ts';
import type { Config, Settings } from './config-form.ts';
import type { FileFinding, FileReport, FileWorkload } from './file-report.ts';
import { fingerprintLater } from './fingerprint.ts';
import type { FileAnswer, LintMemory } from './lint-once.ts';
import { isOtherDocument } from './other-document.ts';
import { type Choices, lintOptionsFor } from './settings.ts';

/** What all files of a run share. */
export interface Session {
  /** What was found in a file, for later files with the same content. */
  readonly memory: LintMemory;
  readonly choices: Choices;
  /** How configurations are found. */
  readonly configs: Configs;
  readonly compilers: readonly LintCompiler[];
  /** What standard input is called. */
  readonly stdinName?: string | undefined;
}

/** What linting one file takes of a session. */
type TaskEquipment = Pick<Session, 'choices' | 'compilers'>;

/** A file that was linted, with all it takes to lint changed text in the same way. */
export interface Linted {
  readonly bytes: Uint8Array | string;
  readonly read: ReadObjectResult;
  readonly options: LintOptions;
  readonly result: LintResult;
  /** The pods in it, and what makes pods. */
  readonly workloads: readonly FileWorkload[];
  /** Profiles that they name, as files of the kubelet's folder. */
  readonly named?: readonly string[] | undefined;
  /** If the file has several profiles: what each of them gave. */
  readonly parts?: readonly Linted[] | undefined;
}

interface Found {
  readonly files: readonly string[];
  /** Files that a directory or a pattern led to, which nobody named. */
  readonly searched: ReadonlySet<string>;
  readonly failures: readonly FileReport[];
}

/** The files of operands, in order, each once. An operand without a file is a failure. */
export async function findFiles(operands: readonly string[], { configs }: Session): Promise<Found> {
  const files = new Set<string>();
  const searched = new Set<string>();
  const failures: FileReport[] = [];
  for (const operand of operands) {
    try {
      const found = await expandOperand(operand);
      const isSearch = isSearched(operand);
      for (const file of found) {
        if (isSearch && (basename(file) === CONFIG_NAME || isIgnored(await configFor(file, configs), file)))
          continue;
        files.add(file);
        if (isSearch) searched.add(file);
      }
    } catch (error) {
      // A configuration that cannot be used.
      if (error instanceof OciSeccompError && error.code === 'ERR_USAGE') throw error;
      failures.push(failed(displayName(operand), error));
    }
  }
  return { files: [...files], searched, failures };
}

/** What an operand is called: standard input has the name of `--stdin-filename`, if there is one. */
export function nameOf(operand: string, { stdinName }: Pick<Session, 'stdinName'>): string {
  return operand === '-' ? (stdinName ?? displayName(operand)) : operand;
}

function configFor(file: string, configs: Configs): Promise<Config | undefined> {
  return configs.forFile(file === '<stdin>' || namesBuiltin(file) ? './-' : file);
}

/** A file with what it is linted for. */
export interface Task {
  /** Its name; that of standard input is what {@link nameOf} says. */
  readonly file: string;
  readonly bytes: Uint8Array | string;
  readonly settings: Settings;
  /** Rules of modules. */
  readonly rules: readonly OwnRule[];
}

/** Reads a file and finds what to lint it for. @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for its configuration */
export async function readTask(operand: string, session: Session): Promise<Task> {
  // A built-in profile is linted as the file that it would be, so the same rules count.
  const bytes = namesBuiltin(operand)
    ? serializeProfile(await builtinProfile(operand))
    : asciiText(readInput(operand));
  const file = nameOf(operand, session);
  const config = await configFor(file, session.configs);
  return { file, bytes, settings: settingsFor(config, file), rules: config?.own.rules ?? [] };
}

/** Lints a file. @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for its configuration */
export async function lintFile(file: string, session: Session): Promise<Linted> {
  return lintTask(await readTask(file, session), session);
}

async function lintTask(
  { file, bytes, settings, rules }: Task,
  { choices, compilers }: TaskEquipment,
): Promise<Linted> {
  const nodes: NodeOptions = {
    profilesDir: choices.nodes?.profilesDir ?? settings.profilesDir,
    seccompDefault: choices.nodes?.seccompDefault ?? settings.seccompDefault,
  };
  const workloads = nodeFacts(nodes);
  const optionsFor = (read: ReadObjectResult): LintOptions => ({
    ...lintOptionsFor(file, read.profile, settings, choices, { compilers, rules }),
    workloads,
  });
  const linted = await lintBytes(file, bytes, optionsFor, { workloads });
  const containers = linted.workloads.flatMap((each) => each.containers);
  return { ...linted, named: namedProfiles(containers, nodes) };
}

/** What is found in a file. @throws OciSeccompError as {@link lintFile} */
export async function answerTask(task: Task, equipment: TaskEquipment): Promise<FileAnswer> {
  const linted = await lintTask(task, equipment);
  return { report: toReport(task.file, linted), isOther: isOtherDocument(linted.read) };
}

/** Lints text with options that may depend on the profile; of several profiles the findings are put together. */
export async function lintBytes(
  name: string,
  bytes: Uint8Array | string,
  optionsFor: (read: ReadObjectResult) => LintOptions,
  { dialect, workloads }: Pick<LintOptions, 'dialect' | 'workloads'> = {},
): Promise<Linted> {
  const read = (wanted: LintOptions['dialect']) =>
    readProfiles(bytes, {
      name,
      dialect: wanted,
      workloads,
    });
  let found = await read(dialect);
  const [told] = found;
  const asked = told === undefined ? undefined : optionsFor(told).dialect;
  if (asked !== undefined && asked !== dialect) found = await read(asked);
  const linted: Linted[] = [];
  const work = lintWork();
  for (const each of found) {
    const options = optionsFor(each);
    linted.push({
      bytes,
      read: each,
      options,
      result: await lintReadProfile(each, options, work),
      workloads: workloadsOf(each),
    });
  }
  const [first] = linted;
  if (first === undefined) throw new TypeError('readProfiles returns at least one result');
  if (linted.length === 1) return first;
  const findings = linted.flatMap(({ result }) => result.findings);
  const suppressed = linted.flatMap(({ result }) => result.suppressed);
  const inherited = linted.flatMap(({ result }) => result.inherited);
  return {
    ...first,
    result: { ...first.result, findings, suppressed, inherited },
    workloads: linted.flatMap(({ workloads: each }) => each),
    parts: linted,
  };
}

function workloadsOf({ object, containers, within = '' }: ReadObjectResult): readonly FileWorkload[] {
  if (object === undefined || containers === undefined) return [];
  return [{ object, containers: containers.map((each) => ({ ...each, pointer: within + each.pointer })) }];
}

/** What was found, as the formats take it. */
export function toReport(file: string, linted: Linted, fixed = 0): FileReport {
  const { read, options, bytes, workloads, named } = linted;
  const text = read.document?.text ?? (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
  const parts = (linted.parts ?? [linted]).map((part) => findingsOf(part, text));
  return {
    file,
    dialect: read.dialect,
    text,
    findings: parts.flatMap(({ findings }) => findings),
    suppressed: parts.flatMap(({ suppressed }) => suppressed),
    inherited: parts.flatMap(({ inherited }) => inherited),
    known: [],
    fixed,
    ownRules: options.rules ?? [],
    workloads,
    ...(named === undefined || named.length === 0 ? {} : { named }),
  };
}

/** The findings in one profile, with pointers that start at its document. */
function findingsOf(
  { read: { document, within = '' }, result }: Linted,
  text: string,
): Pick<FileReport, 'findings' | 'suppressed' | 'inherited'> {
  const placed = <Place extends { readonly range: Range }>(place: Place): Place => {
    if (document === undefined) return { ...place, range: rangeOfCharacter(place.range, text) };
    if (within === '') return place;
    return { ...place, range: { ...place.range, pointer: within + place.range.pointer } };
  };
  const withFingerprint = <T extends Finding>(finding: T): T & FileFinding => {
    const { places, ...rest } = placed(finding);
    const marked = markFinding(rest as T, fingerprintLater(finding, document));
    if (marked.related !== undefined) Object.assign(marked, { related: marked.related.map(placed) });
    return places === undefined
      ? marked
      : Object.assign(marked, { places: places.map((place) => withFingerprint(place)) });
  };
  return {
    findings: result.findings.map(withFingerprint),
    suppressed: result.suppressed.map(withFingerprint),
    inherited: result.inherited.map(withFingerprint),
  };
}

/** A function of its own, so that the getter keeps only these values in memory. */
function markFinding<T extends Finding>(finding: T, fingerprint: () => string): T & FileFinding {
  const marked: Omit<Finding, 'places'> & Pick<FileFinding, 'fingerprint'> = {
    ...finding,
    get fingerprint() {
      return fingerprint();
    },
  };
  return marked as T & FileFinding;
}

/** The report of a file that could not be linted. */
export function failed(file: string, error: unknown): FileReport {
  if (!(error instanceof OciSeccompError)) throw error;
  return {
    file,
    dialect: undefined,
    text: undefined,
    findings: [],
    suppressed: [],
    inherited: [],
    known: [],
    fixed: 0,
    ownRules: [],
    workloads: [],
    failure: error,
  };
}
