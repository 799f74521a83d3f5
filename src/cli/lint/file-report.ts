/**
 * What lint found in files, as data: what the formats render.
 * @module
 */
import type { OciSeccompError } from '../../errors.ts';
import type { Finding, InheritedFinding } from '../../lint/engine/finding.ts';
import { singleFindings } from '../../lint/engine/merge-findings.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import type { Dialect } from '../../oci/profile.ts';
import type { Workload } from '../render/render-workload.ts';

/** A finding in a file, with a fingerprint that stays when lines move. */
export interface FileFinding extends Finding {
  /** A hash of the rule, the keys to the value, and the value. Equal findings of a file share it. */
  readonly fingerprint: string;
  readonly places?: readonly FileFinding[];
}

/** A pod in a file, or what makes pods, with the profile of each container. */
export type FileWorkload = Pick<Workload, 'object' | 'containers'>;

export interface FileReport {
  readonly file: string;
  readonly dialect: Dialect | undefined;
  /** The text that places are in; `undefined`: it could not be read. */
  readonly text: string | undefined;
  readonly findings: readonly FileFinding[];
  /** Turned off by comments in the profile. */
  readonly suppressed: readonly (FileFinding & { readonly reason: string })[];
  /** The profile is a copy of an engine's default: findings that the default has too. */
  readonly inherited: readonly (FileFinding & Pick<InheritedFinding, 'base'>)[];
  /** Findings that are in the baseline. */
  readonly known: readonly FileFinding[];
  readonly workloads: readonly FileWorkload[];
  /** Profiles that the pods name, as files of the kubelet's folder, where that folder is given. */
  readonly named?: readonly string[];
  /** The rules of modules that looked at it. */
  readonly ownRules: readonly OwnRule[];
  /** How many fixes were applied, or would be. */
  readonly fixed: number;
  /** What fixes would change, as a unified diff; only with `--fix-dry-run`. */
  readonly diff?: string | undefined;
  /** Why the file was not linted or not fixed. */
  readonly failure?: OciSeccompError;
}

export interface Totals {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly suppressed: number;
  readonly inherited: number;
  /** The defaults that the inherited findings are from, each once: `docker-default@29.7.2`. */
  readonly bases: readonly string[];
  readonly known: number;
  /** Findings of the baseline that were not found again. */
  readonly gone: number;
  /** Files that a search found and that are no profiles. */
  readonly passedOver: number;
  readonly fixed: number;
  /** Findings that `--fix` would fix, and those that take `--fix-all`. */
  readonly fixable: number;
  readonly fixableAll: number;
  readonly failures: number;
}

export function totalsOf(
  reports: readonly FileReport[],
  counts: Pick<Totals, 'gone' | 'passedOver'>,
): Totals {
  const findings = reports.flatMap((report) => report.findings);
  const sum = (count: (report: FileReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    files: reports.length,
    errors: findings.filter(({ level }) => level === 'error').length,
    warnings: findings.filter(({ level }) => level === 'warn').length,
    notes: findings.filter(({ level }) => level === 'note').length,
    suppressed: sum(({ suppressed }) => suppressed.length),
    inherited: sum(({ inherited }) => inherited.length),
    bases: [...new Set(reports.flatMap(({ inherited }) => inherited.map(({ base }) => base)))].sort(),
    known: sum(({ known }) => known.length),
    ...counts,
    fixed: sum(({ fixed }) => fixed),
    fixable: findings.filter(hasFix(false)).length,
    fixableAll: findings.filter(hasFix(true)).length,
    failures: reports.filter(({ failure }) => failure !== undefined).length,
  };
}

/** Whether a finding has a fix of this kind, at least in one of its places. */
function hasFix(changesMeaning: boolean): (finding: FileFinding) => boolean {
  return (finding) => singleFindings([finding]).some(({ fix }) => fix?.changesMeaning === changesMeaning);
}
