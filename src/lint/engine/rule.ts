/**
 * What a rule is: a file of rules/, a line in registry.ts, cases in test/lint/cases/, a page in docs/rules/.
 * @module
 */
import type { LintContext } from './context.ts';
import type { Level } from './finding.ts';

/**
 * - `meaning`: the profile is not what its author thinks
 * - `openness`: it lets more through than meant
 * - `breakage`: it breaks programs
 * - `form`: it is written in a way that is wrong, fragile or hard to read
 */
export type RuleGroup = 'meaning' | 'openness' | 'breakage' | 'form';

export interface LintRule {
  /** Kebab-case; the name of its files too. */
  readonly id: string;
  readonly group: RuleGroup;
  /** Unless a configuration says otherwise. */
  readonly level: Level;
  /** One line without a full stop, for lists. */
  readonly title: string;
  /** Whether some of its findings carry a fix. */
  readonly fixable: boolean;
  /** Looks at a profile and reports. Must not throw, whatever the profile. */
  readonly check: (context: LintContext) => void;
}

/** Makes a rule; `fixable` is false unless given. */
export function defineRule(rule: Omit<LintRule, 'fixable'> & { readonly fixable?: boolean }): LintRule {
  return { fixable: false, ...rule };
}
