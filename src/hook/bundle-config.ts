/**
 * A bundle's config.json: what it says of the container, and changes to it that leave every other byte alone.
 *
 * Engines hand the runtime numbers that doubles cannot hold (RLIM_INFINITY, masks), so the text is never parsed and
 * written anew: changes are made in the text, at the places the reader found.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { foldKey } from '../oci/dialect-keys.ts';
import { type FoundProblem, toProblems } from '../oci/problems.ts';
import { decodeInput, quote } from '../oci/read-json.ts';
import { positionAt } from '../oci/source-text.ts';
import { MAX_CONFIG_SIZE } from './bounded-input.ts';
import {
  EACH,
  MAX_KEPT,
  type Outline,
  type OutlineMember,
  outlineJson,
  stringAt,
  type Wanted,
} from './json-outline.ts';

/** Deepest nesting read; config.json has about 8. */
const MAX_DEPTH = 64;

/** What is read of a config.json, or changed. */
const WANTED: Wanted = {
  process: { capabilities: { bounding: EACH } },
  root: { path: {} },
  linux: { seccomp: { defaultaction: {} } },
  annotations: EACH,
  hooks: { createruntime: {} },
};

interface ConfigText {
  readonly name: string;
  readonly text: string;
  readonly root: Outline;
}

export interface BundleConfig {
  readonly document: ConfigText;
  /** The bounding set; `undefined`: the container has no capability sets at all. */
  readonly capabilities: readonly string[] | undefined;
  readonly annotations: ReadonlyMap<string, string>;
  /** Whether `linux.seccomp` has a default action: from one without, runc makes no filter and says nothing. */
  readonly hasSeccomp: boolean;
  /** `root.path`, as it is given. */
  readonly rootPath: string | undefined;
}

/** What to put where; `undefined` takes it out, a key that is left out stays as it is. */
export interface BundleChange {
  /** JSON text for `linux.seccomp`. */
  readonly seccomp?: string | undefined;
  readonly annotations?: Readonly<Record<string, string | undefined>>;
  /** Where the container's files are. */
  readonly rootPath?: string;
  /** JSON text of a hook that is called at createRuntime, after those that are there. */
  readonly createRuntime?: string;
}

/**
 * Reads a config.json. Runtimes disagree on documents with a key given twice or in another letter case (runc mixes the
 * values, crun takes one or ignores it) and on strings with a NUL (to crun they end there: `linux` can have another
 * spelling) or half a surrogate pair (another character in its place), so such a document is refused: what one runtime
 * reads could not be told.
 *
 * @param name - of the file, for messages
 * @throws OciSeccompError `ERR_HOOK`, at `file:line:column`: of a text without an outline, in `details.problems`
 */
export function readBundleConfig(input: string | Uint8Array, name: string): BundleConfig {
  const document = readConfigText(input, name);
  const root = requireObject(document, document.root, 'config.json');
  const process = objectAt(document, root, 'process');
  const capabilities = process && objectAt(document, process, 'capabilities');
  const linux = objectAt(document, root, 'linux');
  // crun ignores a section that is not an object, and starts the container without a filter.
  const seccomp = linux && objectAt(document, linux, 'seccomp');
  const action = seccomp && memberAt(document, seccomp, 'defaultAction')?.value;
  const rootfs = objectAt(document, root, 'root');
  const path = rootfs && memberAt(document, rootfs, 'path')?.value;
  return {
    document,
    capabilities: capabilities && boundingSet(document, capabilities),
    annotations: annotationsOf(document, objectAt(document, root, 'annotations')),
    hasSeccomp: action !== undefined && (textOf(document, action) ?? '') !== '',
    rootPath: path && textOf(document, path),
  };
}

