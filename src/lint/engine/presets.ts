/**
 * Levels of all rules at once, by a name.
 * @module
 */
import type { Level } from './finding.ts';
import type { LintRule } from './rule.ts';

/**
 * - `recommended`: each rule at its own level
 * - `strict`: every rule runs, each one level graver: for profiles whose authors want to justify each exception
 * - `kubernetes`: what a cluster refuses or cannot do is an error, and nodes may have runc or crun
 */
export type Preset = 'recommended' | 'strict' | 'kubernetes';

type Leveled = Pick<LintRule, 'id' | 'level'>;

interface PresetRow {
  readonly levelOf: (rule: Leveled) => Level;
  /** The runtimes that profiles are for, unless others are named. */
  readonly runtimes?: readonly string[];
}

/** What a level can be. */
export const levels = ['error', 'warn', 'note', 'off'] as const satisfies readonly Level[];

const graver: Readonly<Record<Level, Level>> = { off: 'warn', note: 'warn', warn: 'error', error: 'error' };

/** Rules whose level is different in a cluster, each with the reason. */
const inClusters: Readonly<Record<string, Level>> = {
  // Pod Security Standards refuse pods that run unconfined, and such a profile confines nearly nothing.
  'default-allow': 'error',
  'workload-unconfined': 'error',
  // The API server tells keys apart by letter case. Go's readers of files do not.
  'key-case': 'error',
  // A kubelet has no supervisor to answer notifications, and no tracer.
  'notify-toctou': 'error',
  'notify-continue-security': 'error',
  'trace-without-tracer': 'error',
  // Nodes have several architectures, and images 32-bit programs.
  'no-architectures': 'warn',
};

const rows = {
  recommended: { levelOf: ({ level }) => level },
  strict: { levelOf: ({ level }) => graver[level] },
  kubernetes: { levelOf: ({ id, level }) => inClusters[id] ?? level, runtimes: ['runc', 'crun'] },
} as const satisfies Record<Preset, PresetRow>;

/** The names of the presets. */
export const presets = Object.keys(rows) as readonly Preset[];

/** The levels of rules that a preset changes. */
export function presetLevels(
  preset: Preset | undefined,
  rules: readonly Leveled[],
): Readonly<Record<string, Level>> {
  if (preset === undefined) return {};
  const { levelOf } = rows[preset];
  // A level that is set overrides the ones that rules give to some of their findings, so only others are set.
  return Object.fromEntries(
    rules.flatMap((rule) => (levelOf(rule) === rule.level ? [] : [[rule.id, levelOf(rule)]])),
  );
}

/** The runtimes that a preset is about, if it is about some. */
export function presetRuntimes(preset: Preset | undefined): readonly string[] | undefined {
  if (preset === undefined) return undefined;
  const { runtimes }: PresetRow = rows[preset];
  return runtimes;
}
