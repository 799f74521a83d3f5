/**
 * Configuration files: `oci-seccomp.config.json`, the nearest one in the folder of a profile or above it.
 *
 * schemas/lint-config.schema.json is the form for editors; a test holds the two against each other.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { findArchitecture } from '../../abi/architectures.ts';
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Level } from '../../lint/engine/finding.ts';
import { allRules } from '../../lint/engine/registry.ts';
import { type Engine, engines } from '../../oci/consumers.ts';
import { type KernelVersion, parseKernelVersion } from '../../oci/host.ts';
import { readDocument } from '../../oci/read-json.ts';
import { readInput } from '../../pipeline/read-input.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import { complain, listOf, membersOf, type Reader, stringOf, type Value } from './config-values.ts';
import { compilePattern, type PathPattern } from './path-pattern.ts';

export const CONFIG_NAME = 'oci-seccomp.config.json';

/** A host as a configuration or the options describe it. */
export interface HostChoice {
  readonly arch: string;
  readonly caps?: CapabilitySet;
  readonly kernel?: KernelVersion;
}

export interface Kernels {
  readonly oldest: KernelVersion;
  readonly newest: KernelVersion;
}

/** What a configuration can say, about all files or those of a pattern. */
export interface Settings {
  readonly rules?: Readonly<Record<string, Level>>;
  readonly hosts?: readonly HostChoice[];
  readonly runtimes?: readonly string[];
  readonly engine?: Engine;
  readonly kernels?: Kernels;
}

export interface Config extends Settings {
  /** The file. */
  readonly path: string;
  readonly ignore: readonly PathPattern[];
  readonly overrides: readonly (Settings & { readonly files: readonly PathPattern[] })[];
}

const SETTINGS_KEYS = ['rules', 'hosts', 'runtimes', 'engine', 'kernels'] as const;
const CONFIG_KEYS = ['$schema', ...SETTINGS_KEYS, 'ignore', 'overrides'] as const;
const LEVELS = ['error', 'warn', 'note', 'off'] as const satisfies readonly Level[];

/** Finds configurations; each folder and file is looked at once. */
export interface Configs {
  /** The configuration that counts for a file, if there is one. @throws OciSeccompError as {@link readConfig} */
  readonly forFile: (file: string) => Config | undefined;
}

export function createConfigs(): Configs {
  const byFolder = new Map<string, Config | undefined>();
  const forFolder = (folder: string): Config | undefined => {
    if (byFolder.has(folder)) return byFolder.get(folder);
    const path = join(folder, CONFIG_NAME);
    const parent = dirname(folder);
    const found = existsSync(path) ? readConfig(path) : parent === folder ? undefined : forFolder(parent);
    byFolder.set(folder, found);
    return found;
  };
  return { forFile: (file) => forFolder(dirname(resolve(file))) };
}

/**
 * Reads a configuration.
 *
 * @throws OciSeccompError `ERR_USAGE` with every problem in `details.problems`; `ERR_IO`
 */
export function readConfig(path: string): Config {
  const name = relative('.', path) || path;
  const { document, problems } = readDocument(readInput(path), { name });
  const reader: Reader = { file: name, problems: problems.filter(({ severity }) => severity === 'error') };
  const config =
    document === undefined ? undefined : toConfig(reader, { node: document.root, pointer: '' }, path);
  if (config !== undefined && reader.problems.length === 0) return config;
  throw new OciSeccompError('ERR_USAGE', `the configuration ${name} cannot be used`, {
    hint: 'docs/lint.md describes its form, and schemas/lint-config.schema.json for editors',
    details: { problems: reader.problems.sort((a, b) => a.line - b.line || a.column - b.column) },
  });
}

function toConfig(reader: Reader, root: Value, path: string): Config {
  const members = membersOf(reader, root, CONFIG_KEYS);
  const overrides = listOf(reader, members.get('overrides'), (element) => {
    const own = membersOf(reader, element, ['files', ...SETTINGS_KEYS]);
    if (!own.has('files') && element.node.kind === 'object') {
      const { start } = element.node;
      const message = 'an override needs "files", a list of patterns';
      complain(reader, { code: 'missing-key', at: start, pointer: element.pointer, message });
    }
    return { files: patternsOf(reader, own.get('files')), ...settingsOf(reader, own) };
  });
  return {
    path,
    ...settingsOf(reader, members),
    ignore: patternsOf(reader, members.get('ignore')),
    overrides: overrides ?? [],
  };
}

function patternsOf(reader: Reader, value: Value | undefined): readonly PathPattern[] {
  return (listOf(reader, value, (each) => stringOf(reader, each)) ?? []).map(compilePattern);
}

