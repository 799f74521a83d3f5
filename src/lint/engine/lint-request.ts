/**
 * What lint is asked about profiles, and what it answers.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { isCapabilityName } from '../../abi/capabilities.ts';
import { isKernelVersion, isOlderKernel } from '../../abi/kernel-version.ts';
import {
  atLeastOne,
  copyData,
  data,
  flag,
  list,
  listOf,
  type OptionKind,
  type OptionKinds,
  oneOf,
  someTexts,
} from '../../abi/take-options.ts';
import type { Engine } from '../../consumers.ts';
import type { DialectName } from '../../oci/dialect-rows.ts';
import type { Host, KernelVersion } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import type { NodeFacts } from '../../oci/read-workloads.ts';
import { engineKind, readingKinds, workloadsKind } from '../../oci/reading-kinds.ts';
import type { LintCompiler } from '../ask/host-view.ts';
import type { Finding, InheritedFinding, Level } from './finding.ts';
import type { OwnRule } from './own-rule.ts';
import { levels, type Preset, presets } from './presets.ts';

/** What profiles are linted for, and how. */
export interface LintOptions {
  /** What to call the text in findings. */
  readonly name?: string | undefined;
  /** The dialect that the text is read in; default: told from the content. */
  readonly dialect?: DialectName | undefined;
  /** Default: x86_64 with Docker's capabilities and the newest kernel of `kernels`. */
  readonly hosts?: readonly Host[] | undefined;
  /** `runc`, `crun`, as `lowerProfile` takes them; default `runc`. */
  readonly runtimes?: readonly string[] | undefined;
  /** Who resolves the profiles; default: the engine that reads their dialect. */
  readonly engine?: Engine | undefined;
  /** Whether containers are started with noNewPrivileges; default: as a bundle says, else no, as engines do it. */
  readonly noNewPrivileges?: boolean | undefined;
  /** Default: 4.19 to the newest kernel that the tables know. */
  readonly kernels?: { readonly oldest: KernelVersion; readonly newest: KernelVersion } | undefined;
  /** Levels of all rules, and the runtimes, unless `levels` and `runtimes` say otherwise; default: `recommended`. */
  readonly preset?: Preset | undefined;
  /** Levels by rule id; unnamed rules keep theirs. */
  readonly levels?: Readonly<Record<string, Level>> | undefined;
  /** Rules of your own, run after the built-in ones; `defineRule` makes one. */
  readonly rules?: readonly OwnRule[] | undefined;
  /** Settings of your own rules by id: JSON, which each rule reads itself. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** For rules that look at what libseccomp makes of the profile; none: these rules say nothing. */
  readonly compilers?: readonly LintCompiler[] | undefined;
  /**
   * What becomes of findings that a copy of an engine's default has from that default: `apart`, in a list of their own, or
   * `among` the others; default `apart`.
   */
  readonly inherited?: 'apart' | 'among' | undefined;
  /** For `lintProfiles`: look at pods, and at what makes pods, too, for nodes of this kind; default: they are passed over. */
  readonly workloads?: NodeFacts | undefined;
}

const capabilityNames = listOf('a list of capabilities', isCapabilityName);
const hostsKind: OptionKind = listOf(
  "a list of hosts, each {arch, kernel: {kernel, major}, capabilities: ['CAP_…']}",
  (each) => {
    const { arch, kernel, capabilities }: Partial<Host> = Object(each);
    const isArch = typeof arch === 'string' && Object.hasOwn(architectures, arch);
    const areNames = capabilities === undefined || capabilityNames.holds(capabilities);
    return isArch && isKernelVersion(kernel) && areNames;
  },
);

const kernelsKind: OptionKind = {
  words: 'two kernels, {oldest: {kernel, major}, newest: {kernel, major}}, in this order',
  copy: copyData,
  holds: (value) => {
    const { oldest, newest }: Partial<NonNullable<LintOptions['kernels']>> = Object(value);
    return isKernelVersion(oldest) && isKernelVersion(newest) && !isOlderKernel(newest, oldest);
  },
};

const level = oneOf(levels);
const levelsKind: OptionKind = {
  ...data,
  words: `an object of levels by rule id, each ${level.words}`,
  holds: (value) => data.holds(value) && Object.values(value as object).every(level.holds),
};

const compilersKind: OptionKind = listOf('a list of compilers, each {name, compile}', (each) => {
  const { name, compile, concerns }: Partial<LintCompiler> = Object(each);
  const isAsked = concerns === undefined || typeof concerns === 'function';
  return typeof name === 'string' && typeof compile === 'function' && isAsked;
});

/** The kinds of {@link LintOptions}. */
export const lintKinds: OptionKinds<LintOptions> = {
  ...{ ...readingKinds, runtimes: someTexts, engine: engineKind },
  hosts: { ...atLeastOne(hostsKind), copy: copyData },
  ...{ noNewPrivileges: flag, kernels: kernelsKind, preset: oneOf(presets), levels: levelsKind },
  ...{ rules: list, settings: data },
  ...{ compilers: compilersKind, inherited: oneOf(['apart', 'among']), workloads: workloadsKind },
};

/** What lint found in one profile. */
export interface LintResult {
  /** In document order. */
  readonly findings: readonly Finding[];
  /** Findings that a comment in the profile turned off, with its reason. */
  readonly suppressed: readonly (Finding & { readonly reason: string })[];
  /** Findings that the newest release of the default has too that the profile is a copy of. */
  readonly inherited: readonly InheritedFinding[];
  /** The profile, if it could be read. */
  readonly profile: Profile | undefined;
}