function readConfigText(input: string | Uint8Array, name: string): ConfigText {
  const { text, problem } = decodeInput(input, MAX_CONFIG_SIZE);
  if (problem !== undefined) throw unclear(name, problem);
  const read = outlineJson(text, WANTED, MAX_DEPTH);
  if ('root' in read) return { name, text, root: read.root };
  const { code, at: offset, key } = read.fault;
  const at = positionAt(text, offset);
  if (code === 'duplicate-key') {
    const message = `the object already has the key ${quote(key ?? '')}`;
    const hint = 'keep one: runtimes disagree on which of them counts, and some mix the two';
    throw unclear(name, { code, severity: 'error', at, pointer: '', message, hint });
  }
  const found = text[offset] === undefined ? 'the end of the text' : quote(text[offset]);
  const messages = {
    'invalid-json': `${found} is not expected here`,
    'too-deep': `values are nested more than ${MAX_DEPTH} deep`,
    'too-large': `there are more than ${MAX_KEPT} annotations and capabilities`,
    'control-character': 'a string holds \\u0000: crun reads a string only up to a NUL, runc all of it',
    'lone-surrogate': `a string holds half of a surrogate pair: runtimes put another character in its place`,
  };
  throw unclear(name, { code, at, pointer: '', message: messages[code] });
}

function unclear(name: string, problem: FoundProblem): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `${name} is not a config.json with one clear meaning`, {
    details: { problems: toProblems([problem], name) },
  });
}

function boundingSet(document: ConfigText, capabilities: Outline): readonly string[] {
  const value = memberAt(document, capabilities, 'bounding')?.value;
  if (value === undefined || isNull(document, value)) return [];
  if (document.text[value.start] !== '[') {
    throw unusable(document, value, 'process.capabilities.bounding is not a list');
  }
  return value.elements.map((element) => {
    const text = textOf(document, element);
    if (text !== undefined) return text;
    throw unusable(document, element, 'a capability must be a string');
  });
}

function annotationsOf(document: ConfigText, outline: Outline | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { key, value } of outline?.members ?? []) {
    const text = textOf(document, value);
    if (text === undefined)
      throw unusable(document, value, `the annotation ${JSON.stringify(key)} is not a string`);
    found.set(key, text);
  }
  return found;
}

/** A string's text; `undefined` for other values. */
function textOf({ text }: ConfigText, value: Outline): string | undefined {
  return text[value.start] === '"' ? stringAt(text, value) : undefined;
}

function isNull({ text }: ConfigText, { start }: Outline): boolean {
  return text[start] === 'n';
}

/** The object under a key; `undefined` if it is absent or null. */
function objectAt(document: ConfigText, parent: Outline, key: string): Outline | undefined {
  const value = memberAt(document, parent, key)?.value;
  return value === undefined || isNull(document, value)
    ? undefined
    : requireObject(document, value, `"${key}"`);
}

function requireObject(document: ConfigText, value: Outline, what: string): Outline {
  if (document.text[value.start] === '{') return value;
  throw unusable(document, value, `${what} is not an object`);
}

function memberAt(document: ConfigText, parent: Outline, key: string): OutlineMember | undefined {
  const folded = foldKey(key);
  const members = parent.members.filter((member) => foldKey(member.key) === folded);
  const other = members.find((member) => member.key !== key);
  if (other === undefined) return members[0];
  throw new OciSeccompError(
    'ERR_HOOK',
    `${placeOf(document, other.keyStart)}: runc reads the key ${JSON.stringify(other.key)} as "${key}", crun ignores it`,
    { hint: `write "${key}"` },
  );
}

function unusable(document: ConfigText, { start }: Outline, message: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `${placeOf(document, start)}: ${message}`);
}

function placeOf({ name, text }: ConfigText, offset: number): string {
  const { line, column } = positionAt(text, offset);
  return `${name}:${line}:${column}`;
}

