/**
 * A profile's text with other rules: what stays keeps its layout, its comments and the keys that nobody reads.
 * @module
 */
import type { ProfileRule } from '../../oci/profile.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { neighbours, type ProfileText, pointerOf, toWritten } from './call-edits.ts';
import { cannotEdit } from './cannot-edit.ts';
import { putAfter, putFirst, takeAway } from './item-edits.ts';
import { memberText, partText, ruleText } from './new-rule-text.ts';
import { applyEdits } from './text-edits.ts';

/**
 * @param rules - those with a place are rules of the document, in its order, which may have other names now; those without are
 *   new, and come behind the rule before them
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if this text cannot be edited so, with the reason
 */
export function textWithRules(from: ProfileText, rules: readonly ProfileRule[]): string {
  const { document, profile } = from;
  const kept = new Map(
    rules.flatMap((rule) => (rule.place === undefined ? [] : [[rule.place.pointer, rule]])),
  );
  const gone: string[] = [];
  const edits = profile.rules.flatMap((rule): readonly Edit[] => {
    const pointer = pointerOf(rule, from);
    if (pointer === undefined) throw cannotEdit(`a rule stands in ${rule.place?.file ?? 'another profile'}`);
    const now = kept.get(pointer);
    if (now !== undefined) return nameEdits(from, pointer, rule, now.names);
    gone.push(pointer);
    return [];
  });
  const removed = takeAway(document, gone).map((edit) => withCommentsAbove(document, edit));
  const text = applyEdits(document.text, [...edits, ...removed, ...newRules(from, rules)]);
  if (text === undefined) throw cannotEdit(`no rule of ${document.name} stays, and there are new ones`);
  return text;
}

/**
 * The rules with the comments of YAML that stand above them, as far as they have none of their own: people write there what
 * others put into `comment`.
 */
export function withYamlComments(from: ProfileText): readonly ProfileRule[] {
  const { document, profile } = from;
  if (document.syntax !== 'yaml') return profile.rules;
  return profile.rules.map((rule) => {
    const pointer = rule.comment ? undefined : pointerOf(rule, from);
    const node = pointer === undefined ? undefined : findNode(document.root, pointer)?.node;
    if (node === undefined) return rule;
    const end = document.text.lastIndexOf('\n', node.start.offset - 1) + 1;
    const lines = document.text.slice(commentsAbove(document.text, end), end).split('\n');
    const comment = lines.flatMap((line) => line.replace(/^\s*#+\s*/, '').trimEnd() || []).join(' ');
    return comment === '' ? rule : { ...rule, comment };
  });
}

/** What stands above a rule would be said of the next one, if it stayed. */
function withCommentsAbove({ text, syntax }: ProfileText['document'], edit: Edit): Edit {
  if (syntax !== 'yaml' || !/^\r?\n/.test(text.slice(edit.start, edit.end))) return edit;
  const line = text.indexOf('\n', edit.start) + 1;
  const above = commentsAbove(text, line);
  return above === line ? edit : { ...edit, start: above - (text[above - 2] === '\r' ? 2 : 1) };
}

/** The start of the comment lines directly above a line; the line's own start, if no comment stands there. */
function commentsAbove(text: string, line: number): number {
  let start = line;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (above === start || !/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}

function newRules(from: ProfileText, rules: readonly ProfileRule[]): readonly Edit[] {
  const [first] = from.profile.rules;
  const start = first === undefined ? undefined : pointerOf(first, from);
  let before: string | undefined;
  return rules.flatMap((rule): readonly Edit[] => {
    if (rule.place !== undefined) {
      before = rule.place.pointer;
      return [];
    }
    const near = before ?? start;
    if (near === undefined) throw cannotEdit('the profile has no rules');
    const text = ruleText(neighbours(from, near), toWritten(rule));
    return before === undefined
      ? putFirst(from.document, near.replace(/\/\d+$/, ''), text)
      : putAfter(from.document, before, text);
  });
}

/** Takes names out of a rule, and puts others behind those that they follow. */
function nameEdits(
  from: ProfileText,
  pointer: string,
  { name, names: old }: ProfileRule,
  names: readonly string[],
): readonly Edit[] {
  const { document } = from;
  if (old.length === 0) return names.length === 1 && names[0] === name ? [] : manyNames(from, pointer, names);
  const near = neighbours(from, pointer);
  const stays = new Set(names);
  const gone = old.flatMap((each, at) =>
    stays.has(each) && old.indexOf(each) === at ? [] : [`${pointer}/names/${at}`],
  );
  let before = -1;
  const added = names.flatMap((each): readonly Edit[] => {
    const at = old.indexOf(each);
    if (at >= 0) {
      before = at;
      return [];
    }
    const text = partText(near, '/names/0', each);
    return before < 0
      ? putFirst(document, `${pointer}/names`, text)
      : putAfter(document, `${pointer}/names/${before}`, text);
  });
  return [...takeAway(document, gone), ...added];
}

/** The old form has one `name` a rule. */
function manyNames(from: ProfileText, pointer: string, names: readonly string[]): readonly Edit[] {
  const found = findNode(from.document.root, `${pointer}/name`);
  const start = found?.member?.keyStart.offset;
  if (found === undefined || start === undefined) throw cannotEdit('a rule has no names');
  return [
    { start, end: found.node.end.offset, text: memberText(neighbours(from, pointer), '/names', names) },
  ];
}
