/**
 * JSON in the style of another JSON text of the same kind. What the two have in common stays as it is written there, and the
 * rest is laid out alike. So a profile that is written anew differs from the old one where it says something else.
 * @module
 */
import { foldKey, shapes } from '../../oci/dialect-keys.ts';
import type { Document, Member, Node, ObjectNode } from '../../oci/document.ts';
import { readDocument } from '../../oci/read-json.ts';

/** How the old text writes what stands at one path, where `*` is any element of a list. */
interface Sample {
  /** In an order that fits all objects there. */
  readonly keys: string[];
  /** The length of the longest value that stands on one line and is not empty; and whether one takes several lines. */
  longest: number;
  hasLong: boolean;
  /** Between a key and its value. */
  readonly colon: string;
}

interface Style {
  readonly old: Document;
  readonly text: string;
  readonly samples: ReadonlyMap<string, Sample>;
  readonly unit: string;
  /** Between values on one line. */
  readonly comma: string;
  /** Inside the brackets of what stands on one line. */
  readonly pads: ReadonlyMap<Node['kind'], string>;
  /** Short names of what rules say. */
  readonly ids: Map<string, number>;
}

/** Where a value is written. */
interface Place {
  readonly path: string;
  readonly indent: string;
  /** What the old text has in its place. */
  readonly like: Node | undefined;
}

/** What a profile says by its keys is in the new text. Other keys, such as `$schema` or `_comment`, are their author's. */
const meaningful = new Set(
  Object.values(shapes)
    .flatMap((shape) => Object.keys(shape))
    .filter((key) => key !== '$schema' && key !== 'comment')
    .map(foldKey),
);

const isMeaningful = (key: string): boolean => meaningful.has(foldKey(key));

/** @returns a text that says the same, read again to be sure; `text` as it is if one of the two is no JSON object */
export function inStyleOf(old: Document, text: string): string {
  const root = readDocument(text).document?.root;
  if (old.syntax !== undefined || old.root.kind !== 'object' || root?.kind !== 'object') return text;
  const written = write(styleOf(old, text), root, { path: '', indent: '', like: old.root });
  const isCrLf = old.text.includes('\r\n');
  const lines = isCrLf ? written.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n') : written;
  const styled = old.text.slice(0, old.root.start.offset) + lines + old.text.slice(old.root.end.offset);
  const again = readDocument(styled).document;
  // What was proven is the profile in `text`.
  return again !== undefined && meaningOf(again.root, again) === meaningOf(root, { text }) ? styled : text;
}

function styleOf(old: Document, text: string): Style {
  const samples = new Map<string, Sample>();
  const pads = new Map<Node['kind'], string>();
  const commas: string[] = [];
  const walk = (node: Node, path: string, outer: string): void => {
    const [parts, ends] = partsOf(node);
    if (parts.length === 0) return;
    const colon = colonOf(old, node) ?? outer;
    const sample = samples.get(path) ?? { keys: [], longest: 0, hasLong: false, colon };
    samples.set(path, sample);
    const source = sourceOf(old, node);
    if (source.includes('\n')) {
      sample.hasLong = true;
    } else {
      sample.longest = Math.max(sample.longest, source.length);
      pads.set(node.kind, old.text.slice(node.start.offset + 1, parts[0]));
      if (parts.length > 1) commas.push(old.text.slice(ends[0], parts[1]));
    }
    if (node.kind === 'array') for (const each of node.elements) walk(each, `${path}/*`, colon);
    if (node.kind !== 'object') return;
    const members = node.members.filter(({ key }) => isMeaningful(key));
    for (const [at, { key, value }] of members.entries()) {
      const before = sample.keys.indexOf(members[at - 1]?.key ?? '');
      if (!sample.keys.includes(key)) sample.keys.splice(before + 1, 0, key);
      walk(value, `${path}/${key}`, colon);
    }
  };
  walk(old.root, '', ': ');
  const unit = /\n([ \t]+)\S/.exec(old.text)?.[1] ?? '  ';
  return { old, text, samples, unit, comma: commas[0] ?? ', ', pads, ids: new Map() };
}

/** What stands between the first key of an object and its value. */
function colonOf({ text }: Document, node: Node): string | undefined {
  const [first] = node.kind === 'object' ? node.members : [];
  return first && /[ \t]*:[ \t]*$/.exec(text.slice(first.keyStart.offset, first.value.start.offset))?.[0];
}

/** Where the parts of a list or an object start and end. */
function partsOf(node: Node): readonly [starts: readonly number[], ends: readonly number[]] {
  if (node.kind === 'array')
    return [node.elements.map(({ start }) => start.offset), node.elements.map(({ end }) => end.offset)];
  if (node.kind === 'object')
    return [
      node.members.map(({ keyStart }) => keyStart.offset),
      node.members.map(({ value }) => value.end.offset),
    ];
  return [[], []];
}

