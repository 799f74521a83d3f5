/**
 * JSON text to a {@link Document}. The grammar is the parser's (@humanwhocodes/momoa, RFC 8259); this file adds
 * what it leaves out: limits, encodings, control characters, duplicate keys, and errors people can act on.
 *
 * What readers of profiles accept beyond JSON was tried on runc 1.1.5 (Go 1.19 encoding/json) and crun 1.8.1
 * (yajl 2.1): crun takes comments, runc does not; neither takes trailing commas or control characters.
 * @module
 */
import { parse, tokenize } from '@humanwhocodes/momoa';
import { plainText, takeOptions } from '../abi/take-options.ts';
import {
  type Alias,
  type Document,
  MAX_DOCUMENT_SIZE,
  type Member,
  type Node,
  type Position,
} from './document.ts';
import { isUtf16, notAProfileFile } from './file-kind.ts';
import { readPlainJson } from './plain-json.ts';
import { type FoundProblem, type Problem, toProblems } from './problems.ts';
import { decodeUtf8, lonelySurrogates, positionAt, positionsAt, scan } from './source-text.ts';

/** Deepest nesting of arrays and objects read. A bundle's config.json has about 8. */
export const MAX_DOCUMENT_DEPTH = 64;

/** How a document is read. */
export interface ReadDocumentOptions {
  /** What to call the text in messages; `<input>` when not given. */
  readonly name?: string | undefined;
}

/** A document, and what was found wrong while reading it; no document if the text is not JSON at all. */
export interface ReadDocumentResult {
  /** The document; `undefined` if the text is not JSON. */
  readonly document: Document | undefined;
  /** What is wrong with it, in document order. */
  readonly problems: Problem[];
}

/** Reads JSON text. */
export function readDocument(
  input: string | Uint8Array,
  options: ReadDocumentOptions = {},
): ReadDocumentResult {
  const { name = '<input>' } = takeOptions('readDocument', options, { name: plainText });
  const { document, findings } = readText(input, name);
  return { document, problems: toProblems(findings, name) };
}

/** As {@link readDocument}, findings not yet put in order. @param limit - in bytes, of the text */
export function readText(
  input: string | Uint8Array,
  name: string,
  limit = MAX_DOCUMENT_SIZE,
): { document: Document | undefined; findings: FoundProblem[] } {
  const { text, problem } = decodeInput(input, limit);
  if (problem !== undefined) return fail(problem);
  const { root, findings } = readTree(text);
  if (root === undefined) return { document: undefined, findings: orForeign(input, text, findings) };
  return { document: { name, text, root }, findings };
}

/** The text of an input, without its byte-order mark; or what keeps it from being one. */
export type DecodedInput =
  | { readonly text: string; readonly problem?: undefined; readonly hadMark?: boolean }
  | { readonly text: string; readonly problem: FoundProblem; readonly hadMark?: undefined };

/** Decodes an input. */
export function decodeInput(input: string | Uint8Array, limit = MAX_DOCUMENT_SIZE): DecodedInput {
  if (input.length > limit) {
    const message = `the text is longer than ${limit} bytes, the most that is read`;
    return { text: '', problem: { code: 'too-large', at: START, pointer: '', message } };
  }
  if (typeof input !== 'string' && isUtf16(input)) {
    const message = 'the text is UTF-16, but UTF-8 was expected';
    return {
      text: '',
      problem: { code: 'invalid-utf8', at: START, pointer: '', message, hint: SAVE_AS_UTF8 },
    };
  }
  const decoded = typeof input === 'string' ? { text: input, invalidAt: undefined } : decodeUtf8(input);
  const text = decoded.text.startsWith('\ufeff') ? decoded.text.slice(1) : decoded.text;
  if (decoded.invalidAt !== undefined) {
    const at = positionAt(text, decoded.invalidAt - (decoded.text.length - text.length));
    const message = 'these bytes are not UTF-8';
    const problem: FoundProblem = { code: 'invalid-utf8', at, pointer: '', message, hint: SAVE_AS_UTF8 };
    return { text, problem: foreign(input, text) ?? problem };
  }
  return { text, hadMark: text !== decoded.text };
}

const START: Position = { line: 1, column: 1, offset: 0 };
const SAVE_AS_UTF8 = 'save the file as UTF-8';

/** A finding that names the input, if it is known to be something other than a profile. */
function foreign(input: string | Uint8Array, text: string, brokenAt?: number): FoundProblem | undefined {
  const other = notAProfileFile(input, brokenAt);
  if (other === undefined) return undefined;
  const message = `this is ${other.what}, not the seccomp profile of a container`;
  const at = other.at === undefined ? START : positionAt(text, other.at);
  return { code: 'foreign-file', at, pointer: '', message, hint: other.hint };
}

