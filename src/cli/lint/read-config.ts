/**
 * Reads a configuration file.
 *
 * schemas/lint-config.schema.json is the form for editors; a test holds the two against each other.
 * @module
 */
import { dirname, relative, resolve } from 'node:path';
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { findArchitecture } from '../../abi/find-architecture.ts';
import { type Engine, engines } from '../../consumers.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Level } from '../../lint/engine/finding.ts';
import { type OwnRule, settingsOf } from '../../lint/engine/own-rule.ts';
import { type Preset, presets } from '../../lint/engine/presets.ts';
import { allRules } from '../../lint/engine/registry.ts';
import {
  booleanOf,
  complain,
  jsonOf,
  listOf,
  membersOf,
  missingKey,
  outOfRange,
  type Reader,
  stringOf,
} from '../../oci/config-values.ts';
import { type KernelVersion, parseKernelVersion } from '../../oci/host.ts';
import type { Located } from '../../oci/object-view.ts';
import { readDocument } from '../../oci/read-json.ts';
import { isFolder } from '../../pipeline/files.ts';
import { noHint, readInput } from '../../pipeline/read-input.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { Config, HostChoice, Kernels, Settings } from './config-form.ts';
import { compileIgnored, compilePattern, type PathPattern } from './path-pattern.ts';
import { type LoadedRules, loadRuleModules } from './rule-modules.ts';

const NODE_KEYS = ['profilesDir', 'seccompDefault'] as const;
const SETTINGS_KEYS = ['preset', 'rules', 'hosts', 'runtimes', 'engine', 'kernels', ...NODE_KEYS] as const;
const CONFIG_KEYS = ['$schema', 'plugins', ...SETTINGS_KEYS, 'ignore', 'overrides'] as const;
const LEVELS = ['error', 'warn', 'note', 'off'] as const satisfies readonly Level[];

/**
 * Reads a configuration, and imports the modules that it names.
 *
 * @param isNamed - whether the user named it: its modules are then imported wherever it is
 * @throws OciSeccompError `ERR_USAGE` with every problem in `details.problems`; `ERR_IO`
 */
export async function readConfig(path: string, { isNamed = false } = {}): Promise<Config> {
  const name = relative('.', path) || path;
  const { document, problems } = readDocument(readInput(path, undefined, noHint), { name });
  const reader: Reader = {
    file: name,
    text: document?.text ?? '',
    problems: problems.filter(({ severity }) => severity === 'error'),
  };
  const config =
    document === undefined || reader.problems.length > 0
      ? undefined
      : await toConfig(reader, { node: document.root, pointer: '' }, { path, isNamed });
  if (config !== undefined && reader.problems.length === 0) return config;
  throw new OciSeccompError('ERR_USAGE', `the configuration ${name} cannot be used`, {
    hint: 'docs/lint.md describes its form, and schemas/lint-config.schema.json for editors',
    details: { problems: reader.problems.sort((a, b) => a.line - b.line || a.column - b.column) },
  });
}

async function toConfig(
  reader: Reader,
  root: Located,
  { path, isNamed }: { readonly path: string; readonly isNamed: boolean },
): Promise<Config> {
  const members = membersOf(reader, root, CONFIG_KEYS);
  const modules = listOf(reader, members.get('plugins'), (each) => each) ?? [];
  const own = await loadRuleModules(reader, modules, path, isNamed);
  const overrides = listOf(reader, members.get('overrides'), (element) => {
    const members = membersOf(reader, element, ['files', ...SETTINGS_KEYS]);
    if (!members.has('files') && element.node.kind === 'object') {
      missingKey(reader, element, 'an override needs "files", a list of patterns');
    }
    return { files: patternsOf(reader, members.get('files')), ...settingsFrom(reader, members, own, path) };
  });
  return {
    path,
    own,
    ...settingsFrom(reader, members, own, path),
    ignore: patternsOf(reader, members.get('ignore'), compileIgnored),
    overrides: overrides ?? [],
  };
}

function patternsOf(
  reader: Reader,
  value: Located | undefined,
  compile: (pattern: string) => PathPattern = compilePattern,
): readonly PathPattern[] {
  return (listOf(reader, value, (each) => stringOf(reader, each)) ?? []).map((each) => compile(each));
}

