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
  /** The level of its findings, unless a configuration or a report sets another. */
  readonly level: Level;
  /** One line without a full stop, for lists. */
  readonly title: string;
  /** Whether some of its findings carry a fix. */
  readonly fixable: boolean;
  /**
   * Whether it also gets views of gVisor. Such a rule asks what the filter means, whoever built it. Other rules ask what libseccomp
   * and Linux make of the profile.
   */
  readonly seesGvisor?: true;
  /** Whether it is a rule of the user's own. */
  readonly own?: boolean;
  /** Its page in Markdown, if the rule brings one. Pages of built-in rules are in docs/rules. */
  readonly help?: string;
  /** Looks at a profile and reports. Must not throw, whatever the profile. */
  readonly check: (context: LintContext) => void;
}

type BuiltinRule = Omit<LintRule, 'fixable' | 'own' | 'help'> & { readonly fixable?: boolean };

/** Makes a built-in rule; `fixable` is false unless given. */
export function builtinRule(given: BuiltinRule): LintRule {
  // Key by key, for 71 rules at each start: V8 takes much longer to copy an object of many keys.
  const { id, group, level, title, fixable = false, seesGvisor, check } = given;
  const rule = { id, group, level, title, fixable, check };
  return seesGvisor === undefined ? rule : { ...rule, seesGvisor };
}
