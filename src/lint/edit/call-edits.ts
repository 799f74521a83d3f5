/**
 * Edits of a profile's text that let a call through, or stop doing so. Each goes from a text to a text.
 * @module
 */
import type { Comparison } from '../../abi/operators.ts';
import { operatorByOciOperator } from '../../abi/operators.ts';
import type { Document, Node } from '../../oci/document.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../oci/profile.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { append, applyEdits, insertAfter, removeElements } from './text-edits.ts';

/** A profile with the text that it was read from. */
export interface ProfileText {
  readonly document: Document;
  readonly profile: Profile;
}

/** `undefined`: this edit cannot be made in this text. */
export type TextEdit = (from: ProfileText) => string | undefined;

/** What a new rule says. */
export type NewRule = Pick<ProfileRule, 'names' | 'action' | 'errnoRet' | 'args' | 'includes' | 'excludes'>;

const isPlain = ({ args, includes, excludes }: ProfileRule): boolean =>
  (args ?? []).length === 0 && includes === undefined && excludes === undefined;

const namesCall = (rule: ProfileRule, name: string): boolean =>
  rule.names.includes(name) || rule.name === name;

/** The rule's place in the document; `undefined` for a rule of a base profile. */
function pointerOf(rule: ProfileRule, { document }: ProfileText): string | undefined {
  return rule.place?.file === document.name ? rule.place.pointer : undefined;
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
    const isSorted = names.every((each, index) => index === 0 || (names[index - 1] ?? '') <= each);
    const next = isSorted ? names.findIndex((each) => each > name) : -1;
    const json = JSON.stringify(name);
    const first = findNode(from.document.root, `${pointer}/names/0`)?.node;
    if (next === 0 && first !== undefined) {
      const second = findNode(from.document.root, `${pointer}/names/1`)?.node;
      const gap =
        second === undefined
          ? ' '
          : from.document.text.slice(first.end.offset, second.start.offset).replace(/^\s*,/, '');
      const { offset } = first.start;
      return edited(from, [{ start: offset, end: offset, text: `${json},${gap}` }]);
    }
    return edited(
      from,
      next > 0
        ? insertAfter(from.document, `${pointer}/names/${next - 1}`, json)
        : append(from.document, `${pointer}/names`, json),
    );
  };
}

/** Puts a rule behind the last one that names a call of it, else behind the last, laid out as its neighbours are. */
export function addRule(rule: NewRule): TextEdit {
  return (from) => {
    const own = from.profile.rules.filter((each) => pointerOf(each, from) !== undefined);
    const near = own.findLast((each) => rule.names.some((name) => namesCall(each, name))) ?? own.at(-1);
    const pointer = near === undefined ? undefined : pointerOf(near, from);
    if (pointer !== undefined) {
      return edited(from, insertAfter(from.document, pointer, ruleText(from, pointer, rule)));
    }
    const root = from.profile.defaultActionPlace?.pointer.replace(/\/[^/]*$/, '');
    if (root === undefined) return undefined;
    const text = inlineText(rule);
    const list = findNode(from.document.root, `${root}/syscalls`)?.node;
    return edited(
      from,
      list === undefined
        ? insertAfter(from.document, `${root}/defaultAction`, `"syscalls": [${text}]`)
        : append(from.document, `${root}/syscalls`, text),
    );
  };
}

/** A value as JSON, exactly: 64 bits do not fit a number of JavaScript. */
function valueText(value: unknown): string {
  return typeof value === 'bigint' ? `${value}` : JSON.stringify(value);
}

function inlineText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return valueText(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${members.map(([key, each]) => `"${key}": ${inlineText(each)}`).join(', ')} }`;
}

/** How containers of a text are laid out: on one line or on several. */
interface Layout {
  readonly isOneLine: (path: string) => boolean;
  readonly unit: string;
}

/** A rule as text: a part of it stands on one line where that part of a neighbour does. */
function ruleText(from: ProfileText, neighbour: string, rule: NewRule): string {
  const { text, root } = from.document;
  const node = findNode(root, neighbour)?.node;
  const start = node?.start.offset ?? 0;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
  const inner = /\n([ \t]*)"/.exec(text.slice(start, node?.end.offset ?? start))?.[1];
  const unit = inner?.startsWith(indent) === true ? inner.slice(indent.length) : '  ';
  const parts = from.profile.rules.flatMap((each) => {
    const pointer = pointerOf(each, from);
    return pointer === undefined ? [] : [pointer];
  });
  const shown = (path: string): Node | undefined =>
    [neighbour, ...parts].map((each) => findNode(root, each + path)?.node).find(hasItems);
  const isOneLine = (path: string): boolean => {
    const sample = shown(path);
    if (sample === undefined) return path === '' ? false : isOneLine(path.slice(0, path.lastIndexOf('/')));
    return !text.slice(sample.start.offset, sample.end.offset).includes('\n');
  };
  const keys = node?.kind === 'object' ? node.members.map(({ key }) => key) : [];
  const rank = (key: string): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  const sorted = Object.fromEntries(Object.entries(rule).sort(([a], [b]) => rank(a) - rank(b)));
  return laidOut(sorted, '', indent, { isOneLine, unit });
}

function hasItems(node: Node | undefined): boolean {
  return (
    (node?.kind === 'array' && node.elements.length > 0) ||
    (node?.kind === 'object' && node.members.length > 0)
  );
}

function laidOut(value: unknown, path: string, indent: string, layout: Layout): string {
  if (typeof value !== 'object' || value === null || layout.isOneLine(path)) return inlineText(value);
  const inner = indent + layout.unit;
  const items = Array.isArray(value)
    ? value.map((each) => laidOut(each, `${path}/0`, inner, layout))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => `"${key}": ${laidOut(each, `${path}/${key}`, inner, layout)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** Takes a name out of the rules of some kind, and a rule that names nothing else away. */
export function removeName(name: string, isMeant: (rule: ProfileRule) => boolean): TextEdit {
  return (from) => {
    const rules = from.profile.rules.filter((rule) => isMeant(rule) && namesCall(rule, name));
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

/**
 * Whether a rule's comparisons can hold for a call with the given values. If a rule compares an argument twice, runtimes
 * ask for one of its comparisons, not for all.
 */
export function mayMatch({ args = [] }: ProfileRule, given: readonly Comparison[]): boolean {
  if (args.length === 0) return true;
  const isPossible = (own: ProfileArg): boolean =>
    given.every(({ index, value }) => own.index !== index || holds(own, value));
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  return isRepeated ? args.some(isPossible) : args.every(isPossible);
}

function holds({ op, value, valueTwo = 0n }: ProfileArg, given: bigint): boolean {
  switch (operatorByOciOperator(op)?.operator) {
    case 'ne':
      return given !== value;
    case 'lt':
      return given < value;
    case 'le':
      return given <= value;
    case 'eq':
      return given === value;
    case 'ge':
      return given >= value;
    case 'gt':
      return given > value;
    case 'maskedEq':
      return (given & value) === (valueTwo & value);
    default:
      return true;
  }
}

function edited({ document }: ProfileText, edits: readonly Edit[] | undefined): string | undefined {
  return edits === undefined || document.yaml ? undefined : applyEdits(document.text, edits);
}
