/**
 * Lints files one after the other, each with the settings that count for it.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { Finding } from '../../lint/finding.ts';
import type { LintCompiler } from '../../lint/host-view.ts';
import { type LintOptions, type LintResult, lintReadProfile } from '../../lint/lint.ts';
import { builtinProfiles, isBuiltinName } from '../../oci/builtin/index.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { type ReadProfileResult, readProfile } from '../../oci/validate.ts';
import { displayName, readInput } from '../input.ts';
import { expandOperand, isSearched } from '../operand-files.ts';
import { type Config, type Configs, isIgnored, settingsFor } from './config.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { FileFinding, FileReport } from './report.ts';
import { type Choices, lintOptionsFor } from './settings.ts';

/** What a run has once. */
export interface Session {
  readonly choices: Choices;
  /** How configurations are found. */
  readonly configs: Configs;
  readonly compilers: readonly LintCompiler[];
}

/** A file that was linted, with all it takes to lint changed text in the same way. */
export interface Linted {
  readonly bytes: Uint8Array | string;
  readonly read: ReadProfileResult;
  readonly options: LintOptions;
  readonly result: LintResult;
}

export interface Found {
  readonly files: readonly string[];
  /** Those that nobody named: they came from a directory or a pattern. */
  readonly searched: ReadonlySet<string>;
  readonly failures: readonly FileReport[];
}

/** The files of operands, in order, each once; one that stands for none is a failure. */
export async function findFiles(operands: readonly string[], { configs }: Session): Promise<Found> {
  const files = new Set<string>();
  const searched = new Set<string>();
  const failures: FileReport[] = [];
  for (const operand of operands) {
    try {
      const found = await expandOperand(operand);
      const isSearch = isSearched(operand);
      for (const file of found) {
        if (isSearch && (isConfiguration(file) || isIgnored(configFor(file, configs), file))) continue;
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

function isConfiguration(file: string): boolean {
  return /(^|\/)oci-seccomp\.config\.json$/.test(file);
}

function configFor(file: string, configs: Configs): Config | undefined {
  return configs.forFile(file === '-' || isBuiltinName(file) ? './-' : file);
}

/** Lints a file. @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for its configuration */
export async function lintFile(file: string, session: Session): Promise<Linted> {
  const { choices, configs } = session;
  // A built-in is held to the same rules as a file, by way of the file it would be.
  const bytes = isBuiltinName(file) ? serializeProfile(builtinProfiles[file]()) : readInput(file);
  const settings = settingsFor(configFor(file, configs), file);
  return lintBytes(displayName(file), bytes, (read) =>
    lintOptionsFor(displayName(file), read.profile, settings, choices, session.compilers),
  );
}

/** Whether a file is something else than a profile: no finding if it was found by a search. */
export function isOtherDocument({ read }: Linted): boolean {
  return read.profile === undefined && read.problems.some(({ code }) => code === 'not-a-profile');
}

/** Lints text with options that may depend on the profile. */
export async function lintBytes(
  name: string,
  bytes: Uint8Array | string,
  optionsFor: (read: ReadProfileResult) => LintOptions,
  dialect?: LintOptions['dialect'],
): Promise<Linted> {
  const first = readProfile(bytes, { name, ...(dialect === undefined ? {} : { dialect }) });
  const options = optionsFor(first);
  const read =
    options.dialect === undefined || options.dialect === dialect
      ? first
      : readProfile(bytes, { name, dialect: options.dialect });
  return { bytes, read, options, result: await lintReadProfile(read, options) };
}

/** What was found, as the formats take it. */
export function toReport(file: string, { read, result, bytes }: Linted, fixed = 0): FileReport {
  const withFingerprint = <T extends Finding>(finding: T): T & FileFinding => ({
    ...finding,
    fingerprint: fingerprintOf(finding, read.document),
  });
  return {
    file: displayName(file),
    dialect: read.dialect,
    text: read.document?.text ?? (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
    findings: result.findings.map(withFingerprint),
    suppressed: result.suppressed.map(withFingerprint),
    known: [],
    fixed,
  };
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
    known: [],
    fixed: 0,
    failure: error,
  };
}
