/**
 * What a schema's errors mean to the author of a document: problems with places and words. For a valid document this file is not
 * loaded.
 * @module
 */
import { ociActions } from '../abi/actions.ts';
import { allArchitectures } from '../abi/architectures.ts';
import { errnoByName } from '../abi/errno.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { ociFlags } from '../abi/flags.ts';
import { nearest } from '../abi/nearest-name.ts';
import { ociOperators, operators } from '../abi/operators.ts';
import { parseSpelledAction } from '../abi/parse-action.ts';
import { runtimesThat } from '../consumers.ts';
import { decoders, type Suggest } from './checks/check-context.ts';
import { elementExpected, isNote, keyInfo, keysOf, type ShapeName, shapes } from './dialect-keys.ts';
import { dialectRow, isBundle } from './dialect-rows.ts';
import type { Member, Node, ObjectNode, Position } from './document.ts';
import { memberFor } from './object-view.ts';
import type { ProblemCode } from './problem-codes.ts';
import { type FoundProblem, tooMany } from './problems.ts';
import type { Dialect } from './profile.ts';
import { escapePointer, quote } from './read-json.ts';
import { spelledKey } from './schema-value.ts';

/** What ajv reports, as far as it is used here. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Errors of one document that become findings; far more than are listed in the end. */
const MAX_SCHEMA_ERRORS = 3000;

