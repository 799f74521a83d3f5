/**
 * Baselines: the findings that were there when a project began to lint. They fail no run.
 *
 * A finding is recognised by its file, its rule and its fingerprint, not by its line. The baseline counts equal findings:
 * one more than before is new.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { groupBy } from '../../abi/group-by.ts';
import { OciSeccompError } from '../../errors.ts';
import { mergeFindings, singleFindings } from '../../lint/engine/merge-findings.ts';
import { ioReason, readFileBounded, reasonOfCode } from '../../pipeline/files.ts';
import { writeOutput } from '../output.ts';
import type { FileFinding, FileReport } from './file-report.ts';

interface Entry {
  readonly file: string;
  readonly rule: string;
  readonly fingerprint: string;
  readonly count: number;
  /** For readers. */
  readonly message: string;
}

const VERSION = 1;

/** What a baseline makes of reports. */
export interface Baseline {
  /** Takes the known findings out of a report. */
  readonly filter: (report: FileReport) => FileReport;
  /** How many findings of the baseline are gone from the files that were linted. */
  readonly gone: () => number;
}

/** @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for a file that is not a baseline */
export function readBaseline(path: string): Baseline {
  const left = new Map<string, number>();
  for (const entry of parse(path)) left.set(keyOf(entry.file, entry), entry.count);
  const linted = new Set<string>();
  return {
    filter: (report) => {
      const file = pathFrom(path, report.file);
      linted.add(file);
      const takeKnown = (finding: FileFinding): boolean => {
        const key = keyOf(file, finding);
        const count = left.get(key) ?? 0;
        if (count > 0) left.set(key, count - 1);
        return count > 0;
      };
      const findings: FileFinding[] = [];
      const known: FileFinding[] = [];
      // One after the other: places of one finding stay together, and those of another profile of the file apart.
      for (const finding of report.findings) {
        const [mine, others] = partition(singleFindings([finding]), takeKnown);
        known.push(...mergeFindings(mine));
        findings.push(...mergeFindings(others));
      }
      return { ...report, findings, known };
    },
    gone: () => {
      let count = 0;
      for (const [key, each] of left) if (linted.has(key.split('\n')[0] ?? '')) count += each;
      return count;
    },
  };
}

function partition<T>(
  all: readonly T[],
  isFirst: (one: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  const groups = groupBy(all, isFirst);
  return [groups.get(true) ?? [], groups.get(false) ?? []];
}

/** The baseline that is being written: it will know every finding. */
export const newBaseline: Baseline = {
  filter: (report) => ({ ...report, findings: [], known: report.findings }),
  gone: () => 0,
};

/** Writes the known findings of reports to a baseline. @throws OciSeccompError `ERR_IO` */
export function writeBaseline(path: string, reports: readonly FileReport[]): void {
  const entries = new Map<string, { -readonly [Key in keyof Entry]: Entry[Key] }>();
  for (const report of reports) {
    const file = pathFrom(path, report.file);
    for (const finding of singleFindings(report.known)) {
      const { rule, fingerprint, message } = finding;
      const key = keyOf(file, finding);
      const entry = entries.get(key);
      if (entry === undefined) entries.set(key, { file, rule, fingerprint, count: 1, message });
      else entry.count += 1;
    }
  }
  const findings = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  writeOutput(path, `${JSON.stringify({ version: VERSION, findings }, undefined, 2)}\n`);
}

function keyOf(file: string, { rule, fingerprint }: Pick<Entry, 'rule' | 'fingerprint'>): string {
  return `${file}\n${rule}\n${fingerprint}`;
}

/** Relative to the baseline, so that it means the same wherever the command is run from. */
function pathFrom(baseline: string, file: string): string {
  return file.startsWith('<') ? file : relative(dirname(resolve(baseline)), resolve(file));
}

/** Bytes. A finding takes about two hundred. */
const MAX_SIZE = 1 << 26;

function parse(path: string): readonly Entry[] {
  if (!existsSync(path)) {
    throw new OciSeccompError('ERR_IO', `cannot read ${path}: ${reasonOfCode('ENOENT')}`, {
      hint: 'add --update-baseline to write it',
    });
  }
  const { version, findings } = membersOf(textOf(path));
  if (version === VERSION && Array.isArray(findings) && findings.every(isEntry)) return findings;
  // A file that never was a baseline may be a profile: the hint must not tell the user to overwrite it.
  const hint =
    version !== undefined && Array.isArray(findings)
      ? '--update-baseline writes it anew'
      : 'name the file that lint --baseline FILE --update-baseline wrote';
  throw new OciSeccompError('ERR_USAGE', `${path} is not a baseline of this version`, { hint });
}

function textOf(path: string): string {
  try {
    return Buffer.from(readFileBounded(path, MAX_SIZE)).toString('utf8');
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `cannot read ${path}: ${ioReason(cause)}`, { cause });
  }
}

/** The members of a JSON object. Other texts have no members. */
function membersOf(text: string): { readonly version?: unknown; readonly findings?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}

function isEntry(value: unknown): value is Entry {
  const { file, rule, fingerprint, count } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const words = [file, rule, fingerprint].every((each) => typeof each === 'string');
  return words && Number.isInteger(count) && (count as number) > 0;
}
