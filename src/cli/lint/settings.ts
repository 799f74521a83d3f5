/**
 * From a configuration and options to the options of lint's library. Command-line options override the configuration.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { formatKernel } from '../../abi/kernel-version.ts';
import { measuredRuntimes } from '../../consumers.ts';
import { OciSeccompError } from '../../errors.ts';
import type { LintCompiler } from '../../lint/ask/host-view.ts';
import type { Level } from '../../lint/engine/finding.ts';
import type { LintOptions } from '../../lint/engine/lint-profile.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { DialectName } from '../../oci/dialect-rows.ts';
import { type Host, parseKernelVersion } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { NodeOptions } from '../answers/node-facts.ts';
import { parseArch, parseCapability } from '../operands/host-options.ts';
import type { HostChoice, Kernels, Settings } from './config-form.ts';
import type { SettingsOptions } from './lint-options.ts';

/** The options of a run, checked. */
export interface Choices extends Settings {
  readonly dialect?: DialectName;
  readonly arch?: readonly string[];
  readonly caps?: CapabilitySet;
  readonly added: readonly string[];
  /** Whether findings that the default has too are shown, for a copy of a default. */
  readonly inherited?: true;
  /** Whatever the profile says about it. */
  readonly noNewPrivileges?: true;
  /** The nodes that pods run on. */
  readonly nodes?: NodeOptions;
}

const LEVELS: Readonly<Record<string, Level>> = {
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  note: 'note',
  off: 'off',
};
/** @throws OciSeccompError `ERR_USAGE` */
export function readChoices(options: SettingsOptions): Choices {
  const { dialect, engine, caps, preset } = options;
  const archs = parseArchs(options.arch);
  const runtimes = parseRuntimes(options.runtime);
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(engine === undefined ? {} : { engine }),
    ...(caps === undefined ? {} : { caps }),
    ...(archs === undefined ? {} : { arch: archs }),
    ...(runtimes === undefined ? {} : { runtimes }),
    ...(options.kernelRange === undefined ? {} : { kernels: parseKernelRange(options.kernelRange) }),
    ...(options.noNewPrivileges === true ? { noNewPrivileges: true } : {}),
    ...(options.inherited === true ? { inherited: true } : {}),
    added: (options.cap ?? []).map(parseCapability),
    rules: Object.fromEntries((options.rule ?? []).map(parseRuleLevel)),
  };
}

/** The values of `--arch`: each a spelling, a list of them, or `all`. @throws OciSeccompError `ERR_USAGE` */
export function parseArchs(lists: readonly string[] | undefined): readonly ArchName[] | undefined {
  const words = lists?.flatMap((list) => list.split(',')).filter((each) => each !== '');
  const archs = words?.flatMap((each) =>
    each === 'all' ? allArchitectures.map(({ name }) => name) : [parseArch(each)],
  );
  return archs === undefined ? undefined : [...new Set(archs)];
}

/** The values of `--runtime`: each a runtime, a list of them, or `all`. @throws OciSeccompError `ERR_USAGE` */
export function parseRuntimes(lists: readonly string[] | undefined): readonly string[] | undefined {
  const runtimes = lists
    ?.flatMap((list) => list.split(','))
    .flatMap((each): readonly string[] => (each === 'all' ? measuredRuntimes : [each]));
  for (const each of runtimes ?? []) parseRuntime(each);
  return runtimes === undefined ? undefined : [...new Set(runtimes)];
}

function parseRuleLevel(text: string): readonly [string, Level] {
  const [, id = '', word = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  const level = LEVELS[word];
  if (level !== undefined) return [id, level];
  throw new OciSeccompError('ERR_USAGE', `--rule takes RULE=LEVEL, not '${text}'`, {
    hint: 'levels are error, warn, note and off: --rule shadowed-rule=off',
  });
}

function parseKernelRange(text: string): Kernels {
  const [first = '', last = first] = text.split('..');
  const oldest = parseKernelVersion(first);
  const newest = parseKernelVersion(last);
  if (oldest !== undefined && newest !== undefined && !isNewer(oldest, newest)) return { oldest, newest };
  throw new OciSeccompError('ERR_USAGE', `--kernel-range takes OLDEST..NEWEST, not '${text}'`, {
    hint: `for instance 5.4..${formatKernel(NEWEST_KERNEL)}, or 6.1 for one kernel`,
  });
}

function isNewer(a: Kernels['oldest'], b: Kernels['oldest']): boolean {
  return a.kernel !== b.kernel ? a.kernel > b.kernel : a.major > b.major;
}

/** What each profile is linted with, besides its settings. */
interface Equipment {
  readonly compilers: readonly LintCompiler[];
  /** Rules of modules. */
  readonly rules: readonly OwnRule[];
}

/** The options for one profile. */
export function lintOptionsFor(
  name: string,
  profile: Profile | undefined,
  settings: Settings,
  choices: Choices,
  { compilers, rules }: Equipment,
): LintOptions {
  const { dialect } = choices;
  const engine = choices.engine ?? settings.engine;
  const preset = choices.preset ?? settings.preset;
  const runtimes = choices.runtimes ?? settings.runtimes;
  const kernels = choices.kernels ?? settings.kernels;
  return {
    name,
    levels: { ...settings.rules, ...choices.rules },
    hosts: hostsFor(profile, settings, choices, kernels),
    compilers,
    rules,
    preset,
    settings: settings.ruleSettings,
    dialect,
    engine,
    runtimes,
    kernels,
    noNewPrivileges: choices.noNewPrivileges,
    // A user who names a built-in profile wants its findings.
    inherited: choices.inherited === true || namesBuiltin(name) ? 'among' : 'apart',
  };
}

function hostsFor(
  profile: Profile | undefined,
  settings: Settings,
  choices: Choices,
  kernels: Kernels | undefined,
): readonly Host[] {
  const chosen: readonly HostChoice[] = choices.arch?.map((arch) => ({ arch })) ??
    settings.hosts ?? [{ arch: 'x86_64' }];
  return chosen.flatMap(({ arch, caps, kernel }) => {
    const host = { arch: parseArch(arch), capabilities: capabilitiesFor(profile, choices, caps) };
    if (kernel !== undefined && choices.kernels === undefined) return [{ ...host, kernel }];
    const newest = { ...host, kernel: kernels?.newest ?? NEWEST_KERNEL };
    // Only conditions on the kernel make a difference between the oldest and the newest.
    if (kernels === undefined || !isNewer(kernels.newest, kernels.oldest) || !asksKernel(profile))
      return [newest];
    return [newest, { ...host, kernel: kernels.oldest }];
  });
}

function asksKernel(profile: Profile | undefined): boolean {
  return (
    profile?.rules.some(
      ({ includes, excludes }) => includes?.minKernel !== undefined || excludes?.minKernel !== undefined,
    ) === true
  );
}

function capabilitiesFor(
  profile: Profile | undefined,
  { caps: asked, added }: Choices,
  configured: CapabilitySet | undefined,
): readonly string[] | undefined {
  const set = asked ?? configured;
  const container = set === undefined ? profile?.container : undefined;
  const base = container === undefined ? capabilitySets[set ?? 'docker'] : container.capabilities;
  if (base === undefined && added.length === 0) return undefined;
  return [...new Set([...(base ?? []), ...added])];
}
