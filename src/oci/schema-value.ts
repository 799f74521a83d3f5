/**
 * A document as the plain value that its JSON Schema sees: keys in canonical spelling, no members that are `null`, 0 for
 * every number, and nothing below what the schema looks at.
 * @module
 */
import { canonicalKey, foldKey, keysOf, type ShapeName } from './dialect-keys.ts';
import { dialectRow } from './dialect-rows.ts';
import type { Member, Node, ObjectNode } from './document.ts';
import type { FoundProblem } from './problems.ts';
import type { Dialect } from './profile.ts';
import { duplicateKey, escapePointer, isSimple, quote } from './read-json.ts';

export type SchemaValue = string | number | boolean | null | readonly SchemaValue[] | SchemaObject;
interface SchemaObject {
  [key: string]: SchemaValue;
}

/**
 * Builds the value. Keys in another letter case become findings, and so do keys that are equal apart from it.
 *
 * @param findings - what was found is added here
 */
export function toSchemaValue(root: Node, dialect: Dialect, findings: FoundProblem[]): SchemaValue {
  const to: Building = { dialect, findings };
  const shape = outerShape(dialect);
  return shape === 'profile' ? shapeValue(root, shape, '', to) : configValue(root, '', shape, to);
}

interface Building {
  readonly dialect: Dialect;
  readonly findings: FoundProblem[];
}

/** What the schema sees of a larger object: the way to the profile, and a few values beside it. */
interface ConfigShape {
  readonly [key: string]: ConfigShape | 'profile' | 'value';
}
const besideProfile: Readonly<Partial<Record<Dialect, ConfigShape>>> = {
  'oci-config': { process: { capabilities: { bounding: 'value' } } },
  kubernetes: { apiVersion: 'value', kind: 'value', metadata: 'value' },
};

function outerShape(dialect: Dialect): ConfigShape | 'profile' {
  const [first, ...others] = dialectRow(dialect).at;
  if (first === undefined) return 'profile';
  const inner = others.reduceRight<ConfigShape | 'profile'>((below, key) => ({ [key]: below }), 'profile');
  return { ...besideProfile[dialect], [first]: inner };
}

function configValue(node: Node, pointer: string, shape: ConfigShape, to: Building): SchemaValue {
  if (node.kind !== 'object') return leafValue(node);
  const value = emptyObject();
  const fold = dialectRow(to.dialect).foldsKeys ? foldKey : (key: string) => key;
  const known = new Map(Object.keys(shape).map((key) => [fold(key), key]));
  for (const { key, member } of knownMembers(node, pointer, (written) => known.get(fold(written)), to)) {
    const below = `${pointer}/${escapePointer(member.key)}`;
    const inner = shape[key];
    if (member.value.kind === 'null' || inner === undefined) continue;
    if (inner === 'profile') value[key] = shapeValue(member.value, 'profile', below, to);
    else
      value[key] = inner === 'value' ? leafValue(member.value) : configValue(member.value, below, inner, to);
  }
  return value;
}

function shapeValue(node: Node, shape: ShapeName, pointer: string, to: Building): SchemaValue {
  if (node.kind !== 'object') return leafValue(node);
  const value = emptyObject();
  const keys = keysOf(shape);
  const canonical = (written: string) => {
    const key = spelledKey(shape, written, to.dialect);
    return Object.hasOwn(keys, key) && keys[key]?.dialects.includes(to.dialect) ? key : undefined;
  };
  const known = knownMembers(node, pointer, canonical, to);
  // `forEach`: until V8 has optimized a loop over a list, each step makes an object.
  known.forEach(({ key, member }) => {
    if (member.value.kind === 'null') return;
    const inner = keys[key]?.shape;
    value[key] =
      inner === undefined
        ? leafValue(member.value)
        : innerValue(member.value, inner, `${pointer}/${escapePointer(member.key)}`, to);
  });
  if (known.length === node.members.length) return value;
  for (const member of node.members) {
    if (canonical(member.key) === undefined) value[spelledKey(shape, member.key, to.dialect)] = null;
  }
  return value;
}

/** A key as the value has it: in canonical spelling, or as it is written if it has none. */
export function spelledKey(shape: ShapeName, written: string, dialect: Dialect): string {
  // Kubernetes compares keys as they are written.
  return dialectRow(dialect).foldsKeys ? (canonicalKey(shape, written) ?? written) : written;
}

function innerValue(node: Node, shape: ShapeName, pointer: string, to: Building): SchemaValue {
  if (node.kind !== 'array') return shapeValue(node, shape, pointer, to);
  return node.elements.map((element, i) => shapeValue(element, shape, `${pointer}/${i}`, to));
}

/** A member that the shape of its object knows. */
interface KnownMember {
  /** In canonical spelling. */
  readonly key: string;
  readonly member: Member;
}

/** The members an object's shape knows; with a finding for each in other letter case. */
function knownMembers(
  node: ObjectNode,
  pointer: string,
  canonical: (written: string) => string | undefined,
  to: Building,
): readonly KnownMember[] {
  const found: KnownMember[] = [];
  node.members.forEach((member) => {
    const key = canonical(member.key);
    if (key !== undefined) found.push({ key, member });
  });
  if (found.some(({ key, member }) => member.key !== key)) reportSpellings(found, pointer, to);
  return found;
}

function reportSpellings(found: readonly KnownMember[], pointer: string, to: Building): void {
  const first = new Map<string, Member>();
  const written = new Set<string>();
  for (const { key, member } of found) {
    const below = `${pointer}/${escapePointer(member.key)}`;
    if (member.key !== key) to.findings.push(keyCase(member, key, below));
    const before = first.get(key);
    // Keys that are the same as written were found while reading.
    if (before === undefined) first.set(key, member);
    else if (!written.has(member.key)) {
      const simple = isSimple(member.value) && isSimple(before.value);
      to.findings.push(duplicateKey(member.key, member.keyStart, before.keyStart, below, simple));
    }
    written.add(member.key);
  }
}

function keyCase(member: Member, key: string, pointer: string): FoundProblem {
  return {
    code: 'key-case',
    at: member.keyStart,
    pointer,
    message: `engines and runc read ${quote(member.key)} as ${quote(key)}; crun ignores it`,
    hint: `write ${quote(key)}`,
  };
}

function leafValue(node: Node): SchemaValue {
  switch (node.kind) {
    case 'object':
      return emptyObject();
    case 'array':
      return node.elements.map(leafValue);
    case 'number':
      return 0;
    case 'null':
      return null;
    default:
      return node.value;
  }
}

/** Without a prototype: a document may have keys such as `constructor` and `__proto__`. */
function emptyObject(): SchemaObject {
  return Object.create(null) as SchemaObject;
}
