/**
 * YAML text to trees. The grammar is the parser's (yaml, YAML 1.2); what scalars stand for is yaml-scalars.ts's;
 * this file adds places, limits, aliases, merge keys and duplicate keys.
 *
 * Loaded only where there is YAML to read: JSON profiles do without.
 * @module
 */
import { Composer, isAlias, isCollection, isMap, isScalar, type ParsedNode, Parser } from 'yaml';
import type { Alias, Member, Node, Position } from './document.ts';
import type { FoundProblem } from './problems.ts';
import { escapePointer, MAX_DOCUMENT_DEPTH, quote, type Tree } from './read-json.ts';
import { createLocator } from './source-text.ts';
import { createLexer } from './yaml-lexer.ts';
import { exceededLimit, MAX_YAML_TOKENS, type YamlLimit } from './yaml-limits.ts';
import { resolvePlain } from './yaml-scalars.ts';

/** The most values in one document. A value counts once more for each alias. */
const MAX_VALUES = 200_000;
/** How many errors of the parser are listed for one document: later ones follow from these. */
const MAX_ERRORS = 5;

/**
 * Reads every document of a YAML stream. Documents without content are left out.
 *
 * @param written - as `decodeInput` returns it
 * @returns a tree for each document, in order; where there is no tree there is a finding
 */
export function readYaml(written: string): Tree[] {
  // A CR alone ends a line in YAML too, which the parser does not know. Places stay: a break is one character.
  const text = written.includes('\r') ? written.replace(/\r(?!\n)/g, '\n') : written;
  const locate = createLocator(text);
  const limit = exceededLimit(text);
  if (limit !== undefined) return [{ findings: [beyond(limit, locate)] }];
  const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = [...new Composer(options).compose(parse(text))];
  return documents.flatMap(({ contents, errors, directives }) => {
    if (errors.length > 0) {
      return {
        findings: errors.slice(0, MAX_ERRORS).map(({ pos, message }) => syntaxError(locate(pos[0]), message)),
      };
    }
    if (directives.yaml.explicit === true && directives.yaml.version !== '1.1') {
      return { findings: [otherVersion(directives.yaml.version, locate(0))] };
    }
    return contents === null || isEmpty(contents) ? [] : convertDocument(contents as ParsedNode, locate);
  });
}

function* parse(text: string): ReturnType<Parser['parse']> {
  const parser = new Parser();
  for (const lexeme of createLexer().lex(text)) yield* parser.next(lexeme);
  yield* parser.end();
}

function isEmpty(contents: unknown): boolean {
  return (
    isScalar(contents) && contents.source === '' && contents.type === 'PLAIN' && contents.tag === undefined
  );
}

function beyond({ kind, offset }: YamlLimit, locate: (offset: number) => Position): FoundProblem {
  const at = locate(offset);
  if (kind === 'bracket') return syntaxError(at, 'This bracket closes nothing: no bracket is open');
  if (kind === 'depth') return tooDeep(at, '');
  const message = `the text has more than ${MAX_YAML_TOKENS} words and marks`;
  return { code: 'too-large', at, pointer: '', message, hint: 'put each document into its own file' };
}

function tooDeep(at: Position, pointer: string): FoundProblem {
  return { code: 'too-deep', at, pointer, message: `values are nested more than ${MAX_DOCUMENT_DEPTH} deep` };
}

function syntaxError(at: Position, said: string): FoundProblem {
  const message = `not YAML: ${said.charAt(0).toLowerCase()}${said.slice(1).replace(/\.$/, '')}`;
  return { code: 'invalid-yaml', at, pointer: '', message };
}

/** go-yaml v2 knows no other version. */
function otherVersion(version: string, at: Position): FoundProblem {
  const message = `the text says that it is YAML ${version}, which Kubernetes does not accept`;
  return { code: 'invalid-yaml', at, pointer: '', message, hint: 'remove the line %YAML' };
}

interface Extent {
  /** Values in it, itself included. */
  readonly size: number;
  /** Levels of nesting. */
  readonly height: number;
}

interface Conversion {
  readonly locate: (offset: number) => Position;
  readonly anchors: Map<string, Node>;
  readonly extents: Map<Node, Extent>;
  readonly findings: FoundProblem[];
  readonly aliases: Alias[];
}

