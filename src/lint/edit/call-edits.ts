/**
 * Edits of a profile's text that let a call through, or stop doing so. Each goes from a text to a text.
 * @module
 */
import { insertNames } from '../../abi/name-order.ts';
import type { Document } from '../../oci/document.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { argWritten, editArgs } from './arg-edits.ts';
import { cannotEdit } from './cannot-edit.ts';
import { putAfter, putFirst, putLast, putMember, putScalar, takeAway } from './item-edits.ts';
import { createSample, type Neighbours, partText, plainText, ruleText } from './new-rule-text.ts';
import { applyEdits } from './text-edits.ts';

/** A profile with the text that it was read from. */
export interface ProfileText {
  readonly document: Document;
  readonly profile: Profile;
}

/**
 * An edit that can be tried.
 *
 * @returns `undefined`: there is nothing that this edit could be made of
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if this text cannot be edited so, with the reason
 */
export type TextEdit = (from: ProfileText) => string | undefined;

/** What a new rule says. */
export type NewRule = Pick<
  ProfileRule,
  'names' | 'action' | 'errnoRet' | 'errno' | 'args' | 'comment' | 'includes' | 'excludes'
>;

/** A rule, and what says for one of its calls what the rule is to say from now on. */
export interface Replacement {
  readonly old: ProfileRule;
  readonly now: readonly NewRule[];
}

const isPlain = ({ args, includes, excludes }: ProfileRule): boolean =>
  (args ?? []).length === 0 && includes === undefined && excludes === undefined;

const namesCall = (rule: ProfileRule, name: string): boolean =>
  rule.names.includes(name) || rule.name === name;

/** The rule's place in the document; `undefined` for a rule of a base profile. */
export function pointerOf(rule: ProfileRule, { document }: ProfileText): string | undefined {
  return rule.place?.file === document.name && findNode(document.root, rule.place.pointer) !== undefined
    ? rule.place.pointer
    : undefined;
}

/** The samples of texts that are edited, see {@link createSample}. */
const samples = new WeakMap<ProfileText, Neighbours['sample']>();

/** What text beside or in a rule is to look like. */
export function neighbours(from: ProfileText, first: string): Neighbours {
  const { document, profile } = from;
  const known = samples.get(from);
  const sample =
    known ??
    createSample(
      document,
      profile.rules.flatMap((each) => pointerOf(each, from) ?? []),
    );
  samples.set(from, sample);
  return { document, first, sample };
}

/** Puts a name into the rule of the action that always matches and names most. */
export function addName(name: string, { action, errnoRet }: Pick<NewRule, 'action' | 'errnoRet'>): TextEdit {
  return (from) => {
    const fitting = from.profile.rules.filter(
      (each) =>
        each.action === action &&
        (errnoRet === undefined || each.errnoRet === errnoRet) &&
        isPlain(each) &&
        each.names.length > 0 &&
        pointerOf(each, from) !== undefined,
    );
    const most = Math.max(...fitting.map(({ names }) => names.length));
    const rule = fitting.find(({ names }) => names.length === most);
    const pointer = rule === undefined ? undefined : pointerOf(rule, from);
    if (rule === undefined || pointer === undefined) return undefined;
    const { names } = rule;
    const text = partText(neighbours(from, pointer), '/names/0', name);
    const behind = insertNames(names, [name]).lastIndexOf(name) - 1;
    return edited(
      from,
      behind < 0
        ? putFirst(from.document, `${pointer}/names`, text)
        : putAfter(from.document, `${pointer}/names/${behind}`, text),
    );
  };
}

/** Puts a rule behind the last one that names a call of it, else behind the last, laid out as its neighbours are. */
export function addRule(rule: NewRule): TextEdit {
  return (from) => {
    const own = from.profile.rules.filter((each) => pointerOf(each, from) !== undefined);
    const near = own.findLast((each) => rule.names.some((name) => namesCall(each, name))) ?? own.at(-1);
    const pointer = near === undefined ? undefined : pointerOf(near, from);
    if (near !== undefined && pointer !== undefined) {
      const text = ruleText(neighbours(from, pointer), writtenBeside(near, rule));
      return edited(from, putAfter(from.document, pointer, text));
    }
    return addFirstRule(from, rule);
  };
}

/** In the old form, which names one call by `name`, if the rule beside it has that form. */
function writtenBeside({ name: old, names: { length } }: ProfileRule, rule: NewRule): object {
  const { names } = rule;
  const isOld = length === 0 && old !== undefined && names.length === 1;
  return isOld ? { name: names[0], ...toWritten(rule), names: undefined } : toWritten(rule);
}

function addFirstRule(from: ProfileText, rule: NewRule): string | undefined {
  const { document, profile } = from;
  const root = profile.defaultActionPlace?.pointer.replace(/\/[^/]*$/, '');
  if (root === undefined || profile.defaultActionPlace?.file !== document.name) return undefined;
  const found = findNode(document.root, `${root}/syscalls`);
  const text = plainText(document, toWritten(rule));
  if (found?.node.kind === 'array') return edited(from, putLast(document, `${root}/syscalls`, text));
  if (found === undefined) {
    const key = document.syntax === 'yaml' ? 'syscalls' : '"syscalls"';
    return edited(from, putMember(document, `${root}/defaultAction`, `${key}: [${text}]`));
  }
  const { start, end } = found.node;
  if (start.offset === end.offset) throw cannotEdit('the key "syscalls" has no value: write [] behind it');
  return edited(from, putScalar(document, `${root}/syscalls`, `[${text}]`));
}

/** Without keys that say nothing, in the order that they are written in if no neighbour shows another. */
export function toWritten({
  names,
  action,
  errnoRet,
  errno,
  args,
  comment,
  includes,
  excludes,
}: NewRule): object {
  const written = {
    names,
    action,
    errnoRet,
    errno,
    args: args?.map(argWritten),
    comment,
    includes,
    excludes,
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
}

/**
 * Says something else of one call where rules say something of it: in their own text if they name nothing else, so that what
 * the author wrote about them stays; else in rules behind them.
 */
export function replaceRules(name: string, replacements: readonly Replacement[]): TextEdit {
  return (from) => {
    const whole: string[] = [];
    const edits = replacements.flatMap(({ old, now }): readonly Edit[] => {
      const pointer = pointerOf(old, from);
      if (pointer === undefined) {
        throw cannotEdit(
          `a rule of ${old.place?.file ?? 'another profile'} decides it, which is another file`,
        );
      }
      if (!old.names.every((each) => each === name)) {
        return [...takeName(from, pointer, old, name), ...behind(from, pointer, now)];
      }
      const [first, ...rest] = now;
      if (first !== undefined) {
        return [
          ...editArgs(neighbours(from, pointer), old.args ?? [], first.args ?? []),
          ...behind(from, pointer, rest),
        ];
      }
      whole.push(pointer);
      return [];
    });
    return edited(from, [...edits, ...takeAway(from.document, whole)]);
  };
}

function takeName(
  { document }: ProfileText,
  pointer: string,
  rule: ProfileRule,
  name: string,
): readonly Edit[] {
  const places = rule.names.flatMap((each, index) => (each === name ? [`${pointer}/names/${index}`] : []));
  return takeAway(document, places);
}

function behind(from: ProfileText, pointer: string, rules: readonly NewRule[]): readonly Edit[] {
  const near = neighbours(from, pointer);
  return rules.flatMap((rule) => putAfter(from.document, pointer, ruleText(near, toWritten(rule))));
}

function edited({ document }: ProfileText, edits: readonly Edit[]): string | undefined {
  return applyEdits(document.text, edits);
}
