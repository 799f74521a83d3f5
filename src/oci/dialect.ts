/**
 * Recognises the dialect of a document by its content.
 * @module
 */
import { foldKey, type KeyInfo, shapes } from './dialect-keys.ts';
import { dialectRow, dialects, isApiObject } from './dialect-rows.ts';
import type { Node, ObjectNode } from './document.ts';
import { memberOf } from './object-view.ts';
import type { FoundProblem } from './problems.ts';
import type { Dialect } from './profile.ts';
import { escapePointer } from './read-json.ts';

/** The API group of the Security Profiles Operator. */
export const OPERATOR_GROUP = 'security-profiles-operator.x-k8s.io';

/**
 * Detects the dialect of a document. A bundle's config.json shows by its outer keys, Podman's dialect by errno names, Docker's by
 * conditions, archMap, `name` or comments. All else is runtime-spec's own, the empty object included.
 *
 * @returns the dialect, or a finding: `kubernetes-dialect`, `kubernetes-version`, `foreign-file` or `not-a-profile`
 */
export function detectDialect(root: Node): Dialect | FoundProblem {
  if (root.kind !== 'object') return notAnObject(root);
  const keys = new Set(root.members.map(({ key }) => key));
  if (keys.has('apiVersion') && keys.has('kind'))
    return isSeccompProfile(root) ? 'kubernetes' : kubernetes(root);
  if (keys.has('ociVersion') || isObject(find(root, 'linux')) || isObject(find(root, 'process')))
    return 'oci-config';
  const own = ownKeys(root);
  if (root.members.length > 0 && own.size === 0) return notAProfile(root);
  return dialectOfProfile(root, own);
}

function dialectOfProfile(root: ObjectNode, own: ReadonlySet<string>): Dialect {
  const rules = objectsIn(find(root, 'syscalls'));
  const hasKey = (...keys: string[]) =>
    rules.some((rule) => keys.some((key) => find(rule, key) !== undefined));
  const marked = [...dialects].reverse().find((dialect) => {
    const { profile, rule } = dialectRow(dialect).marks ?? { profile: [], rule: [] };
    return profile.some((key) => own.has(key)) || hasKey(...rule);
  });
  return marked ?? 'oci';
}

/** A problem for a document that is not an object. */
export function notAnObject(node: Node): FoundProblem {
  const article = /^[aeiou]/.test(node.kind) ? 'an' : 'a';
  return {
    code: 'not-a-profile',
    at: node.start,
    pointer: '',
    message: `a profile is an object, but this is ${node.kind === 'null' ? 'null' : `${article} ${node.kind}`}`,
  };
}

function notAProfile(root: ObjectNode): FoundProblem {
  const first = root.members[0];
  const other = otherJson(root);
  if (other !== undefined) {
    const message = `this is ${other.what}, not the seccomp profile of a container`;
    return { code: 'foreign-file', at: root.start, pointer: '', message, hint: other.hint };
  }
  const inner = root.members.find(({ value }) => value.kind === 'object' && ownKeys(value).size > 0);
  return {
    code: 'not-a-profile',
    at: first?.keyStart ?? root.start,
    pointer: '',
    message: 'the object has none of the keys of a seccomp profile (defaultAction, syscalls, ...)',
    hint:
      inner === undefined
        ? 'engines would read it as a profile that turns seccomp off'
        : `the value of ${JSON.stringify(inner.key)} looks like a profile: give only that value`,
  };
}

/** Other JSON files that people give for profiles. */
function otherJson(root: ObjectNode): { readonly what: string; readonly hint: string } | undefined {
  const has = (node: ObjectNode, ...keys: string[]) =>
    keys.every((key) => node.members.some((member) => member.key === key));
  if (has(root, 'instructions')) {
    const hint =
      'oci-seccomp disasm shows it, and decompile makes a profile of it; explain, diff, subset and verify take it as it is';
    return { what: 'a BPF program as JSON', hint };
  }
  if (has(root, 'version', 'hook')) {
    return { what: 'a configuration of an OCI hook', hint: 'give the profile that its arguments name' };
  }
  const isFirecracker = root.members.some(
    ({ value }) => value.kind === 'object' && has(value, 'filter_action', 'filter'),
  );
  if (!isFirecracker) return undefined;
  return { what: 'a filter of Firecracker', hint: "Firecracker's seccompiler reads this one" };
}

/** Tells a SeccompProfile of the operator, of whatever version, from other Kubernetes objects. */
export function isSeccompProfile(root: ObjectNode): boolean {
  const text = (key: string) => {
    const node = memberOf(root, key)?.value;
    return node?.kind === 'string' ? node.value : '';
  };
  return text('kind') === 'SeccompProfile' && text('apiVersion').startsWith(`${OPERATOR_GROUP}/`);
}

/** The API group that the operator had before its first release; it no longer watches it. */
const OLD_GROUP = 'seccomp-operator.k8s-sigs.io';

/** What to say of a SeccompProfile of another API group than the operator's; `undefined` for any other object. */
export function foreignProfile(root: ObjectNode): FoundProblem | undefined {
  const member = memberOf(root, 'apiVersion');
  if (member?.value.kind !== 'string' || member.value.value.startsWith(`${OPERATOR_GROUP}/`))
    return undefined;
  const kind = find(root, 'kind');
  const isOld = member.value.value.startsWith(`${OLD_GROUP}/`);
  if (!isOld && (kind?.kind !== 'string' || kind.value !== 'SeccompProfile')) return undefined;
  const group = member.value.value.slice(0, 60);
  const hint = isOld
    ? `write "apiVersion: ${OPERATOR_GROUP}/v1beta1"; the spec does not change`
    : `the operator's is ${OPERATOR_GROUP}/v1beta1`;
  return {
    code: 'kubernetes-version',
    severity: 'error',
    at: member.value.start,
    pointer: '/apiVersion',
    message: isOld
      ? `this is a SeccompProfile of the old API ${group}, which the Security Profiles Operator no longer reads`
      : `this is a SeccompProfile of the API ${group}, which the Security Profiles Operator does not read`,
    hint,
  };
}

function kubernetes(root: ObjectNode): FoundProblem {
  const foreign = foreignProfile(root);
  if (foreign !== undefined) return foreign;
  const kind = find(root, 'kind');
  const member = memberOf(root, 'apiVersion');
  const name = kind?.kind === 'string' ? ` (kind ${JSON.stringify(kind.value.slice(0, 40))})` : '';
  return {
    code: 'kubernetes-dialect',
    at: member?.keyStart ?? root.start,
    pointer: member === undefined ? '' : `/${escapePointer(member.key)}`,
    message: `the document is a Kubernetes object${name}, not a SeccompProfile`,
    hint: 'readProfiles finds the profiles that such objects hold',
  };
}

function ownKeys(node: ObjectNode): ReadonlySet<string> {
  const known = Object.entries<KeyInfo>(shapes.profile).filter(([, { dialects }]) =>
    dialects.some((dialect) => !isApiObject(dialect)),
  );
  const canonical = new Map(known.map(([key]) => [foldKey(key), key]));
  canonical.delete('$schema');
  return new Set(node.members.flatMap(({ key }) => canonical.get(foldKey(key)) ?? []));
}

function find(node: ObjectNode, key: string): Node | undefined {
  const folded = foldKey(key);
  return node.members.findLast((member) => foldKey(member.key) === folded)?.value;
}

function objectsIn(node: Node | undefined): readonly ObjectNode[] {
  return node?.kind === 'array' ? node.elements.filter((element) => element.kind === 'object') : [];
}

function isObject(node: Node | undefined): boolean {
  return node?.kind === 'object';
}