/** Thrown to end a conversion; its finding says why. */
class Beyond extends Error {
  readonly finding: FoundProblem;
  constructor(finding: FoundProblem) {
    super(finding.message);
    this.finding = finding;
  }
}

function convertDocument(contents: ParsedNode, locate: (offset: number) => Position): Tree {
  const to: Conversion = { locate, anchors: new Map(), extents: new Map(), findings: [], aliases: [] };
  try {
    const root = convert(contents, '', 1, to);
    return { root, findings: to.findings, ...(to.aliases.length === 0 ? {} : { aliases: to.aliases }) };
  } catch (error) {
    if (error instanceof Beyond) return { findings: [error.finding] };
    throw error;
  }
}

function convert(node: ParsedNode | null, pointer: string, depth: number, to: Conversion): Node {
  if (node === null)
    return register({ kind: 'null', start: to.locate(0), end: to.locate(0) }, [], pointer, to);
  const start = to.locate(node.range[0]);
  const end = to.locate(node.range[1]);
  if (isAlias(node)) return convertAlias(node.source, start, pointer, depth, to);
  if (depth > MAX_DOCUMENT_DEPTH && isCollection(node)) throw new Beyond(tooDeep(start, pointer));
  const converted = isScalar(node)
    ? register(convertScalar(node, start, end), [], pointer, to)
    : convertCollection(node, { start, end }, pointer, depth, to);
  if (node.anchor !== undefined) to.anchors.set(node.anchor, converted);
  return converted;
}

/** Counts a value and what it holds. */
function register<T extends Node>(node: T, inner: readonly Node[], pointer: string, to: Conversion): T {
  let size = 1;
  let height = 0;
  for (const child of inner) {
    const extent = to.extents.get(child);
    size += extent?.size ?? 0;
    height = Math.max(height, extent?.height ?? 0);
  }
  to.extents.set(node, { size, height: inner.length === 0 ? 0 : height + 1 });
  if (size > MAX_VALUES) {
    const message = `with its aliases the document has more than ${MAX_VALUES} values`;
    throw new Beyond({ code: 'too-large', at: node.start, pointer, message });
  }
  return node;
}

function convertAlias(name: string, at: Position, pointer: string, depth: number, to: Conversion): Node {
  const target = to.anchors.get(name);
  if (target === undefined) {
    const message = `the alias ${quote(`*${name}`)} has no value before it`;
    throw new Beyond({ code: 'invalid-yaml', at, pointer, message });
  }
  if (depth + (to.extents.get(target)?.height ?? 0) > MAX_DOCUMENT_DEPTH + 1)
    throw new Beyond(tooDeep(at, pointer));
  to.aliases.push({ name, at, target });
  return target;
}

const CORE = 'tag:yaml.org,2002:';
const RESOLVED: readonly string[] = ['int', 'float', 'bool', 'null'].map((name) => CORE + name);

/** A tag makes a scalar a text, unless it is one of YAML's own types. Unknown tags are no error to go-yaml. */
function convertScalar(node: Extract<ParsedNode, { value: unknown }>, start: Position, end: Position): Node {
  const value = String(node.value);
  const { tag, type } = node;
  if (tag === `${CORE}binary`) return { kind: 'string', start, end, value: decodeBase64(value) };
  if (tag === undefined ? type !== 'PLAIN' : !RESOLVED.includes(tag))
    return { kind: 'string', start, end, value };
  const resolved = resolvePlain(value);
  switch (resolved.kind) {
    case 'number':
      return { kind: 'number', start, end, text: value, integer: resolved.integer };
    case 'string':
      return { kind: 'string', start, end, value };
    default:
      return { ...resolved, start, end };
  }
}

/** A text that is not base64 stays as it is: no key of a profile takes such a value. */
function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
  } catch {
    return text;
  }
}

interface Ends {
  readonly start: Position;
  readonly end: Position;
}

type ParsedCollection = Extract<ParsedNode, { items: unknown }>;

