/**
 * New parts of a profile as text, laid out as the parts of their neighbours are.
 * @module
 */
import type { Document, Node } from '../../oci/document.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { columnOf, isBlock } from './block-edits.ts';

/** How a list or object is written: on lines of their own without brackets, with brackets on several lines, or on one. */
type Form = 'block' | 'lines' | 'line';

/** How the parts of a rule are written. A path starts at the rule: `/args/0`. */
interface Layout {
  readonly form: (path: string) => Form;
  /** In the order that a neighbour has its keys in. */
  readonly items: (value: object, path: string) => readonly Item[];
  readonly key: (key: string) => string;
  readonly text: (text: string, path: string) => string;
  /** What an inner line is indented by, more than the outer. */
  readonly unit: string;
  /** The same of the dashes of a list without brackets. */
  readonly dash: string;
}

type Item = readonly [key: string, value: unknown];

/** What new text is to look like. */
export interface Neighbours {
  readonly document: Document;
  /** The rule beside it, or the one that is edited. */
  readonly first: string | undefined;
  /** Shows parts that the first rule does not have. */
  readonly sample: Sample;
}

const usable = {
  any: () => true,
  object: ({ kind }: Node) => kind === 'object',
  string: ({ kind }: Node) => kind === 'string',
  items: (node: Node) =>
    (node.kind === 'array' && node.elements.length > 0) ||
    (node.kind === 'object' && node.members.length > 0),
  block: (node: Node, text: string) => isBlock(text, node),
} as const satisfies Record<string, (node: Node, text: string) => boolean>;

/** Finds how a part of a rule is written: the first of that kind. */
type Sample = (path: string, kind: keyof typeof usable) => Node | undefined;

/**
 * Looks through the rules of a document, once for each part: an edit can change thousands of rules.
 *
 * @param rules - where they stand
 */
export function createSample({ root, text }: Document, rules: readonly string[]): Sample {
  const found = new Map<string, Node | undefined>();
  return (path, kind) => {
    const key = `${kind} ${path}`;
    if (!found.has(key)) found.set(key, firstUsable());
    return found.get(key);

    function firstUsable(): Node | undefined {
      for (const rule of rules) {
        const node = findNode(root, rule + path)?.node;
        if (node !== undefined && usable[kind](node, text)) return node;
      }
      return undefined;
    }
  };
}

/** A rule, as an item of the list that the first neighbour stands in. */
export function ruleText(near: Neighbours, rule: object): string {
  return partText(near, '', rule);
}

/** A value within a rule. @param path - of the value, which need not exist: `/args/0` */
export function partText(near: Neighbours, path: string, value: unknown): string {
  const layout = layoutOf(near);
  return laidOut(value, path, indentOf(near, path), layout);
}

/** A key of the first neighbour, and its value. @param path - of the value, which need not exist */
export function memberText(near: Neighbours, path: string, value: unknown): string {
  const layout = layoutOf(near);
  const above = path.slice(0, path.lastIndexOf('/'));
  const own = nodeAt(near, above);
  const { text } = near.document;
  if (
    own !== undefined &&
    !isBlock(text, own) &&
    !text.slice(own.start.offset, own.end.offset).includes('\n')
  ) {
    return `${layout.key(path.slice(above.length + 1))}: ${inline(value, path, layout)}`;
  }
  const isBare = own !== undefined && isBlock(text, own);
  const indent = isBare
    ? ' '.repeat(columnOf(text, own.start.offset))
    : lineIndent(near, above) + (layout.form(above) === 'lines' ? layout.unit : '');
  return memberLines(path.slice(above.length + 1), value, path, indent, layout);
}

/** A value of a document that has no rule to look like. */
export function plainText(document: Document, value: unknown): string {
  return laidOut(value, '', '', layoutOf({ document, first: undefined, sample: () => undefined }));
}

function nodeAt({ document, first }: Neighbours, path: string): Node | undefined {
  return first === undefined ? undefined : findNode(document.root, first + path)?.node;
}

/** What the lines of an element of a list start with. */
function indentOf(near: Neighbours, path: string): string {
  const { text, root, syntax } = near.document;
  const full = (near.first ?? '') + path;
  const list = findNode(root, full.slice(0, full.lastIndexOf('/')))?.node;
  if (syntax === 'yaml' && list?.kind === 'array' && isBlock(text, list)) {
    return ' '.repeat(columnOf(text, list.start.offset) + '- '.length);
  }
  const first = nodeAt(near, path) ?? nodeAt(near, path.replace(/\d+$/, '0'));
  return first === undefined ? '' : lineStartBlanks(text, first);
}

function lineIndent(near: Neighbours, path: string): string {
  const node = nodeAt(near, path);
  return node === undefined ? '' : lineStartBlanks(near.document.text, node);
}

function lineStartBlanks(text: string, { start }: Node): string {
  const from = text.lastIndexOf('\n', start.offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(from))?.[0] ?? '';
}

