/**
 * Which keys a profile's objects have, per dialect: one row a key. The JSON Schemas say the same for editors; a
 * test compares the two.
 *
 * Sources: runtime-spec 1.3 config-linux.md#seccomp (`oci`, `oci-config`), moby/profiles seccomp/seccomp.go
 * (`docker`), containers/common pkg/seccomp/types.go (`podman`), security-profiles-operator
 * api/seccompprofile/{v1alpha1,v1beta1,v1}/seccompprofile_types.go and api/profilebase (`kubernetes`).
 * @module
 */
import { type Dialect, type DialectRow, dialects, dialectsThat } from './dialect-rows.ts';

/** The objects of a profile. */
export type ShapeName = 'profile' | 'rule' | 'arg' | 'conditions' | 'archMapEntry';

export interface KeyInfo {
  readonly dialects: readonly Dialect[];
  /** The object, or list of objects, the key holds. */
  readonly shape?: ShapeName;
  /** What the key should hold, in words: `expected …`. */
  readonly expected: string;
}

const all = dialects;
const files = dialectsThat((row) => row.holder === 'file' || row.holder === 'bundle');
const texts = dialectsThat((row) => row.holder === 'text');
const having = (what: DialectRow['extraKeys'][number]): readonly Dialect[] =>
  dialectsThat((row) => row.extraKeys.includes(what));
const engine = having('conditions');
const byHost = [...engine, ...having('architectures by host')];
const errnoNames = having('errno names');
const api = having('api');

const number = 'an integer';

/** Keys in their canonical spelling, in the order the specification gives them. */
export const shapes = {
  profile: {
    $schema: { dialects: files, expected: 'the address of a JSON Schema' },
    defaultAction: { dialects: all, expected: 'the name of an action' },
    defaultErrnoRet: { dialects: [...files, ...texts], expected: 'an errno as an integer' },
    defaultErrno: { dialects: errnoNames, expected: 'an errno as a string, "EPERM" or "1"' },
    architectures: { dialects: all, expected: 'a list of architectures' },
    archMap: { dialects: byHost, shape: 'archMapEntry', expected: 'a list of objects, one an architecture' },
    flags: { dialects: all, expected: 'a list of filter flags' },
    listenerPath: { dialects: all, expected: 'the path of a socket' },
    listenerMetadata: { dialects: all, expected: 'a string' },
    syscalls: { dialects: all, shape: 'rule', expected: 'a list of rules' },
    baseProfileName: { dialects: api, expected: 'the name of a SeccompProfile' },
    // v1beta1 until 2025.
    disabled: { dialects: api, expected: 'true or false' },
    // v1.
    state: { dialects: api, expected: 'Enabled or Disabled' },
    // v1alpha1, a part of the path of the installed file.
    targetWorkload: { dialects: api, expected: 'a string' },
  },
  rule: {
    names: { dialects: all, expected: 'a list of system call names' },
    name: { dialects: engine, expected: 'one system call name' },
    action: { dialects: all, expected: 'the name of an action' },
    errnoRet: { dialects: all, expected: 'an errno as an integer' },
    errno: { dialects: errnoNames, expected: 'an errno as a string, "EPERM" or "1"' },
    args: { dialects: all, shape: 'arg', expected: 'a list of comparisons' },
    comment: { dialects: byHost, expected: 'a string' },
    includes: { dialects: byHost, shape: 'conditions', expected: 'an object of conditions' },
    excludes: { dialects: engine, shape: 'conditions', expected: 'an object of conditions' },
  },
  arg: {
    index: { dialects: all, expected: number },
    value: { dialects: all, expected: number },
    valueTwo: { dialects: all, expected: number },
    op: { dialects: all, expected: 'the name of a comparison operator' },
  },
  conditions: {
    caps: { dialects: engine, expected: 'a list of capabilities' },
    arches: { dialects: byHost, expected: 'a list of architectures' },
    minKernel: { dialects: having('minKernel'), expected: 'a kernel version as a string, "4.8"' },
  },
  archMapEntry: {
    architecture: { dialects: byHost, expected: 'an architecture' },
    subArchitectures: { dialects: byHost, expected: 'a list of architectures' },
  },
} as const satisfies Record<ShapeName, Record<string, KeyInfo>>;

/** What an element of a list under this key should be, in words. */
export const elementExpected: Readonly<Record<string, string>> = {
  names: 'a system call name',
  architectures: 'an architecture',
  subArchitectures: 'an architecture',
  arches: 'an architecture',
  flags: 'a filter flag',
  caps: 'a capability',
  syscalls: 'a rule, which is an object',
  args: 'a comparison, which is an object',
  archMap: 'an object with architecture and subArchitectures',
};

/** The keys of one kind of object, by canonical spelling. */
export function keysOf(shape: ShapeName): Readonly<Record<string, KeyInfo>> {
  return shapes[shape];
}

/** The row of a key in canonical spelling, `undefined` for any other text, `__proto__` included. */
export function keyInfo(shape: ShapeName, key: string): KeyInfo | undefined {
  const keys = keysOf(shape);
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

/**
 * Folds a key as Go's encoding/json compares keys of structs: ASCII letter case, and the two letters outside of
 * ASCII that fold into it, U+017F (long s) and U+212A (Kelvin sign).
 */
export function foldKey(key: string): string {
  if (!/[^\0-\x7f]/.test(key)) return key.toLowerCase();
  return key
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const canonicalKeys = new Map<ShapeName, ReadonlyMap<string, string>>();

/** The canonical spelling of a key in this kind of object, `undefined` if it has none. */
export function canonicalKey(shape: ShapeName, key: string): string | undefined {
  // Nearly every key is spelled as it should be.
  if (Object.hasOwn(shapes[shape], key)) return key;
  let keys = canonicalKeys.get(shape);
  if (keys === undefined) {
    keys = new Map(Object.keys(shapes[shape]).map((known) => [foldKey(known), known]));
    canonicalKeys.set(shape, keys);
  }
  return keys.get(foldKey(key));
}

/** JSON has no comments: such keys are notes for people, and nobody reads them as keys of a profile. */
export function isNote(key: string): boolean {
  return /^(?:_|#|\/\/)/.test(key);
}
