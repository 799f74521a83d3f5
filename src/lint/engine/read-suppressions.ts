/**
 * Reads the comments that turn findings off, and finds those that only look like one. A person who wrote such a
 * comment believes that findings are turned off, so each is reported, wherever in the file it stands.
 * @module
 */
import { keyInfo } from '../../oci/dialect-keys.ts';
import type { ReadObjectResult } from '../../oci/read-profiles.ts';
import { positionAt } from '../../oci/source-text.ts';
import type { Range } from './finding.ts';
import { findNode, rangeOf } from './locate-pointer.ts';

/** A comment in a rule that turns findings off. */
export interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The rule object it stands in. */
  readonly pointer: string;
  readonly wholeProfile: boolean;
  readonly used: Set<string>;
}

/** What is wrong with a comment. */
export interface Complaint {
  readonly rule: 'suppression-without-reason' | 'unused-suppression';
  readonly range: Range;
  readonly message: string;
  readonly hint: string;
}

/** What people write who mean such a comment, in any letter case and with any separators. */
const LIKE_ONE = /oci[\s_-]*seccomp[\s_-]*(?:lint[\s_-]*)?(?:disable|ignore|suppress)/gi;

/** Ids of rules, with a namespace for rules of your own, and the reason. */
const FORM =
  /^oci-seccomp-disable(-next)?\s+([a-z0-9-]+(?:\/[a-z0-9-]+)?(?:\s*,\s*[a-z0-9-]+(?:\/[a-z0-9-]+)?)*)\s*(?:\s--\s*(.*))?$/;

const WRITE = 'write "oci-seccomp-disable-next RULE[, RULE] -- REASON"';

/**
 * The suppressions of a profile.
 *
 * @param complain - is told of each comment that has no effect
 */
export function readSuppressions(
  read: ReadObjectResult,
  file: string,
  complain: (complaint: Complaint) => void,
): readonly Suppression[] {
  const suppressions: Suppression[] = [];
  const spans: Span[] = [];
  // Without a profile nothing is found that could be turned off.
  if (read.profile === undefined) return [];
  for (const { comment = '', place } of read.profile.rules) {
    const said = comment.split('\n').flatMap(directivesIn);
    if (said.length === 0 || place === undefined) continue;
    const { pointer } = place;
    const range = rangeOf(read.document, file, `${pointer}/comment`);
    spans.push(spanOf(read, range.pointer));
    for (const directive of said) {
      const result = readDirective(directive);
      if ('message' in result) complain({ ...result, range });
      else suppressions.push({ ...result, pointer, used: new Set() });
    }
  }
  reportElsewhere(read, file, spans, complain);
  return suppressions;
}

/** One line of a comment, cut where each directive starts. */
function directivesIn(line: string): readonly string[] {
  const starts = [...line.matchAll(LIKE_ONE)].map(({ index }) => index);
  return starts.map((start, at) => line.slice(start, starts[at + 1]).trim());
}

type Read =
  | Pick<Suppression, 'rules' | 'reason' | 'wholeProfile'>
  | Pick<Complaint, 'rule' | 'message' | 'hint'>;

function readDirective(directive: string): Read {
  const [, next, names = '', reason = ''] = FORM.exec(directive) ?? [];
  if (names === '') {
    return {
      rule: 'unused-suppression',
      message: `${JSON.stringify(directive)} turns no finding off: it is not in the form that lint reads`,
      hint: `${WRITE}, with rule ids in lower case and commas between them`,
    };
  }
  const rules = names.split(',').map((name) => name.trim());
  if (reason !== '') return { rules, reason, wholeProfile: next === undefined };
  return {
    rule: 'suppression-without-reason',
    message: `the suppression of ${rules.join(', ')} gives no reason and has no effect`,
    hint: 'write "oci-seccomp-disable-next RULE -- REASON"',
  };
}

/** Offsets into the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

function spanOf({ document }: ReadObjectResult, pointer: string): Span {
  const node = document === undefined ? undefined : findNode(document.root, pointer)?.node;
  return { start: node?.start.offset ?? 0, end: node?.end.offset ?? 0 };
}

/** Reports what stands elsewhere than in the comment of a rule: between values, in other keys, in comments of YAML. */
function reportElsewhere(
  read: ReadObjectResult,
  file: string,
  spans: readonly Span[],
  complain: (complaint: Complaint) => void,
): void {
  const { text = '' } = read.document ?? {};
  const { start, end } = partOf(read, text);
  // A runtime-spec profile with the key is a profile for Docker.
  const { dialect = 'oci' } = read;
  const takesComments = dialect === 'oci' || keyInfo('rule', 'comment')?.dialects.includes(dialect) === true;
  for (const { index, 0: words } of text.matchAll(LIKE_ONE)) {
    if (index < start || index >= end) continue;
    if (spans.some((span) => span.start <= index && index < span.end)) continue;
    const { line, column } = positionAt(text, index);
    const range = { file, pointer: '', line, column, endLine: line, endColumn: column + words.length };
    complain({
      rule: 'unused-suppression',
      range,
      message: 'this turns no finding off: lint reads only the key "comment" of a rule in "syscalls"',
      hint: takesComments
        ? 'write it as the value of "comment" in the rule that has the finding'
        : 'profiles of this form have no comments in rules: set the level of the rule in oci-seccomp.config.json, or use --rule or --baseline',
    });
  }
}

/** The part of the text that belongs to a profile alone: a file can hold several, with comments around each. */
function partOf({ document, object, within }: ReadObjectResult, text: string): Span {
  const [start, end] = [document?.root.start.offset ?? 0, document?.root.end.offset ?? text.length];
  if (object === undefined) return { start: 0, end: text.length };
  if (object.key !== undefined || within !== undefined) return { start, end };
  const next = text.indexOf('\n---', end);
  return { start: text.lastIndexOf('\n---', start) + 1, end: next === -1 ? text.length : next };
}