/** Replaces findings by the kind of the file, if it is known: that is more useful than where reading failed. */
export function orForeign(
  input: string | Uint8Array,
  text: string,
  findings: FoundProblem[],
): FoundProblem[] {
  const other = foreign(input, text, findings[0]?.at.offset);
  return other === undefined ? findings : [other];
}

function fail(finding: FoundProblem): { document: undefined; findings: FoundProblem[] } {
  return { document: undefined, findings: [finding] };
}

/** A tree, absent if the text cannot be read, and what was found wrong with it. */
export interface Tree {
  readonly root?: Node;
  readonly findings: FoundProblem[];
  /** The aliases of a YAML document; absent if it has none. */
  readonly aliases?: readonly Alias[];
}

/** As {@link readDocument}, of a text that {@link decodeInput} returned; of another kind of file nothing is said. */
export function readTree(text: string): Tree {
  if (text.trim() === '') {
    return { findings: [{ code: 'empty-document', at: START, pointer: '', message: 'the text is empty' }] };
  }
  const plain = readPlainJson(text, MAX_DOCUMENT_DEPTH);
  return plain === undefined ? readAny(text) : { root: plain, findings: [] };
}

/** Reads any text that is not blank. */
export function readAny(text: string): Tree {
  const scanned = scan(text, MAX_DOCUMENT_DEPTH);
  if (scanned.tooDeepAt !== undefined) return { findings: [tooDeep(text, scanned.tooDeepAt)] };
  try {
    const { body } = parse(blank(text, scanned.controls), { mode: 'json' });
    return finish(text, body, controlCharacters(text, scanned.controls));
  } catch (error) {
    return readLeniently(text, scanned.controls, error);
  }
}

/**
 * Reads a text that the strict parser refused; comments and trailing commas are reported and passed over. A quote in a
 * comment misleads the scan, so control characters are looked for again in the tokens.
 */
function readLeniently(text: string, scanned: readonly number[], strictError: unknown): Tree {
  try {
    const tokens = tokenize(text, { mode: 'jsonc' });
    const deep = firstTooDeep(tokens);
    if (deep !== undefined) return { findings: [tooDeep(text, deep)] };
    const extras = extrasOf(tokens);
    if (extras.length === 0) return { findings: [broken(text, scanned, strictError)] };
    const controls = controlsIn(text, tokens);
    const { body } = parse(blank(text, controls), { mode: 'jsonc', allowTrailingCommas: true });
    return finish(text, body, [...controlCharacters(text, controls), ...extras]);
  } catch (error) {
    return { findings: [broken(text, scanned, error)] };
  }
}