function convertCollection(
  node: ParsedCollection,
  ends: Ends,
  pointer: string,
  depth: number,
  to: Conversion,
): Node {
  if (isMap(node)) {
    const members = convertMembers(node.items, ends.start, pointer, depth, to);
    return register(
      { kind: 'object', ...ends, members },
      members.map(({ value }) => value),
      pointer,
      to,
    );
  }
  const elements = node.items.map((item, i) =>
    convert(item as ParsedNode | null, `${pointer}/${i}`, depth + 1, to),
  );
  return register({ kind: 'array', ...ends, elements }, elements, pointer, to);
}

interface ParsedPair {
  readonly key: unknown;
  readonly value: unknown;
}

function convertMembers(
  pairs: readonly unknown[],
  at: Position,
  pointer: string,
  depth: number,
  to: Conversion,
): Member[] {
  const members: Member[] = [];
  const seen = new Map<string, Position>();
  const merged: Node[] = [];
  for (const pair of pairs as readonly ParsedPair[]) {
    const key = keyOf(pair.key, at, pointer, to);
    if (key === undefined) continue;
    const below = `${pointer}/${escapePointer(key.text)}`;
    const written = pair.value as ParsedNode | null;
    const value: Node =
      written === null
        ? register({ kind: 'null', start: key.end, end: key.end }, [], below, to)
        : convert(written, below, depth + 1, to);
    if (key.merges) {
      merged.push(value);
      continue;
    }
    const first = seen.get(key.text);
    if (first === undefined) seen.set(key.text, key.start);
    else to.findings.push(duplicate(key.text, key.start, first, below));
    members.push({ key: key.text, keyStart: key.start, value });
  }
  return merged.length === 0 ? members : [...mergedMembers(merged, seen, pointer, to), ...members];
}

interface Key extends Ends {
  readonly text: string;
  readonly merges: boolean;
}

function keyOf(node: unknown, at: Position, pointer: string, to: Conversion): Key | undefined {
  if (!isScalar(node) || node.range === undefined || node.range === null) {
    const range = isCollection(node) || isAlias(node) ? node.range : undefined;
    const place = range === undefined || range === null ? at : to.locate(range[0]);
    const message = 'a key must be a single word or text';
    to.findings.push({ code: 'invalid-yaml', at: place, pointer, message });
    return undefined;
  }
  const start = to.locate(node.range[0]);
  const end = to.locate(node.range[1]);
  const written = String(node.value);
  const plain = node.type === 'PLAIN' && node.tag === undefined;
  const text = plain ? keyText(written) : written;
  if (text !== undefined) return { text, start, end, merges: plain && written === '<<' };
  to.findings.push({ code: 'invalid-yaml', at: start, pointer, message: 'null cannot be a key' });
  return undefined;
}

/** JSON has only strings for keys: a value is spelled out, as the converter of Kubernetes does. */
function keyText(written: string): string | undefined {
  const resolved = resolvePlain(written);
  switch (resolved.kind) {
    case 'null':
      return undefined;
    case 'boolean':
      return String(resolved.value);
    case 'number':
      return resolved.integer === undefined ? written : String(resolved.integer);
    default:
      return written;
  }
}

/** YAML readers either refuse such a document or take the last value. */
function duplicate(key: string, at: Position, first: Position, pointer: string): FoundProblem {
  const message = `the key ${quote(key)} is already given at ${first.line}:${first.column}`;
  const hint = 'keep one: YAML allows each key once; readers that accept the file use the last one';
  return { code: 'duplicate-key', severity: 'error', at, pointer, message, hint };
}

/** The members that `<<` adds: those whose keys are not given. The first of several objects wins. */
function mergedMembers(
  merged: readonly Node[],
  given: ReadonlyMap<string, Position>,
  pointer: string,
  to: Conversion,
): Member[] {
  const found = new Map<string, Member>();
  for (const source of merged.flatMap((node) => (node.kind === 'array' ? node.elements : [node]))) {
    if (source.kind !== 'object') {
      const message = 'only objects can be merged with "<<"';
      to.findings.push({ code: 'invalid-yaml', at: source.start, pointer, message });
      continue;
    }
    for (const member of source.members) {
      if (!given.has(member.key) && !found.has(member.key)) found.set(member.key, member);
    }
  }
  return [...found.values()];
}
