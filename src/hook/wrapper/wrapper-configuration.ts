/**
 * The wrapper's own configuration: a JSON object, `schemas/config.schema.json` says the same for editors.
 * @module
 */
import { nearest } from '../../abi/nearest-name.ts';
import type { BackendName } from '../../compile/compile-policy.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { Document, Member, ObjectNode } from '../../oci/document.ts';
import { memberOf } from '../../oci/object-view.ts';
import { type FoundProblem, type Problem, toProblems } from '../../oci/problems.ts';
import { quote, readDocument } from '../../oci/read-json.ts';
import { isAbsolutePath } from '../absolute-path.ts';
import type { FilterForm } from '../config-json.ts';

export interface WrapperConfiguration {
  /** The real runtime: an absolute path, or a name that PATH finds. */
  readonly runtime: string;
  /** Whose filters the real runtime builds, `runc@1.1.5`; absent: it is asked. */
  readonly behavesAs?: string;
  /** For containers that name none: a built-in profile, or an absolute path. Either this or `choices` is there. */
  readonly profile?: string;
  /** A table that chooses by image, labels and annotations: an absolute path. */
  readonly choices?: string;
  /** Where the annotation `dev.oci-seccomp.profile` finds its file; absent: the annotation is refused. */
  readonly profilesDir?: string;
  /** Who compiles, with `as` "bpf"; absent: the builtin compiler. A runtime itself compiles with libseccomp. */
  readonly backend?: BackendName;
  /** The agent's socket, an absolute path: it does the work. Absent: the wrapper does. The static wrapper has its own. */
  readonly agent?: string;
  /** libseccomp that programs are compiled and proven with: path or soname. */
  readonly library?: string;
  /** How the filter reaches the runtime. */
  readonly as: FilterForm;
  /** What becomes of a filter the engine has chosen, where the container names no profile. */
  readonly whenPresent: 'replace' | 'keep' | 'refuse';
  /** What becomes of a container without any filter, such as a privileged one. */
  readonly unconfined: 'apply' | 'leave';
  /** What happens if the runtime says it builds filters with another libseccomp than the one that proves them. */
  readonly otherLibrary: 'refuse' | 'accept';
  /** Whether a container starts whose filter is not all that its profile reads like. */
  readonly strict: boolean;
}

type Key = keyof WrapperConfiguration;

type KeyRow = TextRow | SwitchRow;

interface TextRow {
  readonly kind?: undefined;
  readonly expected: string;
  readonly takes: (text: string) => boolean;
  readonly choices?: readonly string[];
  readonly required?: true;
  readonly byDefault?: string;
}

interface SwitchRow {
  readonly kind: 'boolean';
  readonly expected: 'true or false';
  readonly choices?: undefined;
  readonly required?: undefined;
  readonly byDefault: boolean;
}

const isName = (text: string): boolean => /^[^/\0]+$/.test(text);

function choice(byDefault: string, ...others: readonly string[]): TextRow {
  const choices = [byDefault, ...others];
  return {
    expected: choices.map(quote).join(' or '),
    takes: (text) => choices.includes(text),
    choices,
    byDefault,
  };
}

/** One row a key. */
const keys = {
  runtime: {
    expected: 'an absolute path or the name of a program',
    takes: (text) => isAbsolutePath(text) || isName(text),
    required: true,
  },
  behavesAs: {
    expected: '"crun", or "runc@" and a version',
    takes: (text) => /^(?:crun|runc(?:@[0-9.]+)?)$/.test(text),
  },
  profile: {
    expected: 'the name of a built-in profile or an absolute path',
    takes: (text) => isAbsolutePath(text) || namesBuiltin(text),
  },
  choices: { expected: 'an absolute path', takes: isAbsolutePath },
  profilesDir: { expected: 'an absolute path', takes: isAbsolutePath },
  agent: { expected: 'an absolute path', takes: isAbsolutePath },
  backend: {
    expected: '"builtin" or "libseccomp"',
    takes: (text) => text === 'builtin' || text === 'libseccomp',
    choices: ['builtin', 'libseccomp'],
  },
  library: {
    expected: 'an absolute path or a soname',
    takes: (text) => isAbsolutePath(text) || isName(text),
  },
  as: choice('oci', 'bpf'),
  whenPresent: choice('replace', 'keep', 'refuse'),
  unconfined: choice('apply', 'leave'),
  otherLibrary: choice('refuse', 'accept'),
  strict: { kind: 'boolean', expected: 'true or false', byDefault: false },
} as const satisfies Record<Key, KeyRow>;

/** Every key, for tests of the schema. */
export const configurationKeys: Readonly<Record<Key, KeyRow>> = keys;

/**
 * Reads the configuration.
 *
 * @param name - of the file, for messages
 * @throws OciSeccompError `ERR_HOOK` with every problem in `details.problems`
 */