/** An unclosed string turns what follows inside out, so the first fault shows where it is. */
function broken(text: string, controls: readonly number[], error: unknown): FoundProblem {
  const [first] = controlCharacters(text, controls.slice(0, 1));
  const syntax = syntaxError(text, error);
  return first === undefined || /\/[/*]/.test(text) || syntax.at.offset < first.at.offset ? syntax : first;
}

function controlsIn(text: string, tokens: Tokens): number[] {
  return tokens.flatMap(({ type, loc }) => {
    if (type !== 'String') return [];
    return scan(text.slice(loc.start.offset, loc.end.offset), 0).controls.map((at) => at + loc.start.offset);
  });
}

type Tokens = ReturnType<typeof tokenize>;

/** Comments and commas before a closing bracket. */
function extrasOf(tokens: Tokens): FoundProblem[] {
  const findings: FoundProblem[] = [];
  let comma: Position | undefined;
  for (const { type, loc } of tokens) {
    if (type === 'LineComment' || type === 'BlockComment') {
      const message = 'JSON has no comments';
      // Every engine is written in Go and refuses them; the validator narrows this for bundles.
      findings.push({ code: 'comment', at: loc.start, pointer: '', message, hint: 'remove the comment' });
      continue;
    }
    if ((type === 'RBrace' || type === 'RBracket') && comma !== undefined) {
      const message = `this comma is followed only by the closing ${type === 'RBrace' ? 'brace' : 'bracket'}`;
      findings.push({ code: 'trailing-comma', at: comma, pointer: '', message, hint: 'remove the comma' });
    }
    comma = type === 'Comma' ? loc.start : undefined;
  }
  return findings;
}

/** The scan before parsing cannot see through comments: an apostrophe in one looks like a string to it. */
function firstTooDeep(tokens: Tokens): number | undefined {
  let depth = 0;
  for (const { type, loc } of tokens) {
    if (type === 'LBrace' || type === 'LBracket') depth++;
    else if (type === 'RBrace' || type === 'RBracket') depth--;
    if (depth > MAX_DOCUMENT_DEPTH) return loc.start.offset;
  }
  return undefined;
}

function tooDeep(text: string, offset: number): FoundProblem {
  const message = `values are nested more than ${MAX_DOCUMENT_DEPTH} deep`;
  return { code: 'too-deep', at: positionAt(text, offset), pointer: '', message };
}

function controlCharacters(text: string, offsets: readonly number[]): FoundProblem[] {
  return positionsAt(text, offsets).map((at) => {
    const written = `\\u${text.charCodeAt(at.offset).toString(16).padStart(4, '0')}`;
    const message = controlMessage(written);
    return { code: 'control-character', at, pointer: '', message, hint: `write ${written}` };
  });
}

function controlMessage(written: string): string {
  if (written !== '\\u000a') return `a string holds the control character ${written}, which must be escaped`;
  return 'the line ends within a string: its closing quote is missing, or the line end must be escaped';
}

/** Replaces each of these characters by a blank, which the parser accepts; offsets stay the same. */
function blank(text: string, offsets: readonly number[]): string {
  if (offsets.length === 0) return text;
  const units = text.split('');
  for (const offset of offsets) units[offset] = ' ';
  return units.join('');
}

function syntaxError(text: string, error: unknown): FoundProblem {
  if (looksLikeYaml(text)) {
    const message = 'the text looks like YAML, but JSON was expected';
    const hint = 'write it as JSON: nothing else is read here';
    return { code: 'yaml-document', at: START, pointer: '', message, hint };
  }
  const code = 'invalid-json';
  const offset = offsetOf(error, text);
  const { open, mismatched } = scan(text, Number.POSITIVE_INFINITY);
  // Whether the text ends within this word or string.
  const rest = /^(?:"[^"]*"?|[^\s,:[\]{}"]*[,:[\]{}]?)\s*$/.test(text.slice(offset));
  if (offset >= text.trimEnd().length || (open > 0 && !mismatched && rest) || isEof(error)) {
    const brackets = open === 1 ? '1 bracket' : `${open} brackets`;
    const message = open > 0 ? `the text ends with ${brackets} still open` : 'the text ends too early';
    return { code, at: positionAt(text, text.trimEnd().length), pointer: '', message };
  }
  const found =
    /^(?:[\p{L}\p{N}_+.-]{1,24}|"[^"\n]{0,24}"?|.)/u.exec(text.slice(offset, offset + 64))?.[0] ?? '?';
  const message = `${JSON.stringify(found)} is not expected here`;
  return { code, at: positionAt(text, offset), pointer: '', message, hint: insteadOf(found, text, offset) };
}

