/**
 * JSON in the style of another JSON text of the same kind: its indentation, its order of keys, and on one line what it has
 * on one line. So a profile that is written anew differs from the old one where it says something else.
 * @module
 */
import type { Document, Member, Node, ObjectNode } from '../../oci/document.ts';
import { readDocument } from '../../oci/read-json.ts';

/** How the old text writes what stands at one path, where `*` is any element of a list. */
interface Sample {
  /** In an order that fits all objects there. */
  readonly keys: string[];
  /** Whether some list or object there takes several lines. */
  isLong: boolean;
}

type Samples = ReadonlyMap<string, Sample>;

/** What a profile says is in the new text. Other keys, such as `$schema` or `_comment`, are its author's and stay. */
const PROFILE_KEYS =
  /^(?:default(?:Action|ErrnoRet|Errno)|architectures|archMap|flags|listener(?:Path|Metadata)|syscalls)$/i;

/** @returns `text` as it is if one of the two is no JSON object */
export function inStyleOf(old: Document, text: string): string {
  const root = readDocument(text).document?.root;
  if (old.syntax !== undefined || old.root.kind !== 'object' || root?.kind !== 'object') return text;
  const own = old.root.members.filter(({ key }) => !PROFILE_KEYS.test(key));
  const kept = own.map((member) => `${JSON.stringify(member.key)}: ${sourceOf(old.text, member.value)}`);
  const style: Style = {
    text,
    samples: samplesOf(old),
    unit: /\n([ \t]+)\S/.exec(old.text)?.[1] ?? '  ',
    kept: new Map(own.map(({ key }, at) => [key, kept[at] ?? ''])),
  };
  const written = write(style, root, '', '');
  const isCrLf = old.text.includes('\r\n');
  const lines = isCrLf ? written.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n') : written;
  return /\n\s*$/.test(old.text) ? `${lines}${isCrLf ? '\r\n' : '\n'}` : lines;
}

interface Style {
  readonly text: string;
  readonly samples: Samples;
  readonly unit: string;
  /** The author's own members of the outermost object, as they stand there. */
  readonly kept: ReadonlyMap<string, string>;
}

function samplesOf({ text, root }: Document): Samples {
  const samples = new Map<string, Sample>();
  const walk = (node: Node, path: string): void => {
    if (node.kind !== 'object' && node.kind !== 'array') return;
    const sample = samples.get(path) ?? { keys: [], isLong: false };
    samples.set(path, sample);
    if (sourceOf(text, node).includes('\n')) sample.isLong = true;
    if (node.kind === 'array') {
      for (const each of node.elements) walk(each, `${path}/*`);
      return;
    }
    for (const [at, { key, value }] of node.members.entries()) {
      const before = node.members[at - 1]?.key;
      if (!sample.keys.includes(key)) sample.keys.splice(sample.keys.indexOf(before ?? '') + 1, 0, key);
      walk(value, `${path}/${key}`);
    }
  };
  walk(root, '');
  return samples;
}

function write(style: Style, node: Node, path: string, indent: string): string {
  if (node.kind !== 'object' && node.kind !== 'array') return sourceOf(style.text, node);
  const inner = indent + style.unit;
  const items =
    node.kind === 'array'
      ? node.elements.map((each) => write(style, each, `${path}/*`, inner))
      : membersOf(style, node, path, inner);
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return `${open}${close}`;
  const isLong = style.samples.get(path)?.isLong ?? true;
  if (isLong) return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  const gap = node.kind === 'object' ? ' ' : '';
  return `${open}${gap}${items.join(', ')}${gap}${close}`;
}

function membersOf(style: Style, { members }: ObjectNode, path: string, indent: string): readonly string[] {
  const keys = style.samples.get(path)?.keys ?? [];
  const texts = new Map(
    members.map(({ key, value }: Member) => [
      key,
      `${JSON.stringify(key)}: ${write(style, value, `${path}/${key}`, indent)}`,
    ]),
  );
  const known = keys.flatMap((key) => texts.get(key) ?? (path === '' ? (style.kept.get(key) ?? []) : []));
  // A key that the old text does not have stands behind the one that it follows in the new text.
  return members.reduce<readonly string[]>((list, { key }, at) => {
    const text = texts.get(key) ?? '';
    if (keys.includes(key)) return list;
    const before = texts.get(members[at - 1]?.key ?? '');
    return list.toSpliced(before === undefined ? 0 : list.indexOf(before) + 1, 0, text);
  }, known);
}

function sourceOf(text: string, { start, end }: Node): string {
  return text.slice(start.offset, end.offset);
}
