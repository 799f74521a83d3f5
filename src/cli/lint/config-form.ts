/**
 * What a configuration says.
 * @module
 */
import type { CapabilitySet } from '../../abi/capabilities.ts';
import type { Engine } from '../../consumers.ts';
import type { Level } from '../../lint/engine/finding.ts';
import type { Preset } from '../../lint/engine/presets.ts';
import type { KernelVersion } from '../../oci/host.ts';
import type { PathPattern } from './path-pattern.ts';
import type { LoadedRules } from './rule-modules.ts';

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

/** What a configuration can set, for all files or for those of a pattern. */
export interface Settings {
  /** Levels and runtimes, where `rules` and `runtimes` say nothing. */
  readonly preset?: Preset;
  readonly rules?: Readonly<Record<string, Level>>;
  /** Settings of rules by id, as JSON. Only rules of modules take settings. */
  readonly ruleSettings?: Readonly<Record<string, unknown>>;
  readonly hosts?: readonly HostChoice[];
  readonly runtimes?: readonly string[];
  readonly engine?: Engine;
  readonly kernels?: Kernels;
  /** A copy of the kubelet's seccomp folder. */
  readonly profilesDir?: string;
  /** The kubelet's `seccompDefault`. */
  readonly seccompDefault?: boolean;
}

export interface Config extends Settings {
  /** The file. */
  readonly path: string;
  /** The rules of the modules that it names. */
  readonly own: LoadedRules;
  readonly ignore: readonly PathPattern[];
  readonly overrides: readonly (Settings & { readonly files: readonly PathPattern[] })[];
}
