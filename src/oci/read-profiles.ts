/**
 * Files that may hold several profiles: Kubernetes objects, in JSON or YAML, one or more in a file.
 * @module
 */
import { takeOptions } from '../abi/take-options.ts';
import { textIn } from './checks/check-kubernetes.ts';
import { detectDialect, foreignProfile, isSeccompProfile } from './dialect.ts';
import { dialectOf, isApiObject } from './dialect-rows.ts';
import type { Document, Node, ObjectNode } from './document.ts';
import { readEmbedded } from './embedded-json.ts';
import { foreignText } from './foreign-text.ts';
import { memberOf } from './object-view.ts';
import { type FoundProblem, type Problem, toProblems } from './problems.ts';
import { profileReferences } from './profile-references.ts';
import { decodeInput, escapePointer, looksLikeYaml, orForeign, readTree, type Tree } from './read-json.ts';
import {
  type ReadProfileOptions,
  type ReadProfileResult,
  readDialect,
  readRoot,
} from './read-profile-tree.ts';
import type { ContainerProfile, NodeFacts } from './read-workloads.ts';
import { readingKinds, workloadsKind } from './reading-kinds.ts';
import { markFindings } from './source-text.ts';

/** The Kubernetes object that a profile was found in. */
export interface KubernetesObject {
  /** `SeccompProfile`, `ConfigMap` or another kind that holds profiles. */
  readonly kind: string;
  /** `metadata.name`; empty if the object has none. */
  readonly name: string;
  /** `metadata.namespace`. */
  readonly namespace?: string;
  /** In a ConfigMap, the key whose text is the profile. */
  readonly key?: string;
}

/** One profile of a file. JSON pointers in it, and its document, begin at the object or embedded text it was found in. */
export interface ReadObjectResult extends ReadProfileResult {
  /** Absent for a file that is a profile itself. */
  readonly object?: KubernetesObject;
  /** The containers of a pod, or of what makes pods. Only if {@link ReadFileOptions} asks for them. */
  readonly containers?: readonly ContainerProfile[];
  /** For an item of a list, the JSON pointer that leads from the list to the object, `/items/1`. */
  readonly within?: string;
}

/** How a file is read. */
export interface ReadFileOptions extends ReadProfileOptions {
  /** Read pods and what makes them too, for nodes of this kind; they give results with `containers`. */
  readonly workloads?: NodeFacts | undefined;
}

/** Most profiles read of one file. */
const MAX_PROFILES = 1000;

/**
 * Reads every profile of a file: a profile as `readProfile` does; SeccompProfile objects, those in lists and the
 * profiles in the texts of ConfigMaps, from JSON or a YAML stream.
 */
export async function readProfiles(
  input: string | Uint8Array,
  options: ReadFileOptions = {},
): Promise<readonly ReadObjectResult[]> {
  const taken = takeOptions('readProfiles', options, { ...readingKinds, workloads: workloadsKind });
  const name = taken.name ?? '<input>';
  const decoded = decodeInput(input);
  const foreign = foreignText(decoded, taken.dialect);
  if (foreign !== undefined) {
    const { readForeign } = await import('./foreign/read-foreign.ts');
    return [readForeign(foreign.text, name, foreign.dialect, foreign.release)];
  }
  const { text, problem } = decoded;
  if (problem !== undefined) return [failure([problem], { name, text })];
  if (isYaml(text, name)) {
    const { readYaml } = await import('./read-yaml.ts');
    const file = { name, text, syntax: 'yaml' } as const;
    return orOther(fromTrees(readYaml(text), file, await workloadsFor(taken)), input, { name, text });
  }
  const tree = readTree(text);
  const dialect = taken.dialect === undefined ? undefined : dialectOf(taken.dialect);
  const ours = dialect === undefined || isApiObject(dialect);
  if (ours && isKubernetes(tree.root)) return fromTrees([tree], { name, text }, await workloadsFor(taken));
  const document = tree.root === undefined ? undefined : { name, text, root: tree.root };
  const findings =
    tree.root === undefined
      ? orForeign(input, text, tree.findings)
      : [...markFindings(decoded), ...tree.findings];
  return [readRoot(document, findings, name, dialect)];
}