/** Makes changes to a config.json. @returns its text; every character outside of what is changed stays */
export function changeBundleConfig({ document }: BundleConfig, change: BundleChange): string {
  const root = requireObject(document, document.root, 'config.json');
  const annotations = Object.entries(change.annotations ?? {}).map(([key, value]) => {
    return [key, value === undefined ? undefined : JSON.stringify(value)];
  });
  const below: Readonly<Record<string, Texts>> = {
    linux: 'seccomp' in change ? { seccomp: change.seccomp } : {},
    annotations: Object.fromEntries(annotations) as Texts,
    root: change.rootPath === undefined ? {} : { path: JSON.stringify(change.rootPath) },
    hooks: change.createRuntime === undefined ? {} : addedHook(document, root, change.createRuntime),
  };
  const edits: Edit[] = [];
  const whole: Record<string, string> = {};
  for (const [key, texts] of Object.entries(below)) {
    const object = objectAt(document, root, key);
    if (object !== undefined) edits.push(...editObject(object, texts));
    else if (Object.values(texts).some((text) => text !== undefined)) whole[key] = `{${members(texts)}}`;
  }
  edits.push(...editObject(root, whole));
  // From the end on, so that offsets stay true; what is taken out at a place goes before something is put in there.
  edits.sort((a, b) => b.from - a.from || b.to - a.to);
  return edits.reduce((text, { from, to, put }) => text.slice(0, from) + put + text.slice(to), document.text);
}

/** The hooks of createRuntime with one more, by that key. */
function addedHook(document: ConfigText, root: Outline, hook: string): Texts {
  const hooks = objectAt(document, root, 'hooks');
  const value = hooks && memberAt(document, hooks, 'createRuntime')?.value;
  if (value === undefined || isNull(document, value)) return { createRuntime: `[${hook}]` };
  if (document.text[value.start] !== '[') {
    throw unusable(document, value, 'hooks.createRuntime is not a list');
  }
  const present = document.text.slice(value.start + 1, value.end - 1);
  return { createRuntime: `[${value.size === 0 ? '' : `${present},`}${hook}]` };
}

/** JSON texts by key; `undefined` takes the member out. */
type Texts = Readonly<Record<string, string | undefined>>;

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly put: string;
}

function members(texts: Texts): string {
  const written = Object.entries(texts).filter(([, text]) => text !== undefined);
  return written.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',');
}

function editObject(object: Outline, texts: Texts): readonly Edit[] {
  const present = new Set(object.members.map(({ key }) => key));
  const removed = object.members.filter(({ key }) => Object.hasOwn(texts, key) && texts[key] === undefined);
  const edits: Edit[] = [...removals(object, removed)];
  for (const { key, value } of object.members) {
    const put = Object.hasOwn(texts, key) ? texts[key] : undefined;
    if (put !== undefined) edits.push({ from: value.start, to: value.end, put });
  }
  const added = members(Object.fromEntries(Object.entries(texts).filter(([key]) => !present.has(key))));
  if (added === '') return edits;
  // In front of the first member, where nothing that is taken out at the end can get in the way.
  const at = object.start + 1;
  return [...edits, { from: at, to: at, put: object.size > removed.length ? `${added},` : added }];
}

/**
 * A member is removed with the comma after it; the last members, which have none, with the comma before them.
 *
 * @param removed - in document order
 */
function removals({ size }: Outline, removed: readonly OutlineMember[]): readonly Edit[] {
  let firstOfEnd = removed.length;
  while (removed[firstOfEnd - 1]?.index === size - 1 - (removed.length - firstOfEnd)) firstOfEnd--;
  const edits: Edit[] = removed.slice(0, firstOfEnd).map(({ keyStart, nextKeyStart = keyStart }) => {
    return { from: keyStart, to: nextKeyStart, put: '' };
  });
  const [first, last] = [removed[firstOfEnd], removed.at(-1)];
  if (first === undefined || last === undefined) return edits;
  const from = first.index === 0 ? first.keyStart : first.previousEnd;
  return [...edits, { from, to: last.value.end, put: '' }];
}