function settingsOf(reader: Reader, members: ReadonlyMap<string, Value>): Settings {
  const rules = members.has('rules') ? levelsOf(reader, members.get('rules')) : undefined;
  const hosts = listOf(reader, members.get('hosts'), (each) => hostOf(reader, each));
  const runtimes = listOf(reader, members.get('runtimes'), (each) => runtimeOf(reader, each));
  const engine = stringOf<Engine>(reader, members.get('engine'), engines);
  const kernels = members.has('kernels') ? kernelsOf(reader, members.get('kernels')) : undefined;
  return {
    ...(rules === undefined ? {} : { rules }),
    ...(hosts === undefined || hosts.length === 0 ? {} : { hosts }),
    ...(runtimes === undefined || runtimes.length === 0 ? {} : { runtimes }),
    ...(engine === undefined ? {} : { engine }),
    ...(kernels === undefined ? {} : { kernels }),
  };
}

function levelsOf(reader: Reader, value: Value | undefined): Readonly<Record<string, Level>> | undefined {
  if (value === undefined) return undefined;
  const ids = allRules.map(({ id }) => id);
  const levels: Record<string, Level> = {};
  for (const [id, each] of membersOf(reader, value, ids, 'rule')) {
    const level = stringOf<Level>(reader, each, LEVELS);
    if (level !== undefined) levels[id] = level;
  }
  return levels;
}

function hostOf(reader: Reader, value: Value): HostChoice | undefined {
  const members = membersOf(reader, value, ['arch', 'caps', 'kernel']);
  const spelling = members.get('arch');
  const arch = stringOf(reader, spelling);
  const row = arch === undefined ? undefined : findArchitecture(arch);
  if (arch !== undefined && row === undefined && spelling !== undefined) {
    const message = `there is no architecture "${arch}"`;
    complain(reader, {
      code: 'unknown-architecture',
      at: spelling.node.start,
      pointer: spelling.pointer,
      message,
    });
  }
  const caps = stringOf(reader, members.get('caps'), Object.keys(capabilitySets) as CapabilitySet[]);
  const kernel = kernelOf(reader, members.get('kernel'));
  return {
    arch: row?.name ?? 'x86_64',
    ...(caps === undefined ? {} : { caps }),
    ...(kernel === undefined ? {} : { kernel }),
  };
}

function kernelOf(reader: Reader, value: Value | undefined): KernelVersion | undefined {
  const text = stringOf(reader, value);
  if (value === undefined || text === undefined) return undefined;
  const version = parseKernelVersion(text);
  if (version !== undefined) return version;
  return complain(reader, {
    code: 'value-out-of-range',
    at: value.node.start,
    pointer: value.pointer,
    message: `"${text}" is not a kernel release`,
    hint: 'write it as "6.1"',
  });
}

function kernelsOf(reader: Reader, value: Value | undefined): Kernels | undefined {
  if (value === undefined) return undefined;
  const members = membersOf(reader, value, ['oldest', 'newest']);
  const oldest = kernelOf(reader, members.get('oldest'));
  const newest = kernelOf(reader, members.get('newest'));
  if (oldest !== undefined && newest !== undefined) return { oldest, newest };
  if (reader.problems.length > 0) return undefined;
  const { node, pointer } = value;
  return complain(reader, {
    code: 'missing-key',
    at: node.start,
    pointer,
    message: 'kernels needs "oldest" and "newest"',
  });
}

function runtimeOf(reader: Reader, value: Value): string | undefined {
  const spelling = stringOf(reader, value);
  if (spelling === undefined) return undefined;
  try {
    parseRuntime(spelling);
    return spelling;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const { message, hint } = error;
    return complain(reader, {
      code: 'value-out-of-range',
      at: value.node.start,
      pointer: value.pointer,
      message,
      hint,
    });
  }
}

/** What counts for a file: the configuration, then each override that is about it, later ones over earlier ones. */
export function settingsFor(config: Config | undefined, file: string): Settings {
  if (config === undefined) return {};
  const path = pathBelow(config, file);
  let settings: Settings = config;
  for (const { files, ...own } of config.overrides) {
    if (!files.some((pattern) => pattern(path))) continue;
    settings = Object.assign({}, settings, own, { rules: Object.assign({}, settings.rules, own.rules) });
  }
  return settings;
}

/** Whether the configuration leaves the file out of searches. */
export function isIgnored(config: Config | undefined, file: string): boolean {
  return config?.ignore.some((pattern) => pattern(pathBelow(config, file))) ?? false;
}

function pathBelow({ path }: Config, file: string): string {
  return relative(dirname(path), resolve(file)).replaceAll('\\', '/');
}