export function readConfiguration(input: string | Uint8Array, name: string): WrapperConfiguration {
  const { document, problems } = readDocument(input, { name });
  const findings = document === undefined ? [] : check(document);
  const all: readonly Problem[] = [...problems, ...toProblems(findings, name)];
  if (document === undefined || all.length > 0) {
    throw new OciSeccompError('ERR_HOOK', `${name} is not a configuration of oci-seccomp-runtime`, {
      hint: 'docs/runtime-wrapper.md lists the keys; no container starts until the file is right',
      details: { problems: all },
    });
  }
  const given = document.root.kind === 'object' ? valuesOf(document.root) : {};
  const defaults = Object.entries(configurationKeys).flatMap(([key, { byDefault }]) =>
    byDefault === undefined ? [] : [[key, byDefault]],
  );
  // Each value was checked against its row.
  return { ...Object.fromEntries(defaults), ...given } as unknown as WrapperConfiguration;
}

function valuesOf(root: ObjectNode): Readonly<Record<string, string | boolean>> {
  return Object.fromEntries(
    root.members.flatMap(({ key, value }) =>
      (value.kind === 'string' || value.kind === 'boolean') && key !== '$schema' ? [[key, value.value]] : [],
    ),
  );
}

function check({ root }: Document): readonly FoundProblem[] {
  if (root.kind !== 'object') {
    return [{ code: 'wrong-type', at: root.start, pointer: '', message: 'a configuration is an object' }];
  }
  const present = new Set(root.members.map(({ key }) => key));
  const missing = Object.entries(configurationKeys).flatMap(
    ([key, { required, expected }]): FoundProblem[] => {
      if (required === undefined || present.has(key)) return [];
      const message = `the key ${quote(key)} is missing`;
      return [{ code: 'missing-key', at: root.start, pointer: '', message, hint: `give it ${expected}` }];
    },
  );
  const findings = [
    ...root.members.flatMap(checkMember),
    ...checkBackend(root),
    ...checkChoice(root),
    ...checkAgent(root),
  ];
  return [...findings, ...missing];
}

function find(root: ObjectNode, ...keys: readonly Key[]): readonly (Member | undefined)[] {
  return keys.map((key) => memberOf(root, key));
}

/** One profile for all, or a table. */
function checkChoice(root: ObjectNode): readonly FoundProblem[] {
  const [profile, choices, folder] = find(root, 'profile', 'choices', 'profilesDir');
  if (profile === undefined && choices === undefined) {
    const message = `the key ${quote('profile')} is missing`;
    const hint = `give it ${configurationKeys.profile.expected}; or give "choices" the path of a table`;
    return [{ code: 'missing-key', at: root.start, pointer: '', message, hint }];
  }
  const other = profile ?? folder;
  if (choices === undefined || other === undefined) return [];
  const message = `${quote(other.key)} has no use beside ${quote('choices')}`;
  const hint = `write into the table what ${quote(other.key)} says`;
  return [{ code: 'value-out-of-range', at: other.keyStart, pointer: `/${other.key}`, message, hint }];
}

/** The runtime compiles the profile of a config.json, and it does so with libseccomp. */
function checkBackend(root: ObjectNode): readonly FoundProblem[] {
  const [backend, form] = find(root, 'backend', 'as').map((member) => member?.value);
  if (backend?.kind !== 'string' || backend.value !== 'builtin') return [];
  if (form?.kind === 'string' && form.value !== 'oci') return [];
  const message = `${quote('backend')} is ${quote('builtin')}, but the runtime compiles the profile with libseccomp`;
  const hint = `with "as": "bpf" crun is handed the program itself; without, leave ${quote('backend')} out`;
  if (form !== undefined && form.kind !== 'string') return [];
  return [{ code: 'value-out-of-range', at: backend.start, pointer: '/backend', message, hint }];
}

/** The agent does not search in the PATH of whoever calls the wrapper. */
function checkAgent(root: ObjectNode): readonly FoundProblem[] {
  const [agent, member] = find(root, 'agent', 'runtime');
  const runtime = member?.value;
  if (agent === undefined || runtime?.kind !== 'string' || isAbsolutePath(runtime.value)) return [];
  const message = `${quote('runtime')} takes an absolute path beside ${quote('agent')}, not ${quote(runtime.value)}`;
  const hint = 'for instance "runtime": "/usr/bin/runc"';
  return [{ code: 'value-out-of-range', at: runtime.start, pointer: '/runtime', message, hint }];
}

function checkMember({ key, keyStart, value }: Member): readonly FoundProblem[] {
  if (key === '$schema') return [];
  const names = Object.keys(configurationKeys);
  const row = Object.hasOwn(configurationKeys, key) ? configurationKeys[key as Key] : undefined;
  if (row === undefined) {
    const near = nearest(key, names);
    const hint = near === undefined ? `keys are ${names.join(', ')}` : `did you mean ${quote(near)}?`;
    const message = `${quote(key)} is not a key of this configuration`;
    return [{ code: 'unknown-key', severity: 'error', at: keyStart, pointer: '', message, hint }];
  }
  const pointer = `/${key}`;
  if (value.kind !== (row.kind ?? 'string')) {
    return [{ code: 'wrong-type', at: value.start, pointer, message: `${quote(key)} takes ${row.expected}` }];
  }
  if (row.kind === 'boolean' || value.kind !== 'string' || row.takes(value.value)) return [];
  const near = row.choices === undefined ? undefined : nearest(value.value, row.choices);
  const hint = near === undefined ? undefined : `did you mean ${quote(near)}?`;
  const message = `${quote(key)} takes ${row.expected}, not ${quote(value.value)}`;
  return [{ code: 'value-out-of-range', at: value.start, pointer, message, hint }];
}
