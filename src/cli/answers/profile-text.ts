/**
 * Edits of a profile's text that let a call through, or stop doing so. Each goes from a text to a text.
 * @module
 */

import { append, applyEdits, insertAfter, removeElements } from '../../lint/edit/text-edits.ts';
import type { Edit } from '../../lint/engine/finding.ts';
import type { Document } from '../../oci/document.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../oci/profile.ts';

/** A profile with the text that it was read from. */
export interface ProfileText {
  readonly document: Document;
  readonly profile: Profile;
}

/** `undefined`: this edit cannot be made in this text. */
export type TextEdit = (from: ProfileText) => string | undefined;

export const ALLOW = 'SCMP_ACT_ALLOW';

const isPlain = ({ args, includes, excludes }: ProfileRule): boolean =>
  (args ?? []).length === 0 && includes === undefined && excludes === undefined;

/** The rule's place in the document; `undefined` for a rule of a base profile. */
function pointerOf(rule: ProfileRule, { document }: ProfileText): string | undefined {
  return rule.place?.file === document.name ? rule.place.pointer : undefined;
}

/** Puts a name into the first rule of the action that always matches. */
export function addName(name: string, action: string): TextEdit {
  return (from) => {
    const rule = from.profile.rules.find(
      (each) => each.action === action && isPlain(each) && each.names.length > 0 && each.name === undefined,
    );
    const pointer = rule === undefined ? undefined : pointerOf(rule, from);
    if (rule === undefined || pointer === undefined) return undefined;
    const { names } = rule;
    const isSorted = names.every((each, index) => index === 0 || (names[index - 1] ?? '') <= each);
    const next = isSorted ? names.findIndex((each) => each > name) : -1;
    const json = JSON.stringify(name);
    const edits =
      next > 0
        ? insertAfter(from.document, `${pointer}/names/${next - 1}`, json)
        : append(from.document, `${pointer}/names`, json);
    return edited(from, edits);
  };
}

/** Puts a rule behind the last one, laid out as that one. */
export function addRule(rule: {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly object[];
}): TextEdit {
  return (from) => {
    const last = from.profile.rules.findLast((each) => pointerOf(each, from) !== undefined);
    const pointer = last === undefined ? undefined : pointerOf(last, from);
    if (pointer === undefined) return undefined;
    const place = last?.place;
    const line = from.document.text.split('\n')[(place?.line ?? 1) - 1] ?? '';
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const unit = indent.startsWith('\t') ? '\t' : ' '.repeat(Math.max(1, Math.floor(indent.length / 2)));
    const isSpread = from.document.text.includes(`{\n${indent}`);
    const json = isSpread
      ? JSON.stringify(rule, null, unit).replaceAll('\n', `\n${indent}`)
      : JSON.stringify(rule).replace(/("[^"]*")(:|,)/g, '$1$2 ');
    return edited(from, insertAfter(from.document, pointer, json));
  };
}

/** Takes a name out of the rules of some kind, and a rule that names nothing else away. */
export function removeName(name: string, isMeant: (rule: ProfileRule) => boolean): TextEdit {
  return (from) => {
    const rules = from.profile.rules.filter(
      (rule) => isMeant(rule) && (rule.names.includes(name) || rule.name === name),
    );
    if (rules.length === 0) return undefined;
    const whole: string[] = [];
    const edits: Edit[] = [];
    for (const rule of rules) {
      const pointer = pointerOf(rule, from);
      if (pointer === undefined) return undefined;
      if (rule.names.every((each) => each === name)) {
        whole.push(pointer);
        continue;
      }
      const places = rule.names.flatMap((each, index) =>
        each === name ? [`${pointer}/names/${index}`] : [],
      );
      const own = removeElements(from.document, places);
      if (own === undefined) return undefined;
      edits.push(...own);
    }
    const gone = whole.length === 0 ? [] : removeElements(from.document, whole);
    return gone === undefined ? undefined : edited(from, [...edits, ...gone]);
  };
}

/** One comparison for each argument that is given. */
export function comparisons(args: readonly (bigint | undefined)[], op: string): readonly ProfileArg[] {
  return args.flatMap((value, index) => (value === undefined ? [] : [{ index, value, op } as ProfileArg]));
}

function edited({ document }: ProfileText, edits: readonly Edit[] | undefined): string | undefined {
  return edits === undefined || document.yaml ? undefined : applyEdits(document.text, edits);
}