function layoutOf(near: Neighbours): Layout {
  const { text, syntax } = near.document;
  const isYaml = syntax === 'yaml';
  const sample: Sample = (path, kind) => {
    const own = nodeAt(near, path);
    return own !== undefined && usable[kind](own, text) ? own : near.sample(path, kind);
  };
  const form = (path: string): Form => {
    const shown = sample(path, 'items');
    if (shown === undefined) {
      if (path !== '') return form(path.slice(0, path.lastIndexOf('/')));
      return isYaml ? 'line' : 'lines';
    }
    if (isYaml && isBlock(text, shown)) return 'block';
    return text.slice(shown.start.offset, shown.end.offset).includes('\n') ? 'lines' : 'line';
  };
  const quotes = (path: string): string => {
    const shown = sample(path, 'string') ?? sample('/action', 'any');
    return text[shown?.start.offset ?? -1] ?? '';
  };
  const rule = sample('', 'object');
  const keyStart = rule?.kind === 'object' ? rule.members[0]?.keyStart.offset : undefined;
  const keyQuote = keyStart === undefined ? '' : (text[keyStart] ?? '');
  return {
    form,
    items: (value, path) => {
      const shown = sample(path, 'items');
      const keys = shown?.kind === 'object' ? shown.members.map(({ key }) => key) : [];
      const names = keys.includes('names') ? 'names' : 'name';
      const rank = ([key]: Item): number => {
        const at = keys.indexOf(key === 'names' ? names : key);
        return at < 0 ? keys.length : at;
      };
      return itemsOf(value).toSorted((a, b) => rank(a) - rank(b));
    },
    key: (key) => (isYaml ? quoted(key, keyQuote) : JSON.stringify(key)),
    text: (each, path) => (isYaml ? quoted(each, quotes(path)) : JSON.stringify(each)),
    unit: unitOf(text, rule),
    dash: dashIndent(text, rule, sample),
  };
}

/** The blanks that a rule's keys are indented by. */
function unitOf(text: string, rule: Node | undefined): string {
  if (rule === undefined || isBlock(text, rule)) return '  ';
  const indent = lineStartBlanks(text, rule);
  const inner = /\n([ \t]*)\S/.exec(text.slice(rule.start.offset, rule.end.offset))?.[1];
  return inner?.startsWith(indent) === true && inner !== indent ? inner.slice(indent.length) : '  ';
}

/** The blanks between a key of a rule and the dashes of its list. */
function dashIndent(text: string, rule: Node | undefined, sample: Sample): string {
  const list = sample('/names', 'block');
  if (list === undefined || rule === undefined) return '';
  const own = columnOf(text, list.start.offset) - columnOf(text, rule.start.offset);
  return ' '.repeat(Math.max(0, own));
}

/** A text in the quotes of a neighbour, or bare as the neighbour is, where it is a plain word. */
function quoted(text: string, quote: string): string {
  const isWord = /^[A-Za-z_][\w.-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  if (quote === "'" && !/[\p{C}']/u.test(text)) return `'${text}'`;
  return quote === '"' || quote === "'" || !isWord ? JSON.stringify(text) : text;
}

function laidOut(value: unknown, path: string, indent: string, layout: Layout): string {
  if (typeof value !== 'object' || value === null) return scalar(value, path, layout);
  const form = layout.form(path);
  if (form === 'line' || itemsOf(value).length === 0) return inline(value, path, layout);
  if (form === 'block') return blockLines(value, path, indent, layout).join(`\n${indent}`);
  const inner = indent + layout.unit;
  const lines = Array.isArray(value)
    ? value.map((each) => laidOut(each, `${path}/0`, inner, layout))
    : layout.items(value, path).map(([key, each]) => memberLines(key, each, `${path}/${key}`, inner, layout));
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${indent}${close}`;
}

function blockLines(value: object, path: string, indent: string, layout: Layout): readonly string[] {
  if (Array.isArray(value)) {
    return value.map((each) => `- ${laidOut(each, `${path}/0`, `${indent}  `, layout)}`);
  }
  return layout
    .items(value, path)
    .map(([key, each]) => memberLines(key, each, `${path}/${key}`, indent, layout));
}

function memberLines(key: string, value: unknown, path: string, indent: string, layout: Layout): string {
  const isBlockValue =
    typeof value === 'object' && value !== null && itemsOf(value).length > 0 && layout.form(path) === 'block';
  if (!isBlockValue) return `${layout.key(key)}: ${laidOut(value, path, indent, layout)}`;
  const inner = indent + (Array.isArray(value) ? layout.dash : layout.unit);
  return `${layout.key(key)}:\n${inner}${laidOut(value, path, inner, layout)}`;
}

function inline(value: unknown, path: string, layout: Layout): string {
  if (Array.isArray(value)) return `[${value.map((each) => inline(each, `${path}/0`, layout)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value, path, layout);
  const members = layout
    .items(value, path)
    .map(([key, each]) => `${layout.key(key)}: ${inline(each, `${path}/${key}`, layout)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Exactly: 64 bits do not fit a number of JavaScript. */
function scalar(value: unknown, path: string, layout: Layout): string {
  if (typeof value === 'bigint') return `${value}`;
  return typeof value === 'string' ? layout.text(value, path) : JSON.stringify(value);
}

function itemsOf(value: object): readonly Item[] {
  return Object.entries(value).filter(([, each]) => each !== undefined);
}
