/**
 * A bundle's config.json: what it says of the container, and changes to it that leave every other byte alone.
 *
 * Engines hand the runtime numbers that doubles cannot hold (RLIM_INFINITY, masks), so the text is never parsed and
 * written anew: changes are made in the text, at the places the reader found.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { foldKey } from '../oci/dialect-keys.ts';
import type { Document, Member, Node, ObjectNode } from '../oci/document.ts';
import { type Problem, toProblems } from '../oci/problems.ts';
import { readText } from '../oci/read-json.ts';
import { MAX_CONFIG_SIZE } from './bounded-input.ts';

export interface BundleConfig {
  readonly document: Document;
  /** The bounding set; `undefined`: the container has no capability sets at all. */
  readonly capabilities: readonly string[] | undefined;
  readonly annotations: ReadonlyMap<string, string>;
  /** Whether `linux.seccomp` is there and not null. */
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
 * values, crun takes one or ignores it), so such a document is refused: what one runtime reads could not be told.
 *
 * @param name - of the file, for messages
 * @throws OciSeccompError `ERR_HOOK`, at `file:line:column` and with every problem in `details.problems`
 */
export function readBundleConfig(input: string | Uint8Array, name: string): BundleConfig {
  const { document, findings } = readText(input, name, MAX_CONFIG_SIZE);
  const severe = severeProblems(toProblems(findings, name));
  if (document === undefined || severe.length > 0) {
    throw new OciSeccompError('ERR_HOOK', `${name} is not a config.json with one clear meaning`, {
      details: { problems: severe },
    });
  }
  const root = requireObject(document, document.root, 'config.json');
  const process = objectAt(document, root, 'process');
  const capabilities = process && objectAt(document, process, 'capabilities');
  const linux = objectAt(document, root, 'linux');
  const seccomp = linux && memberAt(document, linux, 'seccomp');
  const rootfs = objectAt(document, root, 'root');
  const path = rootfs && memberAt(document, rootfs, 'path')?.value;
  return {
    document,
    capabilities: capabilities && boundingSet(document, capabilities),
    annotations: annotationsOf(document, objectAt(document, root, 'annotations')),
    hasSeccomp: seccomp !== undefined && seccomp.value.kind !== 'null',
    rootPath: path?.kind === 'string' ? path.value : undefined,
  };
}

function boundingSet(document: Document, capabilities: ObjectNode): readonly string[] {
  const value = memberAt(document, capabilities, 'bounding')?.value;
  if (value === undefined || value.kind === 'null') return [];
  if (value.kind !== 'array') throw unusable(document, value, 'process.capabilities.bounding is not a list');
  return value.elements.map((element) => {
    if (element.kind === 'string') return element.value;
    throw unusable(document, element, 'a capability must be a string');
  });
}

function annotationsOf(document: Document, node: ObjectNode | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { key, value } of node?.members ?? []) {
    if (value.kind !== 'string')
      throw unusable(document, value, `the annotation ${JSON.stringify(key)} is not a string`);
    found.set(key, value.value);
  }
  return found;
}

/** The object under a key; `undefined` if it is absent or null. */
function objectAt(document: Document, parent: ObjectNode, key: string): ObjectNode | undefined {
  const value = memberAt(document, parent, key)?.value;
  return value === undefined || value.kind === 'null'
    ? undefined
    : requireObject(document, value, `"${key}"`);
}

function requireObject(document: Document, node: Node, what: string): ObjectNode {
  if (node.kind === 'object') return node;
  throw unusable(document, node, `${what} is not an object`);
}

function memberAt(document: Document, parent: ObjectNode, key: string): Member | undefined {
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

function unusable(document: Document, node: Node, message: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `${placeOf(document, node.start)}: ${message}`);
}

function placeOf({ name }: Document, { line, column }: { line: number; column: number }): string {
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
function addedHook(document: Document, root: ObjectNode, hook: string): Texts {
  const hooks = objectAt(document, root, 'hooks');
  const value = hooks && memberAt(document, hooks, 'createRuntime')?.value;
  if (value === undefined || value.kind === 'null') return { createRuntime: `[${hook}]` };
  if (value.kind !== 'array') throw unusable(document, value, 'hooks.createRuntime is not a list');
  const present = value.elements.map(({ start, end }) => document.text.slice(start.offset, end.offset));
  return { createRuntime: `[${[...present, hook].join(',')}]` };
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

function editObject(object: ObjectNode, texts: Texts): readonly Edit[] {
  const present = new Set(object.members.map(({ key }) => key));
  const removed = new Set(
    object.members.filter(({ key }) => Object.hasOwn(texts, key) && texts[key] === undefined),
  );
  const edits: Edit[] = [...removals(object.members, removed)];
  for (const { key, value } of object.members) {
    const put = Object.hasOwn(texts, key) ? texts[key] : undefined;
    if (put !== undefined) edits.push({ from: value.start.offset, to: value.end.offset, put });
  }
  const added = members(Object.fromEntries(Object.entries(texts).filter(([key]) => !present.has(key))));
  if (added === '') return edits;
  // In front of the first member, where nothing that is taken out at the end can get in the way.
  const at = object.start.offset + 1;
  return [...edits, { from: at, to: at, put: object.members.length > removed.size ? `${added},` : added }];
}

/** A member is removed with the comma after it; the last members, which have none, with the comma before them. */
function removals(all: readonly Member[], removed: ReadonlySet<Member>): readonly Edit[] {
  const lastKept = all.findLastIndex((member) => !removed.has(member));
  const edits: Edit[] = all.slice(0, lastKept + 1).flatMap((member, i) => {
    const next = all[i + 1];
    if (!removed.has(member) || next === undefined) return [];
    return [{ from: member.keyStart.offset, to: next.keyStart.offset, put: '' }];
  });
  const [first, last] = [all[lastKept + 1], all.at(-1)];
  if (first === undefined || last === undefined) return edits;
  const from = all[lastKept]?.value.end.offset ?? first.keyStart.offset;
  return [...edits, { from, to: last.value.end.offset, put: '' }];
}

/** Errors, and keys that are given twice: nobody can say which one counts. */
export function severeProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ code, severity }) => severity === 'error' || code === 'duplicate-key');
}
