/**
 * What a fix must not take away: it may remove what it found fault with, and nothing that says something else. A fix that
 * would take along another finding, a key that nobody reads, or a comment is not offered; people look at these first.
 * @module
 */

import { isNote } from '../../oci/check-schema.ts';
import type { Document, Member, Node } from '../../oci/document.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Edit, Finding } from '../engine/finding.ts';

/** Keys that nobody reads are written for a purpose. */
const keyCodes: readonly string[] = ['unknown-key', 'wrong-dialect-key'];

/** The findings, without the fixes that take away more than what they found fault with. */
export function withSafeFixes(
  findings: readonly Finding[],
  document: Document | undefined,
  problems: readonly Problem[],
): readonly Finding[] {
  if (document === undefined || findings.every(({ fix }) => fix === undefined)) return findings;
  const starts = offsetsOf(document, findings);
  const keys = offsetsOf(
    document,
    problems.filter(({ code }) => keyCodes.includes(code)).map((range) => ({ range })),
  );
  return findings.map((finding) => {
    const { fix, ...rest } = finding;
    if (fix === undefined) return finding;
    const isSafe = fix.edits
      .filter(isRemoval)
      .every(
        (edit) =>
          !keys.some((offset) => isWithin(offset, edit)) &&
          !hasComment(document, edit) &&
          !findings.some((other, i) => isWithin(starts[i], edit) && !isSameFault(other, finding)),
      );
    return isSafe ? finding : rest;
  });
}

function isRemoval({ text, start, end }: Edit): boolean {
  return text === '' && start < end;
}

function isWithin(offset: number | undefined, { start, end }: Edit): boolean {
  return offset !== undefined && start <= offset && offset < end;
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
  if (node.kind === 'array') return node.elements.flatMap((element) => membersWithin(element, start, end));
  if (node.kind !== 'object') return [];
  return node.members.flatMap((member) => [
    ...(start <= member.keyStart.offset && member.keyStart.offset < end ? [member] : []),
    ...membersWithin(member.value, start, end),
  ]);
}