/** Says what errors of a schema mean. */
export function explainErrors(
  root: Node,
  errors: readonly SchemaError[],
  { dialect, suggest }: Pick<Errors, 'dialect' | 'suggest'>,
): FoundProblem[] {
  const findings: FoundProblem[] = [];
  const within: Errors = { dialect, suggest, steps: new Map(), spelled: new Map() };
  for (const [i, error] of errors.entries()) {
    const place = locate(root, error.instancePath, within);
    if (place === undefined) continue;
    if (i === MAX_SCHEMA_ERRORS) {
      findings.push(tooMany({ at: place.node.start, pointer: place.pointer }));
      break;
    }
    const finding = explain(error, place, within);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

/**
 * What is known while the errors of one document are explained. Thousands of errors can be about one object: each of its keys is
 * looked at once.
 */
interface Errors {
  readonly dialect: Dialect;
  readonly suggest: Suggest;
  /** The members that {@link memberFor} finds, by key. */
  readonly steps: Map<ObjectNode, Map<string, Member | undefined>>;
  /** The last member of each key, by its spelling in the schema value. */
  readonly spelled: Map<ObjectNode, ReadonlyMap<string, Member>>;
}

interface SchemaPlace {
  readonly node: Node;
  readonly pointer: string;
  /** Canonical keys and indices. */
  readonly path: readonly string[];
}

/** Follows a path of canonical keys as the schema value was built: the last key that folds to it and is not null. */
function locate(root: Node, instancePath: string, within: Errors): SchemaPlace | undefined {
  const path = instancePath.split('/').slice(1);
  let node: Node | undefined = root;
  let pointer = '';
  for (const step of path) {
    if (node.kind === 'array') {
      node = node.elements[Number(step)];
      pointer = `${pointer}/${step}`;
    } else {
      const member: Member | undefined = node.kind === 'object' ? stepInto(node, step, within) : undefined;
      node = member?.value;
      pointer = `${pointer}/${escapePointer(member?.key ?? step)}`;
    }
    if (node === undefined) return undefined;
  }
  return { node, pointer, path };
}

function stepInto(node: ObjectNode, step: string, { steps }: Errors): Member | undefined {
  const known = steps.get(node) ?? new Map<string, Member | undefined>();
  steps.set(node, known);
  if (!known.has(step)) known.set(step, memberFor(node, step));
  return known.get(step);
}

function explain(error: SchemaError, place: SchemaPlace, within: Errors): FoundProblem | undefined {
  const { dialect, suggest } = within;
  switch (error.keyword) {
    case 'type':
      return wrongType(place, dialect);
    case 'enum':
      return place.node.kind === 'string' ? unknownName(place, place.node.value, suggest) : undefined;
    case 'required':
      return missingKey(place, String(error.params.missingProperty), dialect);
    case 'additionalProperties':
      return extraKey(place, String(error.params.additionalProperty), within);
    default:
      return undefined;
  }
}

/** crun refuses a profile in which one of these has the wrong type (tried on 1.8.1). */
const neededByCrun: ReadonlySet<string> = new Set(['defaultAction', 'names', 'action', 'op']);

function wrongType({ node, pointer, path }: SchemaPlace, dialect: Dialect): FoundProblem {
  const key = path.at(-1) ?? '';
  const inList = /^[0-9]+$/.test(key) ? path.at(-2) : undefined;
  const expected = inList === undefined ? expectedUnder(key) : (elementExpected[inList] ?? 'another value');
  const everyone = inList === undefined ? neededByCrun.has(key) : ['syscalls', 'args'].includes(inList);
  return {
    code: 'wrong-type',
    at: node.start,
    pointer,
    message: `expected ${expected}, found ${describe(node)}`,
    hint: insteadOf(node, expected),
    rejectedBy: everyone ? undefined : decoders(dialect),
  };
}

/** What to write in the place of such a value, where that can be told. */
function insteadOf(node: Node, expected: string): string | undefined {
  if (expected.startsWith('a list of')) {
    if (node.kind === 'string') return `write a list: [${quote(node.value)}]`;
    return node.kind === 'object' ? 'write a list: [ before the object and ] behind it' : undefined;
  }
  if (node.kind !== 'string' || !expected.endsWith('integer')) return undefined;
  const number = /^(?:0|[1-9][0-9]{0,19}|0x[0-9a-f]{1,16})$/i.test(node.value)
    ? BigInt(node.value)
    : errnoByName(node.value);
  return number === undefined
    ? 'write the number that the name stands for'
    : `write ${number}, without quotes`;
}

function expectedUnder(key: string): string {
  if (key === 'bounding') return 'a list of capabilities';
  for (const shape of Object.keys(shapes) as ShapeName[]) {
    const info = keyInfo(shape, key);
    if (info !== undefined) return info.expected;
  }
  return 'an object';
}

/** A value in a message, with its article. */
function describe(node: Node): string {
  switch (node.kind) {
    case 'object':
      return 'an object';
    case 'array':
      return 'a list';
    case 'string':
      return `the string ${quote(node.value)}`;
    case 'number':
      return `the number ${node.text.length > 40 ? `${node.text.slice(0, 37)}...` : node.text}`;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
  }
}

interface NameKind {
  readonly code: ProblemCode;
  readonly what: string;
  readonly known: readonly string[];
  readonly prefix: string;
}

const ociArches: readonly string[] = allArchitectures.map((row) => row.ociArch);
const action: NameKind = { code: 'unknown-action', what: 'action', known: ociActions, prefix: 'SCMP_ACT_' };
const operator: NameKind = {
  code: 'unknown-operator',
  what: 'operator',
  known: ociOperators,
  prefix: 'SCMP_CMP_',
};
const flag: NameKind = {
  code: 'unknown-flag',
  what: 'filter flag',
  known: ociFlags,
  prefix: 'SECCOMP_FILTER_FLAG_',
};
const architecture: NameKind = {
  code: 'unknown-architecture',
  what: 'architecture',
  known: ociArches,
  prefix: 'SCMP_ARCH_',
};
const nameKinds: Readonly<Record<string, NameKind>> = {
  action,
  defaultAction: action,
  op: operator,
  flags: flag,
};

/** As people write them in code: `==`. */
const operatorBySymbol: ReadonlyMap<string, string> = new Map(
  Object.values(operators).map((row) => [row.symbol, row.ociOperator]),
);

/** All names, unless there are too many for a hint. */
function listOf(known: readonly string[]): string | undefined {
  return known.length > 12 ? undefined : `there are ${known.join(', ')}`;
}

function unknownName({ node, pointer, path }: SchemaPlace, value: string, suggest: Suggest): FoundProblem {
  const keys = path.filter((step) => !/^[0-9]+$/.test(step));
  const key = keys.at(-1) ?? '';
  const kind = nameKinds[key] ?? architecture;
  const meant = kind === architecture ? findArchitecture(value)?.ociArch : meantWord(kind, value);
  const near = meant ?? suggestName(value, kind, suggest);
  const finding: FoundProblem = {
    code: kind.code,
    at: node.start,
    pointer,
    message: `${quote(value)} is not a known ${kind.what}`,
    hint: near === undefined ? listOf(kind.known) : `did you mean ${near}?`,
  };
  if (key === 'architecture') {
    return { ...finding, severity: 'warning', message: `${finding.message}: the entry never matches` };
  }
  if (kind !== architecture || !crunTakes(value)) return finding;
  return {
    ...finding,
    message: `only crun accepts ${quote(value)} as an architecture`,
    rejectedBy: runtimesThat((_, reading) => !reading.takesArchNames),
  };
}

/** The action or operator that a word of another notation stands for. */
function meantWord(kind: NameKind, value: string): string | undefined {
  if (kind === operator) return operatorBySymbol.get(value);
  return kind === action ? parseSpelledAction(value.toUpperCase())?.action.ociAction : undefined;
}

function suggestName(value: string, { prefix, known }: NameKind, suggest: Suggest): string | undefined {
  const upper = value.toUpperCase();
  const whole = upper.startsWith(prefix) ? upper : `${prefix}${upper}`;
  const longer = known.filter((name) => name.startsWith(whole));
  return suggest(whole, known) ?? (longer.length === 1 ? longer[0] : undefined);
}

/** crun drops the prefix and the letter case, and asks libseccomp. */
function crunTakes(value: string): boolean {
  const name = value.replace(/^SCMP_ARCH_/, '').toLowerCase();
  return allArchitectures.some((row) => row.name === name);
}

function missingKey(
  { node, pointer, path }: SchemaPlace,
  key: string,
  dialect: Dialect,
): FoundProblem | undefined {
  // Other checks report these: seccomp may be off (check-profile.ts), and `name` may be there instead (check-rules.ts).
  if (key === 'defaultAction' || key === 'names') return undefined;
  const finding = { code: 'missing-key', at: node.start, pointer } as const;
  const owner = elementExpected[path.at(-2) ?? '']?.split(',')[0]?.replace(/^an? /, '') ?? 'object';
  if (key === 'architecture') {
    return { ...finding, severity: 'warning', message: 'the entry has no "architecture" and never matches' };
  }
  if (key !== 'index' && key !== 'value') return { ...finding, message: `the ${owner} has no ${quote(key)}` };
  const message = `the comparison has no ${quote(key)}; it is read as 0`;
  // Engines write the 0 into the bundle; a bundle goes to youki as it is.
  if (isBundle(dialect)) {
    return { ...finding, message, rejectedBy: runtimesThat((_, reading) => reading.needsComparisonKeys) };
  }
  return { ...finding, severity: 'warning', message };
}

function extraKey(
  { node, pointer, path }: SchemaPlace,
  key: string,
  within: Errors,
): FoundProblem | undefined {
  if (isNote(key)) return undefined;
  const { dialect } = within;
  const shape = shapeAt(path, dialect);
  const info = keyInfo(shape, key);
  const member = node.kind === 'object' ? spelledMembers(node, shape, within).get(key) : undefined;
  const at: Position = member?.keyStart ?? node.start;
  const below = `${pointer}/${escapePointer(member?.key ?? key)}`;
  if (info !== undefined) {
    // A dialect in a language of its own has no keys.
    const others = info.dialects.filter((name) => name !== dialect && dialectRow(name).holder !== 'text');
    const message = `${quote(key)} is a key of the ${others.join(' and ')} dialect${others.length > 1 ? 's' : ''}; here it is ignored`;
    const severity = key in consequences ? 'error' : 'note';
    return {
      code: 'wrong-dialect-key',
      at,
      pointer: below,
      message,
      hint: consequences[key],
      severity,
      rejectedBy: [],
    };
  }
  const known = Object.entries(keysOf(shape)).flatMap(([name, row]) =>
    row.dialects.includes(dialect) ? [name] : [],
  );
  const near = nearKey(key, known) ?? known.find((each) => ofDefault(each) === ofDefault(key));
  const message = `the key ${quote(key)} has no meaning and is ignored`;
  const finding = { code: 'unknown-key', at, pointer: below, message } as const;
  // No reader refuses the profile, but what the author wrote there has no effect.
  if (near !== undefined) return { ...finding, hint: `did you mean ${quote(near)}?`, rejectedBy: [] };
  const value = member?.value.kind;
  // It may also be a misspelt key that another dialect has here.
  const isMeant = nearKey(key, Object.keys(keysOf(shape))) !== undefined;
  if (isMeant || value === 'object' || value === 'array') {
    return { ...finding, hint: 'remove it, or write what it says in rules', rejectedBy: [] };
  }
  return { ...finding, severity: 'note' };
}

function spelledMembers(node: ObjectNode, shape: ShapeName, { dialect, spelled }: Errors) {
  const known =
    spelled.get(node) ??
    new Map(node.members.map((member) => [spelledKey(shape, member.key, dialect), member] as const));
  spelled.set(node, known);
  return known;
}

/** A rule's key and that of the default action, `errnoRet` and `defaultErrnoRet`, are told apart by their place alone. */
function ofDefault(key: string): string {
  return key.toLowerCase().replace(/^default/, '');
}

/** Longest key that can be a misspelt one. */
const MAX_KEY = 40;

/** Compares with every key, since there are few; suggestions for names are limited. */
function nearKey(key: string, known: readonly string[]): string | undefined {
  return key.length > MAX_KEY ? undefined : nearest(key, known);
}

const consequences: Readonly<Record<string, string>> = {
  includes: 'the rule applies without conditions',
  excludes: 'the rule applies without conditions',
  archMap: 'only the native architecture is covered; list them in "architectures"',
  name: 'use "names", a list',
  errno: 'use "errnoRet", a number; without it the errno is EPERM (1)',
  defaultErrnoRet: 'the errno of the default action is EPERM (1)',
  defaultErrno: 'use "defaultErrnoRet", a number; without it the errno is EPERM (1)',
  minKernel: 'the rule applies on every kernel',
};

/** The shape at the end of a path of canonical keys. */
function shapeAt(path: readonly string[], dialect: Dialect): ShapeName {
  let shape: ShapeName = 'profile';
  const outside = dialectRow(dialect).at.length;
  for (const step of path.slice(outside)) {
    const info = keyInfo(shape, step);
    shape = info?.shape ?? shape;
  }
  return shape;
}
