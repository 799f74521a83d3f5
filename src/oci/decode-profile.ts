/**
 * From a checked document to a {@link Profile}: what Go's decoder makes of it, and so what engines and runc see.
 * Values that only crun accepts (a negative number, a value of the wrong type) become what crun makes of them.
 * @module
 */
import { isBundle } from './dialect-rows.ts';
import type { Node } from './document.ts';
import { integerOf, type ObjectView, objectOf, objectsOf, textOf, textsOf } from './object-view.ts';
import type {
  ArchMapEntry,
  Dialect,
  Place,
  Profile,
  ProfileArg,
  ProfileRule,
  RuleConditions,
} from './profile.ts';

/** Where a profile was read from, and what surrounds it. */
interface DecodeOptions {
  readonly dialect: Dialect;
  /** For places. */
  readonly file: string;
  /** `oci-config` only: the bundle's bounding set, `undefined` if it has none. */
  readonly capabilities?: readonly string[] | undefined;
  /** `oci-config` only: whether the bundle says `process.noNewPrivileges`. */
  readonly noNewPrivileges?: boolean;
}

/**
 * Decodes a profile; what cannot be decoded is left out, so it should be checked first.
 *
 * @param view - the profile's object; `undefined` in a bundle without one, which is seccomp off
 */
export function decodeProfile(view: ObjectView | undefined, options: DecodeOptions): Profile {
  const { dialect, file } = options;
  const container = isBundle(dialect)
    ? {
        container: {
          capabilities: options.capabilities,
          noNewPrivileges: options.noNewPrivileges ?? false,
        },
      }
    : {};
  if (view === undefined) return { dialect, rules: [], ...container };
  return {
    dialect,
    ...text(view, 'defaultAction'),
    ...placeOfDefault(view, file),
    ...errnoNumber(view, 'defaultErrnoRet'),
    ...text(view, 'defaultErrno'),
    ...list(view, 'architectures'),
    ...(view.fields.has('archMap')
      ? { archMap: objectsOf(view, 'archMap', dialect).map(decodeArchMapEntry) }
      : {}),
    ...list(view, 'flags'),
    ...text(view, 'listenerPath'),
    ...text(view, 'listenerMetadata'),
    rules: objectsOf(view, 'syscalls', dialect).map((rule) => decodeRule(rule, dialect, file)),
    ...container,
  };
}

function decodeRule(view: ObjectView, dialect: Dialect, file: string): ProfileRule {
  return {
    names: textsOf(view, 'names').map(({ value }) => value),
    ...text(view, 'name'),
    action: textOf(view, 'action')?.value ?? '',
    ...errnoNumber(view, 'errnoRet'),
    ...text(view, 'errno'),
    ...(view.fields.has('args') ? { args: objectsOf(view, 'args', dialect).map(decodeArg) } : {}),
    ...text(view, 'comment'),
    ...conditions(view, 'includes', dialect),
    ...conditions(view, 'excludes', dialect),
    place: placeOf(view, file),
  };
}

/** An absent number is 0; a u64 wraps around as in C. */
function decodeArg(view: ObjectView): ProfileArg {
  const valueTwo = integerOf(view, 'valueTwo');
  return {
    index: Number(integerOf(view, 'index') ?? 0n),
    value: BigInt.asUintN(64, integerOf(view, 'value') ?? 0n),
    ...(valueTwo === undefined ? {} : { valueTwo: BigInt.asUintN(64, valueTwo) }),
    op: textOf(view, 'op')?.value ?? '',
  };
}

function decodeArchMapEntry(view: ObjectView): ArchMapEntry {
  return {
    architecture: textOf(view, 'architecture')?.value ?? '',
    subArchitectures: textsOf(view, 'subArchitectures').map(({ value }) => value),
  };
}

function conditions<K extends 'includes' | 'excludes'>(
  view: ObjectView,
  key: K,
  dialect: Dialect,
): { [P in K]?: RuleConditions } {
  const inner = objectOf(view, key, dialect);
  if (inner === undefined) return {};
  const minKernel = inner.fields.get('minKernel')?.node;
  const decoded = {
    ...list(inner, 'caps'),
    ...list(inner, 'arches'),
    // An empty text is no absent one: moby reads it as 0.0.
    ...(minKernel?.kind === 'string' ? { minKernel: minKernel.value } : {}),
  };
  return { [key]: decoded } as { [P in K]?: RuleConditions };
}

function text<K extends string>(view: ObjectView, key: K): { [P in K]?: string } {
  const found = textOf(view, key);
  return found === undefined ? {} : ({ [key]: found.value } as { [P in K]?: string });
}

function list<K extends string>(view: ObjectView, key: K): { [P in K]?: readonly string[] } {
  if (view.fields.get(key)?.node.kind !== 'array') return {};
  const values: readonly string[] = textsOf(view, key).map(({ value }) => value);
  return { [key]: values } as { [P in K]?: readonly string[] };
}

/** The number as written: a runtime that cuts it says so. Numbers too large to be exact are refused (checks/check-errno.ts). */
function errnoNumber<K extends string>(view: ObjectView, key: K): { [P in K]?: number } {
  const value = integerOf(view, key);
  if (value === undefined) return {};
  return { [key]: Number(value) } as { [P in K]?: number };
}

function placeOfDefault(view: ObjectView, file: string): { defaultActionPlace?: Place } {
  const field = view.fields.get('defaultAction');
  return field === undefined ? {} : { defaultActionPlace: placeOf(field, file) };
}

function placeOf(at: { node: Node; pointer: string }, file: string): Place {
  return { file, line: at.node.start.line, column: at.node.start.column, pointer: at.pointer };
}