function write(style: Style, node: Node, { path, indent, like }: Place): string {
  if (like !== undefined && meaningOf(like, style.old) === meaningOf(node, style))
    return sourceOf(style.old, like);
  if (node.kind !== 'object' && node.kind !== 'array') return sourceOf(style, node);
  const inner = indent + style.unit;
  const items =
    node.kind === 'array'
      ? elementsOf(style, node.elements, { path: `${path}/*`, indent: inner, like })
      : membersOf(style, node, { path, indent: inner, like });
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return `${open}${close}`;
  const pad = style.pads.get(node.kind) ?? (node.kind === 'object' ? ' ' : '');
  const line = `${open}${pad}${items.join(style.comma)}${pad}${close}`;
  const isShort = isOnLine(style, like) ?? line.length <= longestLine(style, path);
  return isShort && !line.includes('\n')
    ? line
    : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** `undefined`: the old text does not show it. */
function isOnLine({ old }: Style, like: Node | undefined): boolean | undefined {
  return like === undefined || isEmpty(like) ? undefined : !sourceOf(old, like).includes('\n');
}

/** What the old text does not have is as what it stands in. */
function sampleAt(style: Style, path: string): Sample | undefined {
  const sample = style.samples.get(path);
  return sample !== undefined || path === '' ? sample : sampleAt(style, path.slice(0, path.lastIndexOf('/')));
}

/** The most characters that are written on one line at a path. */
function longestLine(style: Style, path: string): number {
  const { hasLong = true, longest = 0 } = sampleAt(style, path) ?? {};
  return hasLong ? longest : Number.POSITIVE_INFINITY;
}

function elementsOf(style: Style, elements: readonly Node[], { like, ...place }: Place): readonly string[] {
  const own = like?.kind === 'array' ? like.elements : [];
  // A rule is the old text's if it says the same of one of the calls that it names.
  const known = new Map(
    own.toReversed().flatMap((each) => labelsOf(style, each, style.old).map((label) => [label, each])),
  );
  return elements.map((each) => {
    const label = labelsOf(style, each, style).find((label) => known.has(label));
    return write(style, each, { ...place, like: label === undefined ? undefined : known.get(label) });
  });
}

/** What an object of a list is known by: a rule by each of its calls, and by what it says of them. */
function labelsOf({ ids }: Style, node: Node, source: Source): readonly string[] {
  if (node.kind !== 'object') return [];
  const said = meaningOf({ ...node, members: node.members.filter(({ key }) => !isList(key)) }, source);
  const id = ids.get(said) ?? ids.size;
  ids.set(said, id);
  const names = node.members.find(({ key }) => foldKey(key) === 'names')?.value;
  const calls = names?.kind === 'array' ? names.elements : [node];
  return calls.map((call) => `${id} ${call === node ? '' : meaningOf(call, source)}`);
}

/** Keys of lists that grow while the object stays what it is. */
const isList = (key: string): boolean => ['names', 'subarchitectures'].includes(foldKey(key));

function membersOf(style: Style, { members }: ObjectNode, { path, indent, like }: Place): readonly string[] {
  const own = like?.kind === 'object' ? like.members : [];
  const oldValues = new Map(own.map(({ key, value }) => [key, value]));
  const colon = sampleAt(style, path)?.colon ?? ': ';
  const texts = new Map(
    members.map(({ key, value }) => {
      const text = write(style, value, { path: `${path}/${key}`, indent, like: oldValues.get(key) });
      return [key, `${JSON.stringify(key)}${colon}${text}`];
    }),
  );
  const written = new Set(members.map(({ key }) => foldKey(key)));
  const isKept = ({ key, value }: Member): boolean =>
    !written.has(foldKey(key)) && (!isMeaningful(key) || isEmpty(value));
  const kept = new Map(
    own
      .filter(isKept)
      .map(({ key, keyStart, value }) => [key, style.old.text.slice(keyStart.offset, value.end.offset)]),
  );
  const order = [...new Set(like === undefined ? style.samples.get(path)?.keys : oldValues.keys())];
  const known = order.filter((key) => texts.has(key) || kept.has(key));
  // A key that the old text does not have stands behind the one that it follows in the new text.
  const keys = members.reduce<readonly string[]>((list, { key }, at) => {
    if (list.includes(key)) return list;
    const before = list.indexOf(members[at - 1]?.key ?? '');
    return list.toSpliced(before + 1, 0, key);
  }, known);
  return keys.map((key) => texts.get(key) ?? kept.get(key) ?? '');
}

/** A text, and values in it. */
type Source = Pick<Document, 'text'>;

/** What a value says, as a text to compare: without the order of keys, and without what is the author's or says nothing. */
function meaningOf(node: Node, source: Source): string {
  if (node.kind === 'array') return `[${node.elements.map((each) => meaningOf(each, source)).join()}]`;
  if (node.kind === 'string') return JSON.stringify(node.value);
  if (node.kind !== 'object') return sourceOf(source, node);
  const said = node.members.filter(({ key, value }) => isMeaningful(key) && !isEmpty(value));
  return `{${said
    .map(({ key, value }) => `${foldKey(key)}:${meaningOf(value, source)}`)
    .sort()
    .join()}}`;
}

function isEmpty(node: Node): boolean {
  if (node.kind === 'string') return node.value === '';
  return (
    node.kind === 'null' ||
    (node.kind === 'array' ? node.elements : node.kind === 'object' ? node.members : [node]).length === 0
  );
}

function sourceOf({ text }: Source, { start, end }: Node): string {
  return text.slice(start.offset, end.offset);
}