/** Looks for containers in an object; nothing for one that makes no pods. */
type ReadContainers = (
  root: ObjectNode,
) =>
  | { readonly containers?: readonly ContainerProfile[]; readonly findings: readonly FoundProblem[] }
  | undefined;

/** Most files hold no pods, and most commands do not look for them. */
async function workloadsFor({ workloads: facts }: ReadFileOptions): Promise<ReadContainers | undefined> {
  if (facts === undefined) return undefined;
  const { isWorkload, readWorkload, unreadWorkload } = await import('./read-workloads.ts');
  return (root) => {
    if (isWorkload(root)) return readWorkload(root, facts);
    const unread = unreadWorkload(root);
    return unread === undefined ? undefined : { findings: [unread] };
  };
}

/** Replaces results by the kind of the file, if a YAML text holds no Kubernetes object and is known to be something else. */
function orOther(
  results: readonly ReadObjectResult[],
  input: string | Uint8Array,
  file: File,
): readonly ReadObjectResult[] {
  const unread = ({ code }: Problem): boolean => code === 'yaml-document' || code === 'invalid-yaml';
  if (results.some(({ problems }) => !problems.some(unread))) return results;
  const [other] = orForeign(input, file.text, []);
  return other === undefined ? results : [failure([other], file)];
}

/** The file that results are about. */
type File = Omit<Document, 'root'>;