function settingsFrom(
  reader: Reader,
  members: ReadonlyMap<string, Located>,
  { rules: own }: LoadedRules,
  path: string,
): Settings {
  const rules = members.get('rules');
  const hosts = listOf(reader, members.get('hosts'), (each) => hostOf(reader, each));
  const runtimes = listOf(reader, members.get('runtimes'), (each) => runtimeOf(reader, each));
  const engine = stringOf<Engine>(reader, members.get('engine'), engines);
  const preset = stringOf<Preset>(reader, members.get('preset'), presets);
  const kernels = members.has('kernels') ? kernelsOf(reader, members.get('kernels')) : undefined;
  const profilesDir = folderOf(reader, members.get('profilesDir'), path);
  const seccompDefault = booleanOf(reader, members.get('seccompDefault'));
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(rules === undefined ? {} : rulesFrom(reader, rules, own)),
    ...(hosts === undefined || hosts.length === 0 ? {} : { hosts }),
    ...(runtimes === undefined || runtimes.length === 0 ? {} : { runtimes }),
    ...(engine === undefined ? {} : { engine }),
    ...(kernels === undefined ? {} : { kernels }),
    ...(profilesDir === undefined ? {} : { profilesDir }),
    ...(seccompDefault === undefined ? {} : { seccompDefault }),
  };
}

/** A folder, relative to that of the configuration. */
function folderOf(reader: Reader, value: Located | undefined, path: string): string | undefined {
  const written = stringOf(reader, value);
  if (value === undefined || written === undefined) return undefined;
  const asked = relative('.', resolve(dirname(path), written)) || '.';
  if (isFolder(asked)) return asked;
  const hint = "it is the nodes' /var/lib/kubelet/seccomp, or a copy of it";
  return outOfRange(reader, value, `there is no folder ${asked}`, hint);
}

/** Levels by rule id; a rule of a module may have settings beside its level: `["error", settings]`. */
function rulesFrom(
  reader: Reader,
  value: Located,
  own: readonly OwnRule[],
): Required<Pick<Settings, 'rules' | 'ruleSettings'>> {
  const rules: Record<string, Level> = {};
  const ruleSettings: Record<string, unknown> = {};
  const ids = [...allRules, ...own].map(({ id }) => id);
  for (const [id, each] of membersOf(reader, value, ids, 'rule')) {
    const parts = each.node.kind === 'array' ? listOf(reader, each, (element) => element) : [each];
    const [first = each, second, ...rest] = parts ?? [];
    if (each.node.kind === 'array' && (second === undefined || rest.length > 0)) {
      const message = 'expected a level, or a list of a level and settings';
      complain(reader, { code: 'wrong-type', at: each.node.start, pointer: each.pointer, message });
      continue;
    }
    const level = stringOf<Level>(reader, first, LEVELS);
    if (level !== undefined) rules[id] = level;
    if (second === undefined) continue;
    const given = jsonOf(reader, second);
    const rule = own.find((each) => each.id === id) ?? { id };
    if (takesSettings(reader, second, rule, given)) ruleSettings[id] = given;
  }
  return { rules, ruleSettings };
}

/** Whether a rule takes its settings. If not, notes the rule's error at their place. */
function takesSettings(
  reader: Reader,
  value: Located,
  rule: Parameters<typeof settingsOf>[0],
  given: unknown,
): boolean {
  try {
    settingsOf(rule, given);
    return true;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    outOfRange(reader, value, error.message, error.hint);
    return false;
  }
}

function hostOf(reader: Reader, value: Located): HostChoice | undefined {
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

function kernelOf(reader: Reader, value: Located | undefined): KernelVersion | undefined {
  const text = stringOf(reader, value);
  if (value === undefined || text === undefined) return undefined;
  const version = parseKernelVersion(text);
  if (version !== undefined) return version;
  return outOfRange(reader, value, `"${text}" is not a kernel release`, 'write it as "6.1"');
}

function kernelsOf(reader: Reader, value: Located | undefined): Kernels | undefined {
  if (value === undefined) return undefined;
  const members = membersOf(reader, value, ['oldest', 'newest']);
  const oldest = kernelOf(reader, members.get('oldest'));
  const newest = kernelOf(reader, members.get('newest'));
  if (oldest !== undefined && newest !== undefined) return { oldest, newest };
  if (reader.problems.length > 0) return undefined;
  return missingKey(reader, value, 'kernels needs "oldest" and "newest"');
}

function runtimeOf(reader: Reader, value: Located): string | undefined {
  const spelling = stringOf(reader, value);
  if (spelling === undefined) return undefined;
  try {
    parseRuntime(spelling);
    return spelling;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return outOfRange(reader, value, error.message, error.hint);
  }
}
