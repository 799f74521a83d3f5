/**
 * Checks of reports from rules that others wrote. A wrong report is the rule's fault, and must not break a renderer.
 * @module
 */
import type { LintContext, Report } from './rule-context.ts';

/** Returns a report that is what its type says. @throws TypeError that says what is wrong with another */
export function checkReport(report: Report, { document, views }: LintContext): Report {
  const given: Readonly<Partial<Record<string, unknown>>> = { ...report };
  const length = document?.text.length ?? 0;
  for (const [key, [expected, isRight]] of Object.entries(parts)) {
    if (!isRight(given[key], length))
      throw new TypeError(`it reported a wrong "${key}": it must be ${expected}`);
  }
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(parts, key));
  if (unknown !== undefined) throw new TypeError(`it reported an unknown key "${unknown}"`);
  const { view } = report;
  if (view !== undefined && !views.includes(view)) {
    throw new TypeError('it reported a wrong "view": it must be one of context.views');
  }
  return report;
}

type IsRight = (value: unknown, length: number) => boolean;

const isText: IsRight = (value) => typeof value === 'string' && value.trim() !== '';
const isPointer: IsRight = (value) => typeof value === 'string' && /^(?:\/|$)/.test(value);
const isCount: IsRight = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const isU32: IsRight = (value) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff;
const isU64: IsRight = (value) => typeof value === 'bigint' && BigInt.asUintN(64, value) === value;

const optional =
  (isRight: IsRight): IsRight =>
  (value, length) =>
    value === undefined || isRight(value, length);

const listOf =
  (isRight: IsRight): IsRight =>
  (value, length) =>
    Array.isArray(value) && value.every((each) => isRight(each, length));

/** An object of which each of these members is right. */
const objectOf =
  (members: Readonly<Record<string, IsRight>>): IsRight =>
  (value, length) => {
    if (typeof value !== 'object' || value === null) return false;
    const object: Readonly<Partial<Record<string, unknown>>> = { ...value };
    return Object.entries(members).every(([key, isRight]) => isRight(object[key], length));
  };

const isEdit: IsRight = (value, length) => {
  if (!objectOf({ start: Number.isInteger, end: Number.isInteger, text: isString })(value, length))
    return false;
  const { start, end } = value as { readonly start: number; readonly end: number };
  return 0 <= start && start <= end && end <= length;
};

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

const isCall = objectOf({
  nr: (value) => Number.isInteger(value) && Number(value) === (Number(value) | 0),
  arch: isU32,
  instructionPointer: isU64,
  args: (value, length) => listOf(isU64)(value, length) && (value as readonly bigint[]).length === 6,
});

const parts: Readonly<Record<keyof Report, readonly [string, IsRight]>> = {
  pointer: ['a JSON pointer', isPointer],
  onKey: ['true or false', optional((value) => typeof value === 'boolean')],
  at: ['a line and a column from 1', optional(objectOf({ line: isCount, column: isCount }))],
  message: ['a sentence', isText],
  hint: ['a sentence', optional(isText)],
  level: ['error, warn or note', optional((value) => ['error', 'warn', 'note'].includes(value as string))],
  witness: [
    'a call of six arguments, and the return words that it gets',
    optional(
      objectOf({ call: isCall, verdict: isU32, otherwise: optional(listOf(isU32)), meant: optional(isU32) }),
    ),
  ],
  related: [
    'a list of places with a message',
    optional(listOf(objectOf({ pointer: isPointer, message: isText }))),
  ],
  fix: [
    'a description, changesMeaning, and edits within the text',
    optional(
      objectOf({
        description: isText,
        changesMeaning: (value) => typeof value === 'boolean',
        edits: listOf(isEdit),
      }),
    ),
  ],
  about: [
    'names, and a message about several of them with … for the names',
    optional(
      objectOf({
        names: listOf(isText),
        many: (value) => isText(value, 0) && (value as string).split('…').length === 2,
        hint: optional(isText),
      }),
    ),
  ],
  view: ['one of context.views', () => true],
};