/** Tells YAML from JSON by its beginning or, if that shows nothing, by the name of the file. */
function isYaml(text: string, name: string): boolean {
  if (/^\s*[{[]/.test(text)) return false;
  return looksLikeYaml(text) || (/\.ya?ml$/i.test(name) && text.trim() !== '');
}

function isKubernetes(root: Node | undefined): root is ObjectNode {
  return textIn(root, 'kind') !== undefined && textIn(root, 'apiVersion') !== undefined;
}

function failure(findings: readonly FoundProblem[], file: File, root?: Node): ReadObjectResult {
  const document = root === undefined ? undefined : { ...file, root };
  return { profile: undefined, dialect: undefined, problems: toProblems(findings, file.name), document };
}

function fromTrees(
  trees: readonly Tree[],
  file: File,
  workloads?: ReadContainers,
): readonly ReadObjectResult[] {
  const results: ReadObjectResult[] = [];
  const others: ObjectNode[] = [];
  for (const tree of trees) {
    results.push(...fromTree(tree, file, { others, workloads }).slice(0, MAX_PROFILES - results.length));
    if (results.length === MAX_PROFILES) break;
  }
  if (results.length > 0) return results;
  const start = { line: 1, column: 1, offset: 0 };
  if (others.length === 0) {
    return [
      failure([{ code: 'empty-document', at: start, pointer: '', message: 'the text is empty' }], file),
    ];
  }
  return [failure([withoutProfile(others)], file, others[0])];
}

interface Asked {
  /** Objects without a profile are added here. */
  readonly others: ObjectNode[];
  readonly workloads: ReadContainers | undefined;
}

function fromTree(
  { root, findings, aliases }: Tree,
  whole: File,
  { others, workloads }: Asked,
): readonly ReadObjectResult[] {
  const file = aliases === undefined ? whole : { ...whole, aliases };
  if (root === undefined) return [failure(findings, file)];
  if (!isKubernetes(root)) return [notKubernetes(root, findings, file)];
  const objects = objectsIn(root, '');
  const results: ReadObjectResult[] = [];
  const left = new Set(findings);
  for (const { node, pointer } of objects) {
    const own = findings.filter((finding) => isBelow(finding.pointer, pointer));
    const found = fromObject(
      node,
      own.map((finding) => ({ ...finding, pointer: finding.pointer.slice(pointer.length) })),
      file,
      workloads,
    );
    if (found.length === 0) others.push(node);
    else if (found.some(({ object }) => object !== undefined && object.key === undefined))
      for (const finding of own) left.delete(finding);
    results.push(...found.map((each) => placedIn(each, pointer)));
  }
  // A problem of a list or a ConfigMap itself concerns everything in it.
  return left.size === 0 ? results : [failure([...left], file, root), ...results];
}

/** Adds the way to an object in a list. Pointers in an embedded text begin at that text, so it gets none. */
function placedIn(found: ReadObjectResult, within: string): ReadObjectResult {
  return within === '' || found.object?.key !== undefined ? found : { ...found, within };
}

function isBelow(pointer: string, above: string): boolean {
  return pointer === above || pointer.startsWith(`${above}/`);
}

function notKubernetes(root: Node, findings: readonly FoundProblem[], file: File): ReadObjectResult {
  if (file.syntax !== 'yaml') return readRoot({ ...file, root }, findings, file.name, undefined);
  const isProfile =
    typeof detectDialect(root) === 'string' && root.kind === 'object' && root.members.length > 0;
  const message = isProfile
    ? 'engines and runtimes read profiles as JSON; only Kubernetes objects may be YAML'
    : 'the document is YAML, but not a Kubernetes object';
  const hint = isProfile ? 'write the profile as JSON' : 'a Kubernetes object has "apiVersion" and "kind"';
  return failure(
    [...findings, { code: 'yaml-document', at: root.start, pointer: '', message, hint }],
    file,
    root,
  );
}

interface Found {
  readonly node: ObjectNode;
  readonly pointer: string;
}

/** An object, or those in it if it is a list. */
function objectsIn(root: ObjectNode, pointer: string): readonly Found[] {
  const items = memberOf(root, 'items')?.value;
  if (!/List$/.test(textIn(root, 'kind') ?? '') || items?.kind !== 'array') return [{ node: root, pointer }];
  return items.elements.flatMap((node, i) =>
    node.kind === 'object' ? objectsIn(node, `${pointer}/items/${i}`) : [],
  );
}

function fromObject(
  root: ObjectNode,
  findings: readonly FoundProblem[],
  file: File,
  workloads: ReadContainers | undefined,
): readonly ReadObjectResult[] {
  const metadata = memberOf(root, 'metadata')?.value;
  const namespace = textIn(metadata, 'namespace');
  const object = {
    kind: textIn(root, 'kind') ?? '',
    name: textIn(metadata, 'name') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
  };
  if (isSeccompProfile(root)) return [{ ...readDialect({ ...file, root }, 'kubernetes', findings), object }];
  const workload = workloads?.(root);
  if (workload !== undefined) {
    const { containers, findings: own } = workload;
    const read = { ...failure([...findings, ...own], file, root), object };
    return [containers === undefined ? read : { ...read, containers }];
  }
  return object.kind === 'ConfigMap' ? fromConfigMap(root, object, file) : [];
}

/** Matches a text that is meant as a profile, even if it cannot be read. */
const PROFILE_TEXT = /^\s*\{[\s\S]*"(?:defaultAction|syscalls|seccomp)"\s*:/;

function fromConfigMap(root: ObjectNode, object: KubernetesObject, file: File): readonly ReadObjectResult[] {
  const data = memberOf(root, 'data')?.value;
  if (data?.kind !== 'object') return [];
  return data.members.flatMap(({ key, value }) => {
    if (value.kind !== 'string' || !PROFILE_TEXT.test(value.value)) return [];
    const { root: inner, findings } = readEmbedded(value, file.text);
    const isLiteral = file.syntax === 'yaml' && file.text[value.start.offset] === '|';
    const syntax = isLiteral ? 'literal' : 'other';
    const document = inner === undefined ? undefined : ({ ...file, syntax, root: inner } as const);
    return [{ ...readRoot(document, findings, file.name, undefined), object: { ...object, key } }];
  });
}

function withoutProfile(others: readonly ObjectNode[]): FoundProblem {
  const [first] = others;
  const named = others.slice(0, 3).map((node) => {
    const name = textIn(memberOf(node, 'metadata')?.value, 'name');
    return `${textIn(node, 'kind') ?? ''}${name === undefined ? '' : ` ${name}`}`;
  });
  const rest = others.length - named.length;
  const list = rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
  const old = others.map(foreignProfile).find((found) => found !== undefined);
  if (old !== undefined) return old;
  const references = others.flatMap(profileReferences);
  const key = first === undefined ? undefined : memberOf(first, 'kind');
  return {
    code: 'kubernetes-dialect',
    at: key?.keyStart ?? { line: 1, column: 1, offset: 0 },
    pointer: key === undefined ? '' : `/${escapePointer(key.key)}`,
    message: `there is no seccomp profile in here: ${list}`,
    hint: references[0] ?? 'profiles are in SeccompProfile objects and in the texts of ConfigMaps',
  };
}
