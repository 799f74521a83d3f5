/**
 * Which findings make the exit code 1: those of the level of `--fail-on`, and graver ones.
 * @module
 */
import type { Finding } from '../../lint/engine/finding.ts';
import type { Totals } from './file-report.ts';

export type FailOn = 'error' | 'warning' | 'note' | 'never';

/** Whether a finding fails the run. */
export type Fails = (finding: Pick<Finding, 'level'>) => boolean;

/** Levels, the gravest first, by the word that `--fail-on` has for them. */
const order = { error: 'error', warning: 'warn', note: 'note' } as const satisfies Record<
  Exclude<FailOn, 'never'>,
  Finding['level']
>;

/** The levels that fail a run. */
export function failingLevels(failOn: FailOn): readonly Finding['level'][] {
  if (failOn === 'never') return [];
  const levels = Object.values(order);
  return levels.slice(0, levels.indexOf(order[failOn]) + 1);
}

/** How many findings fail a run. */
export function countFailing({ errors, warnings, notes }: Totals, failOn: FailOn): number {
  const counts = { error: errors, warn: warnings, note: notes };
  return failingLevels(failOn).reduce((sum, level) => sum + counts[level], 0);
}