/** What to write in the place of what is not JSON, where that can be told. */
function insteadOf(found: string, text: string, offset: number): string | undefined {
  if (/^['\u2018-\u201d]/.test(found)) return `strings stand in straight double quotes: "read"`;
  if (/^x[0-9a-f]+$/i.test(found) && text[offset - 1] === '0')
    return `write it in decimal: ${BigInt(`0${found}`)}`;
  if (/^(?:true|false|null)$/i.test(found)) return `write ${found.toLowerCase()}`;
  if (/^[a-z_]\w*$/i.test(found) && /[[{:,]\s*$/.test(text.slice(Math.max(0, offset - 64), offset)))
    return `strings stand in double quotes: "${found}"`;
  if (found !== '}' && found !== ']') return undefined;
  const open = innermostOpen(text, offset);
  if (open === undefined || (text[open] === '{') === (found === '}')) return undefined;
  return `first close the ${text[open]} of line ${positionAt(text, open).line}`;
}

/** The offset of the bracket that is open at an offset. */
function innermostOpen(text: string, before: number): number | undefined {
  const open: number[] = [];
  for (let at = 0; at < before; at++) {
    const letter = text[at];
    if (letter === '"') {
      for (at++; at < before && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (letter === '{' || letter === '[') open.push(at);
    else if (letter === '}' || letter === ']') open.pop();
  }
  return open.at(-1);
}

function offsetOf(error: unknown, text: string): number {
  const offset = typeof error === 'object' && error !== null && 'offset' in error ? error.offset : 0;
  if (typeof offset !== 'number' || offset < 0) return 0;
  // If the parser has only peeked at a character, it gives the place of the one before.
  const named = error instanceof Error ? /^Unexpected character '(.)'/s.exec(error.message)?.[1] : undefined;
  return named !== undefined && text[offset] !== named && text[offset + 1] === named ? offset + 1 : offset;
}

function isEof(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected end of input');
}

/** A mapping or document start at the beginning of a line, and no bracket before it. */
export function looksLikeYaml(text: string): boolean {
  const line = /^(?![ \t]*(?:#|$)).+$/m.exec(text)?.[0] ?? '';
  return /^(?:---(?:\s|$)|%YAML|(?:[A-Za-z_][\w.-]*|"[\w.-]+"|'[\w.-]+')[ \t]*:(?:\s|$)|-[ \t])/.test(line);
}

function finish(text: string, body: Parsed, findings: FoundProblem[]): Tree {
  // One look at the whole text is cheaper than one at each string.
  const surrogates = /\\u[dD][89a-fA-F]|[\ud800-\udfff]/.test(text);
  const root = convert(body, text, '', { findings, surrogates });
  return { root, findings };
}

type Parsed = ReturnType<typeof parse>['body'];

interface Conversion {
  readonly findings: FoundProblem[];
  readonly surrogates: boolean;
}

function convert(parsed: Parsed, text: string, pointer: string, to: Conversion): Node {
  const { start, end } = parsed.loc;
  switch (parsed.type) {
    case 'Object':
      return { kind: 'object', start, end, members: convertMembers(parsed.members, text, pointer, to) };
    case 'Array':
      return {
        kind: 'array',
        start,
        end,
        elements: parsed.elements.map((element, i) => convert(element.value, text, `${pointer}/${i}`, to)),
      };
    case 'String':
      checkSurrogates(parsed.value, start, pointer, to);
      return { kind: 'string', start, end, value: parsed.value };
    case 'Number': {
      const written = text.slice(start.offset, end.offset);
      const integer = /^-?[0-9]+$/.test(written) ? BigInt(written) : undefined;
      return { kind: 'number', start, end, text: written, integer };
    }
    case 'Boolean':
      return { kind: 'boolean', start, end, value: parsed.value };
    default:
      return { kind: 'null', start, end };
  }
}

type ParsedMembers = Extract<Parsed, { type: 'Object' }>['members'];

function convertMembers(parsed: ParsedMembers, text: string, pointer: string, to: Conversion): Member[] {
  const seen = new Map<string, { start: Position; simple: boolean }>();
  return parsed.map(({ name, value }) => {
    const key = name.type === 'String' ? name.value : name.name;
    const keyStart = name.loc.start;
    const below = `${pointer}/${escapePointer(key)}`;
    checkSurrogates(key, keyStart, below, to);
    const node = convert(value, text, below, to);
    const first = seen.get(key);
    const simple = isSimple(node);
    if (first === undefined) seen.set(key, { start: keyStart, simple });
    else to.findings.push(duplicateKey(key, keyStart, first.start, below, simple && first.simple));
    return { key, keyStart, value: node };
  });
}

/** Whether a second value of the same key simply replaces this one when Go decodes it. */
export function isSimple({ kind }: Node): boolean {
  return kind === 'string' || kind === 'number' || kind === 'boolean';
}

/**
 * The finding for a key that stands twice, as written or as Go compares keys.
 *
 * Go decodes a second list or object into the first one. Keys that the second leaves out keep the values of the first, so
 * comparisons of one rule can end up on another. No two readers agree on such a document (seen with runc 1.1.5 to 1.3.6,
 * crun 1.8.1 to 1.28), and it is refused.
 *
 * @param simple - both values are {@link isSimple}
 */
export function duplicateKey(
  key: string,
  at: Position,
  first: Position,
  pointer: string,
  simple: boolean,
): FoundProblem {
  const message = `the key ${quote(key)} is already given at ${first.line}:${first.column}`;
  if (simple) {
    const hint = 'keep one: engines and runc take the last, crun the first';
    return { code: 'duplicate-key', at, pointer, message, hint };
  }
  const hint = 'keep one: engines and runc mix the two, crun takes one of them';
  return { code: 'duplicate-key', severity: 'error', at, pointer, message, hint };
}

function checkSurrogates(value: string, at: Position, pointer: string, to: Conversion): void {
  if (!to.surrogates || !lonelySurrogates.test(value)) return;
  const message = 'the string holds half a surrogate pair, which is read as U+FFFD';
  to.findings.push({ code: 'lone-surrogate', at, pointer, message });
}

/** A JSON pointer's reference token (RFC 6901 section 3). */
export function escapePointer(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** A text of the document in a message: quoted, and cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
