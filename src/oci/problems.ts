/**
 * Problems of a profile's text. They are data; renderers decide how to show them.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Consumer } from '../consumers.ts';
import type { ErrorDetails } from '../errors.ts';
import type { Position } from './document.ts';
import { type ProblemCode, problemInfo, type Severity } from './problem-codes.ts';

/** One thing wrong with a document, with its place. */
export interface Problem {
  /** What kind of problem it is; stable. */
  readonly code: ProblemCode;
  /**
   * `error`: some engine or runtime rejects the profile, or no container can start under it.
   * `warning`: it is accepted, but something in it is silently ignored or changed.
   * `note`: nothing that decides about a call is concerned.
   */
  readonly severity: Severity;
  /** One sentence, without a full stop at its end. */
  readonly message: string;
  /** What the author can do about it; likewise. */
  readonly hint?: string;
  /** JSON pointer (RFC 6901) of the value, keys as written. Empty for the document itself and for its syntax. */
  readonly pointer: string;
  /** What the text was called. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /**
   * Who rejects the profile, or reads a different profile than the one that was decoded. Absent: everyone. Empty:
   * no reader, though no container will run under it.
   */
  readonly rejectedBy?: readonly Consumer[];
  /** The hosts on which it is so, by architecture; absent: on all. Empty: on none, it is only written wrongly. */
  readonly hosts?: readonly ArchName[];
}

/** A problem whose file is not yet filled in; what checks report. */
export interface FoundProblem {
  readonly code: ProblemCode;
  readonly at: Position;
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly severity?: Severity;
  readonly rejectedBy?: readonly Consumer[] | undefined;
  readonly hosts?: readonly ArchName[] | undefined;
}

/** Most problems listed for one document; a hostile one would otherwise make a list larger than itself. */
export const MAX_PROBLEMS = 1000;

/** The finding that stands for all that were not looked for. It is an error for every reader. */
export function tooMany(at: Pick<FoundProblem, 'at' | 'pointer'>): FoundProblem {
  const message = 'there are more problems than this check looks for';
  return { code: 'more-problems', at: at.at, pointer: at.pointer, message };
}

/** Turns findings into problems in document order, at most {@link MAX_PROBLEMS} and a `more-problems` entry. */
export function toProblems(findings: readonly FoundProblem[], file: string): Problem[] {
  const sorted = [...findings].sort((a, b) => a.at.offset - b.at.offset || compare(a.code, b.code));
  const listed = sorted.slice(0, MAX_PROBLEMS).map((finding) => toProblem(finding, file));
  const rest = sorted.slice(MAX_PROBLEMS);
  const first = rest[0];
  if (first === undefined) return listed;
  // The entry is as severe as the worst problem that it stands for.
  const all = rest.map(severityOf);
  const severity = all.includes('error') ? 'error' : all.includes('warning') ? 'warning' : 'note';
  const more: FoundProblem = {
    code: 'more-problems',
    severity,
    at: first.at,
    pointer: first.pointer,
    message: `${rest.length} more problems are not listed`,
  };
  return [...listed, toProblem(more, file)];
}

function toProblem(finding: FoundProblem, file: string): Problem {
  return {
    code: finding.code,
    severity: severityOf(finding),
    message: finding.message,
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    pointer: finding.pointer,
    file,
    line: finding.at.line,
    column: finding.at.column,
    ...(finding.rejectedBy === undefined ? {} : { rejectedBy: finding.rejectedBy }),
    ...(finding.hosts === undefined ? {} : { hosts: finding.hosts }),
  };
}

function severityOf(finding: FoundProblem): Severity {
  return finding.severity ?? problemInfo[finding.code].severity;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

declare module '../errors.ts' {
  interface ErrorDetailsByCode {
    /** A text that is not JSON. */
    readonly ERR_PROFILE_SYNTAX: ProfileErrorDetails;
    /** A form that the dialect does not have. */
    readonly ERR_PROFILE_SCHEMA: ProfileErrorDetails;
    /** What an engine or a runtime rejects. */
    readonly ERR_PROFILE_SEMANTICS: ProfileErrorDetails;
  }
}

/** `problems`: what is wrong with a profile, in document order; absent where it is not of one place. */
export interface ProfileErrorDetails extends ErrorDetails {
  readonly problems?: readonly Problem[] | undefined;
}

/** The readers that a profile is checked for. */
export interface Readers {
  /** The engines and runtimes that read it; absent: everyone. */
  readonly consumers?: readonly Consumer[] | undefined;
  /** The architectures of the hosts; absent: all. */
  readonly hosts?: readonly ArchName[] | undefined;
}

/**
 * How much a problem matters to some readers. An error is a warning if none of them rejects the profile for it.
 * `validate` and `lint` both take their levels from here.
 */
export function severityFor(
  { severity, rejectedBy = [], hosts }: Pick<Problem, 'severity' | 'rejectedBy' | 'hosts'>,
  { consumers, hosts: asked }: Readers,
): Severity {
  if (severity !== 'error') return severity;
  if (hosts?.length === 0) return 'warning';
  if (hosts !== undefined && asked !== undefined && !hosts.some((arch) => asked.includes(arch)))
    return 'warning';
  if (consumers === undefined || rejectedBy.length === 0) return 'error';
  return rejectedBy.some((who) => consumers.includes(who)) ? 'error' : 'warning';
}

/**
 * Tells whether a problem keeps any of the consumers from using the profile as it was decoded. A problem of some hosts' architectures
 * blocks nobody here: resolving or lowering the profile for such a host refuses it.
 *
 * @param consumers - who is going to read it, usually one engine and one runtime
 */
export function blocks(problem: Problem, consumers: readonly Consumer[]): boolean {
  if (problem.severity !== 'error' || problem.hosts !== undefined) return false;
  return problem.rejectedBy === undefined || problem.rejectedBy.some((who) => consumers.includes(who));
}

/** Tells whether the problem {@link blocks} any reader. */
export function isRefusal({ severity, rejectedBy, hosts }: Problem): boolean {
  return severity === 'error' && hosts === undefined && (rejectedBy === undefined || rejectedBy.length > 0);
}

/**
 * Tells whether it is about a key that nobody reads. It can hold half of the profile, as "syscals" would. Of a key that is given
 * twice one value is not read: crun's own reader takes the first, and what is compiled is the last, as all others take it.
 */
export function isUnread({ code, severity, rejectedBy, pointer }: Problem): boolean {
  if (code === 'duplicate-key') return !pointer.endsWith('/comment');
  const isKey = code === 'unknown-key' || code === 'wrong-dialect-key';
  return isKey && severity === 'error' && rejectedBy?.length === 0;
}

/** Tells whether no reader can decode a profile with this problem. */
export function isUnreadable(problem: Problem): boolean {
  return (
    problem.severity === 'error' &&
    problem.rejectedBy === undefined &&
    problem.hosts === undefined &&
    problemInfo[problem.code].category !== 'semantics'
  );
}
