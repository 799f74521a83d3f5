/**
 * The form of a rule's cases: profiles it must flag, with the places, and profiles it must leave alone.
 */
import type { Finding } from '../../src/lint/engine/finding.ts';
import type { LintOptions } from '../../src/lint/engine/lint-profile.ts';

interface Case {
  /** What the case is about; part of the test's name. */
  readonly name: string;
  /** The profile's text; leading indentation counts for the places. */
  readonly text: string;
  readonly options?: LintOptions;
}

export interface FlaggedCase extends Case {
  /** `line:column` of each finding, in order. */
  readonly at: readonly string[];
  /** The messages, in the same order; a pattern is enough. */
  readonly messages?: readonly RegExp[];
  /** The levels that they have unless someone sets them, in the same order. */
  readonly levels?: readonly Finding['level'][];
  /** The hints, in the same order. */
  readonly hints?: readonly RegExp[];
  /** The calls that are shown, in the same order: `x86_64 read(3): ALLOW instead of ERRNO EPERM (1)`. */
  readonly witnesses?: readonly string[];
}

export interface RuleCases {
  readonly flagged: readonly [FlaggedCase, ...FlaggedCase[]];
  readonly clean: readonly [Case, ...Case[]];
}
