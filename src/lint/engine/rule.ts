/**
 * What a rule is: a file of rules/, a line in registry.ts, cases in test/lint/cases/, a page in docs/rules/.
 * @module
 */

import type { Level } from './finding.ts';
import type { LintContext } from './rule-context.ts';

/**
 * What a rule is about:
 *
 * - `meaning`: the profile is not what its author thinks
 * - `openness`: it lets more through than meant
 * - `breakage`: it breaks programs
 * - `form`: it is written in a way that is wrong, fragile or hard to read
 */
export type RuleGroup = 'meaning' | 'openness' | 'breakage' | 'form';

/** A rule as the engine runs it. */
export interface LintRule {
  /** Kebab-case; the name of its files too. Rules of your own have a namespace before it: `acme/no-vsock`. */
  readonly id: string;
  /** What is wrong with a profile that it finds fault with. */
  readonly group: RuleGroup;
  /** Unless a configuration says otherwise. */
  readonly level: Level;
  /** One line without a full stop, for lists. */
  readonly title: string;
  /** Whether some of its findings carry a fix. */
  readonly fixable: boolean;
  /**
   * It asks what a filter means, whoever built it; others ask of what libseccomp and Linux make of the rules, and do not see
   * gVisor.
   */
  readonly seesGvisor?: true;
  /** Whether someone else than this package wrote it. */
  readonly own?: boolean;
  /** Its page, Markdown, if it comes with the rule; those of built-in rules are files of docs/rules. */
  readonly help?: string;
  /** Looks at a profile and reports. Must not throw, whatever the profile. */
  readonly check: (context: LintContext) => void;
}

/** Makes a built-in rule; `fixable` is false unless given. */
export function builtinRule(rule: Omit<LintRule, 'fixable'> & { readonly fixable?: boolean }): LintRule {
  return { fixable: false, ...rule };
}
