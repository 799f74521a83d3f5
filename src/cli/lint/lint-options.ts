/**
 * The options of `lint`.
 * @module
 */
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { formatKernel } from '../../abi/kernel-version.ts';
import type { Preset } from '../../lint/engine/presets.ts';
import type { OptionRow, OptionRows, OptionsOf } from '../define/command-definition.ts';
import {
  cap,
  caps,
  color,
  dialect,
  engine,
  formatOptions,
  library,
  namesOf,
  nodeOptions,
  output,
  quiet,
} from '../define/shared-options.ts';
import type { FailOn } from './failing-level.ts';
import type { Format } from './formats.ts';

export const noConfig = {
  help: 'use no configuration file',
  conflicts: ['config'],
} as const satisfies OptionRow;

const PURPOSE = 'What the profiles are for:';

/** The options that say what is looked at, and how. */
const settingsOptions = {
  inherited: {
    help: 'for a copy of a default profile of an engine: also show and count the findings that the default itself has',
  },
  preset: {
    value: 'preset',
    help: 'levels of all rules: recommended, strict (every rule, one level graver) or kubernetes (what a cluster cannot do is an error; runc and crun)',
    choices: namesOf<Preset>({ recommended: true, strict: true, kubernetes: true }),
  },
  rule: {
    value: 'rule=level',
    help: 'set the level of a rule: error, warn, note or off; repeatable',
    repeatable: true,
    kind: 'rule-level',
  },
  dialect: { ...dialect, heading: PURPOSE },
  engine: { ...engine, help: 'who resolves the profiles (default: by dialect)', heading: PURPOSE },
  arch: {
    short: 'a',
    value: 'arch',
    help: 'architectures of the hosts: repeatable, a list, or all (default: x86_64)',
    repeatable: true,
    heading: PURPOSE,
    kind: 'arch',
  },
  'kernel-range': {
    oldShort: 'k',
    value: 'range',
    help: `oldest and newest kernel of the hosts (default: 4.19..${formatKernel(NEWEST_KERNEL)})`,
    heading: PURPOSE,
  },
  caps: {
    ...caps,
    help: 'capabilities of the containers (default: docker; for a bundle, those that its config.json lists)',
    heading: PURPOSE,
  },
  cap: { ...cap, heading: PURPOSE },
  'no-new-privileges': {
    help: "containers are started with noNewPrivileges, allowPrivilegeEscalation: false (default: a bundle's own, else without)",
    heading: PURPOSE,
  },
  runtime: {
    short: 'r',
    value: 'runtime',
    help: 'runc, crun or another of compile, repeatable; or all (default: runc)',
    repeatable: true,
    heading: PURPOSE,
    kind: 'runtime',
  },
} as const satisfies OptionRows;

export type SettingsOptions = OptionsOf<typeof settingsOptions>;

export const lintOptions = {
  ...formatOptions(
    namesOf<Format>({
      human: true,
      compact: true,
      markdown: true,
      json: true,
      sarif: true,
      github: true,
      gitlab: true,
      junit: true,
      checkstyle: true,
      rdjson: true,
    }),
    'human',
  ),
  output,
  report: {
    value: 'format=file',
    help: 'write this format to this file too, in the same run; repeatable',
    repeatable: true,
  },
  quiet: {
    ...quiet,
    help: 'show findings of level error only, and no summary; the exit code still counts all findings',
  },
  color,
  'fail-on': {
    value: 'level',
    help: 'findings of this level or a graver one make the exit code 1',
    choices: namesOf<FailOn>({ error: true, warning: true, note: true, never: true }),
    default: 'error',
  },
  'max-warnings': { value: 'count', help: 'more warnings than this make the exit code 1' },
  'stdin-filename': {
    value: 'file',
    help: 'what standard input is called in the output; its configuration is found by this name',
  },
  'skip-others': { help: 'pass over JSON and YAML files that hold no profile, also those that you name' },
  jobs: {
    short: 'j',
    value: 'count',
    help: 'number of threads that lint (default: 1); --fix uses one',
  },
  baseline: {
    value: 'file',
    help: 'findings that are in this file fail nothing and are not shown',
    kind: 'file',
  },
  'update-baseline': {
    help: 'write all findings to the baseline; then none is shown, and none fails this run',
  },
  fix: { help: 'apply fixes that keep what the profile means, which is proven' },
  'fix-all': { help: 'apply all fixes, also those that change what the profile means' },
  'fix-dry-run': { help: 'write no profile; print a diff of what the fixes would change' },
  config: {
    value: 'file',
    help: 'use this configuration for all files, and run the rule modules that it names',
    kind: 'file',
  },
  'no-config': noConfig,
  ...settingsOptions,
  'profiles-dir': { ...nodeOptions['profiles-dir'], heading: PURPOSE },
  'seccomp-default': { ...nodeOptions['seccomp-default'], heading: PURPOSE },
  library: { ...library, heading: PURPOSE },
  'no-libseccomp': {
    help: 'compile nothing: rules about what libseccomp does then find nothing',
    heading: PURPOSE,
  },
} as const satisfies OptionRows;

export type LintCommandOptions = OptionsOf<typeof lintOptions>;
