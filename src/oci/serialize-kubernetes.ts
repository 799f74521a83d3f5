/**
 * A resolved profile as a SeccompProfile of the Security Profiles Operator.
 *
 * Source: security-profiles-operator api/seccompprofile/v1/seccompprofile_types.go.
 * @module
 */
import { actionByOciAction } from '../abi/actions.ts';
import { oneOf, plainText, record, takeOptions } from '../abi/take-options.ts';
import { visibleJson } from '../abi/visible-json.ts';
import { OciSeccompError } from '../errors.ts';
import { OPERATOR_GROUP } from './dialect.ts';
import type { LinuxSeccomp, LinuxSyscall } from './linux-seccomp.ts';
import type { KubernetesFacts } from './profile.ts';
import { serializeLinuxSeccomp } from './serialize.ts';

/** What the object is called, and how it is written. */
export interface ObjectNames {
  /** `metadata.name`. */
  readonly name: string;
  /** The form of the text; default: YAML. */
  readonly format?: 'yaml' | 'json' | undefined;
  /** What else the author's object says of itself, and its version; default: version v1, and nothing else. */
  readonly like?: Omit<KubernetesFacts, 'name' | 'baseProfileName'> | undefined;
}

const MAX_INT64 = (1n << 63n) - 1n;

/** Writes a SeccompProfile, of version v1 unless `like` says another. */
export function serializeSeccompProfile(seccomp: LinuxSeccomp, names: ObjectNames): string {
  const {
    name,
    format = 'yaml',
    like,
  } = takeOptions('serializeSeccompProfile', names, {
    ...{ name: plainText, format: oneOf(['yaml', 'json']), like: record },
  });
  if (name === undefined || !/^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/.test(name)) {
    throw new OciSeccompError('ERR_USAGE', `'${name}' cannot be the name of a Kubernetes object`, {
      hint: 'use lower-case letters, digits, dashes and dots, and start and end with a letter or digit',
    });
  }
  refuseUnsayable(seccomp);
  const { defaultErrnoRet: _, ...rest } = seccomp;
  const apiVersion = like?.apiVersion ?? `${OPERATOR_GROUP}/v1`;
  const head = { apiVersion, kind: 'SeccompProfile', metadata: metadataOf(name, like) };
  const off = like?.disabled === true ? disabledIn(apiVersion) : {};
  if (format === 'json') return json(head, off, serializeLinuxSeccomp(rest));
  const lines = [
    `apiVersion: ${head.apiVersion}`,
    `kind: ${head.kind}`,
    'metadata:',
    ...mapLines(head.metadata).map((line) => `  ${line}`),
    'spec:',
    ...mapLines(off).map((line) => `  ${line}`),
  ];
  return `${[...lines, ...specLines(rest).map((line) => `  ${line}`)].join('\n')}\n`;
}

type YamlMap = { readonly [key: string]: string | boolean | Readonly<Record<string, string>> };

function metadataOf(
  name: string,
  { namespace, labels, annotations }: NonNullable<ObjectNames['like']> = { apiVersion: '' },
): YamlMap {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** How a version says that the operator is not to install the profile. */
function disabledIn(apiVersion: string): YamlMap {
  return apiVersion.endsWith('/v1') ? { state: 'Disabled' } : { disabled: true };
}

function mapLines(map: YamlMap): readonly string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (typeof value === 'boolean') return [`${text(key)}: ${value}`];
    if (typeof value === 'string') return [`${text(key)}: ${text(value)}`];
    return [`${text(key)}:`, ...mapLines(value).map((line) => `  ${line}`)];
  });
}

function refuseUnsayable(seccomp: LinuxSeccomp): void {
  const fail = (message: string, hint: string) =>
    new OciSeccompError('ERR_PROFILE_SEMANTICS', message, { hint });
  const errno = seccomp.defaultErrnoRet;
  if (errno !== undefined && errno !== 1 && takesErrno(seccomp.defaultAction)) {
    const message = `a SeccompProfile has no defaultErrnoRet: the default action would return EPERM (1), not ${errno}`;
    throw fail(message, 'install the profile as a file on the nodes, type Localhost');
  }
  for (const [rule, { action, errnoRet, args = [] }] of (seccomp.syscalls ?? []).entries()) {
    if (errnoRet === 0 && takesErrno(action)) {
      throw fail(`a SeccompProfile reads errnoRet 0 as no errno (rule ${rule + 1})`, 'use an errno above 0');
    }
    if (args.some(({ value, valueTwo = 0n }) => value > MAX_INT64 || valueTwo > MAX_INT64)) {
      throw fail(
        `a SeccompProfile holds integers only up to ${MAX_INT64} (rule ${rule + 1})`,
        'install the profile as a file on the nodes, type Localhost',
      );
    }
  }
}

function takesErrno(action: string): boolean {
  return ['errno', 'trace'].includes(actionByOciAction(action)?.kind ?? '');
}

function json(
  {
    apiVersion,
    kind,
    metadata,
  }: { readonly apiVersion: string; readonly kind: string; readonly metadata: YamlMap },
  off: YamlMap,
  spec: string,
): string {
  const indented = (value: string): string => value.trimEnd().replaceAll('\n', '\n  ');
  const inner = indented(spec);
  const state = Object.entries(off).map(
    ([key, value]) => `\n    ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  return visibleJson(
    `{\n  "apiVersion": ${JSON.stringify(apiVersion)},\n  "kind": ${JSON.stringify(kind)},\n  "metadata": ${indented(JSON.stringify(metadata, null, 2))},\n  "spec": {${state.join('')}${inner.slice(1)}\n}\n`,
  );
}

function specLines(seccomp: LinuxSeccomp): readonly string[] {
  const { defaultAction, architectures, flags, listenerPath, listenerMetadata, syscalls = [] } = seccomp;
  return [
    `defaultAction: ${text(defaultAction)}`,
    ...listLines('architectures', architectures),
    ...listLines('flags', flags),
    ...(listenerPath === undefined ? [] : [`listenerPath: ${text(listenerPath)}`]),
    ...(listenerMetadata === undefined ? [] : [`listenerMetadata: ${text(listenerMetadata)}`]),
    ...(syscalls.length === 0 ? [] : ['syscalls:', ...syscalls.flatMap(ruleLines)]),
  ];
}

function listLines(key: string, values: readonly string[] | undefined): readonly string[] {
  if (values === undefined) return [];
  return values.length === 0 ? [`${key}: []`] : [`${key}:`, ...values.map((value) => `  - ${text(value)}`)];
}

function ruleLines({ names, action, errnoRet, args = [] }: LinuxSyscall): readonly string[] {
  const [first = '', ...rest] = [
    `action: ${text(action)}`,
    ...(errnoRet === undefined ? [] : [`errnoRet: ${errnoRet}`]),
    ...listLines('names', names),
    ...(args.length === 0 ? [] : ['args:']),
    ...args.flatMap(({ index, value, valueTwo, op }) => [
      `  - index: ${index}`,
      `    value: ${value}`,
      ...(valueTwo === undefined ? [] : [`    valueTwo: ${valueTwo}`]),
      `    op: ${text(op)}`,
    ]),
  ];
  return [`  - ${first}`, ...rest.map((line) => `    ${line}`)];
}

/** Words that YAML 1.1 or 1.2 read as something else than text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i;

/** A text as YAML; if it is not a simple word, it is written as in JSON, which YAML 1.2 contains. */
function text(value: string): string {
  return /^[A-Za-z_/][\w./-]*$/.test(value) && !RESERVED.test(value)
    ? value
    : visibleJson(JSON.stringify(value));
}
