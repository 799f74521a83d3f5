/**
 * The requirements of the API server and the Security Profiles Operator for a SeccompProfile, apart from the profile
 * itself.
 *
 * Sources: security-profiles-operator api/seccompprofile/{v1alpha1,v1beta1,v1}/seccompprofile_types.go,
 * api/profilebase/{v1alpha1,v1} (`disabled`, later `state`), deploy/base-crds/crds/seccompprofile.yaml (`format: int64`).
 * @module
 */
import { OPERATOR_GROUP } from '../dialect.ts';
import type { Node, ObjectNode } from '../document.ts';
import { type Located, memberOf, objectsOf, viewObject } from '../object-view.ts';
import type { FoundProblem } from '../problems.ts';
import type { KubernetesFacts } from '../profile.ts';
import { quote } from '../read-json.ts';

const VERSIONS: readonly string[] = ['v1alpha1', 'v1beta1', 'v1'];
/** The largest integer of the custom resource. */
const MAX_INT64 = (1n << 63n) - 1n;

/** Runs the checks of this file. */
export function checkObject(
  root: Node,
  spec: Located | undefined,
  report: (finding: FoundProblem) => void,
): void {
  if (root.kind !== 'object') return;
  checkVersion(root, report);
  checkName(root, report);
  if (spec?.node.kind !== 'object') return;
  checkState(spec.node, spec.pointer, report);
  checkValues(spec.node, spec.pointer, report);
}

function checkVersion(root: ObjectNode, report: (finding: FoundProblem) => void): void {
  const version = memberOf(root, 'apiVersion')?.value;
  if (version?.kind !== 'string') return;
  const [group, name = ''] = version.value.split('/');
  if (group === OPERATOR_GROUP && VERSIONS.includes(name)) return;
  const message = `${quote(version.value)} is not a known version of the SeccompProfile API`;
  const hint = `known are ${VERSIONS.map((known) => `${OPERATOR_GROUP}/${known}`).join(', ')}`;
  report({ code: 'kubernetes-version', at: version.start, pointer: '/apiVersion', message, hint });
}

function checkName(root: ObjectNode, report: (finding: FoundProblem) => void): void {
  const metadata = memberOf(root, 'metadata')?.value;
  if (metadata?.kind !== 'object') return;
  const name = memberOf(metadata, 'name')?.value;
  if (name?.kind === 'string' && name.value !== '') return;
  const pointer = name === undefined ? '/metadata' : '/metadata/name';
  const at = name?.start ?? memberOf(root, 'metadata')?.keyStart ?? metadata.start;
  const message = 'the object has no name';
  report({ code: 'missing-key', at, pointer, message, hint: 'set "metadata.name", a text' });
}

function checkState(spec: ObjectNode, pointer: string, report: (finding: FoundProblem) => void): void {
  const disabled = memberOf(spec, 'disabled')?.value;
  if (disabled?.kind === 'boolean' && disabled.value) {
    const message = 'the profile is disabled: the operator does not install it';
    report({ code: 'profile-disabled', at: disabled.start, pointer: `${pointer}/disabled`, message });
  }
  const state = memberOf(spec, 'state')?.value;
  if (state?.kind !== 'string' || state.value === 'Enabled') return;
  const at = { at: state.start, pointer: `${pointer}/state` };
  if (state.value === 'Disabled') {
    report({
      code: 'profile-disabled',
      ...at,
      message: 'the profile is disabled: the operator does not install it',
    });
    return;
  }
  const message = `expected Enabled or Disabled, found the string ${quote(state.value)}`;
  report({ code: 'wrong-type', ...at, message });
}

function checkValues(spec: ObjectNode, pointer: string, report: (finding: FoundProblem) => void): void {
  const profile = viewObject('profile', spec, pointer, 'kubernetes');
  for (const rule of objectsOf(profile, 'syscalls', 'kubernetes')) {
    for (const arg of objectsOf(rule, 'args', 'kubernetes')) {
      for (const key of ['value', 'valueTwo']) {
        const field = arg.fields.get(key);
        if (field?.node.kind !== 'number' || (field.node.integer ?? 0n) <= MAX_INT64) continue;
        const message = `the API server accepts integers only up to ${MAX_INT64}`;
        const hint = 'install such a profile as a file on the nodes';
        report({ code: 'value-out-of-range', at: field.node.start, pointer: field.pointer, message, hint });
      }
    }
  }
}

/** The parts of a SeccompProfile that are not the profile. */
export function objectFacts(root: Node): KubernetesFacts {
  const inner = (key: string) => (root.kind === 'object' ? memberOf(root, key)?.value : undefined);
  const metadata = inner('metadata');
  const spec = inner('spec');
  const namespace = textIn(metadata, 'namespace');
  const base = textIn(spec, 'baseProfileName');
  const disabled = spec?.kind === 'object' ? memberOf(spec, 'disabled')?.value : undefined;
  const off = (disabled?.kind === 'boolean' && disabled.value) || textIn(spec, 'state') === 'Disabled';
  return {
    apiVersion: textIn(root, 'apiVersion') ?? '',
    name: textIn(metadata, 'name') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    ...textsUnder(metadata, 'labels'),
    ...textsUnder(metadata, 'annotations'),
    ...(base === undefined ? {} : { baseProfileName: base }),
    ...(off ? { disabled: true } : {}),
  };
}

/** The texts of the map under a key, under the same key; an empty object if it holds no text. */
function textsUnder<Key extends string>(
  node: Node | undefined,
  key: Key,
): { readonly [Name in Key]?: Readonly<Record<string, string>> } {
  const value = node?.kind === 'object' ? memberOf(node, key)?.value : undefined;
  const members = value?.kind === 'object' ? value.members : [];
  const texts = members.flatMap((each) =>
    each.value.kind === 'string' ? [[each.key, each.value.value] as const] : [],
  );
  return texts.length === 0
    ? {}
    : ({ [key]: Object.fromEntries(texts) } as { [Name in Key]: Record<string, string> });
}

/** The text under a key; empty counts as absent. */
export function textIn(node: Node | undefined, key: string): string | undefined {
  const value = node?.kind === 'object' ? memberOf(node, key)?.value : undefined;
  return value?.kind === 'string' && value.value !== '' ? value.value : undefined;
}
