/**
 * What a fix must not take away: it may remove what it found fault with, and nothing that says something else. A fix that
 * would take along another finding, a key that nobody reads, or a comment is not offered; people look at these first.
 * @module
 */
import { isNote } from '../../oci/dialect-keys.ts';
import type { Document, Member, Node } from '../../oci/document.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Edit, Finding } from '../engine/finding.ts';
import { firstThat } from './first-that.ts';

/** Keys that nobody reads are written for a purpose. */
const keyCodes: readonly string[] = ['unknown-key', 'wrong-dialect-key'];

/** The findings, without the fixes that take away more than what they found fault with. */
export function withSafeFixes(
  findings: readonly Finding[],
  document: Document | undefined,
  problems: readonly Problem[],
): readonly Finding[] {
  if (document === undefined || !findings.some(({ fix }) => fix?.edits.some(isRemoval))) return findings;
  const starts = inOrder(offsetsOf(document, findings), findings);
  const unread = problems.filter(({ code }) => keyCodes.includes(code));
  const keys = inOrder(
    offsetsOf(
      document,
      unread.map((range) => ({ range })),
    ),
    unread,
  );
  return findings.map((finding) => {
    const { fix, ...rest } = finding;
    if (fix === undefined) return finding;
    const isSafe = fix.edits
      .filter(isRemoval)
      .every(
        (edit) =>
          within(keys, edit).length === 0 &&
          !hasComment(document, edit) &&
          within(starts, edit).every(({ value }) => isSameFault(value, finding)),
      );
    return isSafe ? finding : rest;
  });
}

function isRemoval({ text, start, end }: Edit): boolean {
  return text === '' && start < end;
}

interface At<T> {
  readonly offset: number;
  readonly value: T;
}

/** A profile can have ten thousand findings with a fix each: each looks at its own stretch of the text. */
function inOrder<T>(offsets: readonly number[], values: readonly T[]): readonly At<T>[] {
  const all = values.map((value, at) => ({ offset: offsets[at] ?? 0, value }));
  return all.sort((a, b) => a.offset - b.offset);
}

function within<T>(sorted: readonly At<T>[], { start, end }: Edit): readonly At<T>[] {
  const from = firstThat(sorted, ({ offset }) => offset >= start);
  const to = firstThat(sorted, ({ offset }) => offset >= end, from);
  return sorted.slice(from, to);
}

/** The finding itself, or another that the same removal mends. */
function isSameFault(other: Finding, finding: Finding): boolean {
  if (other.rule === finding.rule && other.range.pointer === finding.range.pointer) return true;
  const edits = ({ fix }: Finding) => JSON.stringify(fix?.edits);
  return other.fix !== undefined && edits(other) === edits(finding);
}

interface Placed {
  readonly range: { readonly line: number; readonly column: number };
}

/** Where findings start, as offsets into the text. */
function offsetsOf({ text }: Document, findings: readonly Placed[]): readonly number[] {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return findings.map(({ range }) => (lineStarts[range.line - 1] ?? text.length) + range.column - 1);
}

/** Whether a stretch of the text holds a comment: one between values, or a key for comments that says something. */
function hasComment({ text, root }: Document, { start, end }: Edit): boolean {
  const removed = text.slice(start, end);
  if (/\/[/*]/.test(removed.replace(/"(?:[^"\\]|\\.)*"/g, '""'))) return true;
  return membersWithin(root, start, end).some(
    ({ key, value }) =>
      (isNote(key) || key.toLowerCase() === 'comment') &&
      (value.kind !== 'string' || value.value.trim() !== ''),
  );
}

function membersWithin(node: Node, start: number, end: number): readonly Member[] {
  if (node.end.offset <= start || node.start.offset >= end) return [];
  if (node.kind === 'array') {
    const { elements } = node;
    const from = firstThat(elements, (element) => element.end.offset > start);
    const to = firstThat(elements, (element) => element.start.offset >= end, from);
    return elements.slice(from, to).flatMap((element) => membersWithin(element, start, end));
  }
  if (node.kind !== 'object') return [];
  const { members } = node;
  const from = firstThat(members, ({ value }) => value.end.offset > start);
  const to = firstThat(members, ({ keyStart }) => keyStart.offset >= end, from);
  return members
    .slice(from, to)
    .flatMap((member) => [
      ...(start <= member.keyStart.offset && member.keyStart.offset < end ? [member] : []),
      ...membersWithin(member.value, start, end),
    ]);
}
