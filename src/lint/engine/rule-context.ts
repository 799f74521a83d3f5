/**
 * What a rule is given.
 * @module
 */
import type { Document } from '../../oci/document.ts';
import type { KernelVersion } from '../../oci/host.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Dialect, Profile, ProfileRule } from '../../oci/profile.ts';
import type { HostView } from '../ask/host-view.ts';
import type { RuleRedundancy } from '../ask/redundant-names.ts';
import type { Fix, Level, Range, Subject, Witness } from './finding.ts';

/** What a rule reports; the engine adds rule, level and range. */
export interface Report {
  /** JSON pointer of the value (`/syscalls/3/args/0/value`), or of its key with `onKey`; `context.root`: the profile. */
  readonly pointer: string;
  /** The key instead of the value. */
  readonly onKey?: boolean;
  /** Line and column, for a place that no pointer leads to. */
  readonly at?: { readonly line: number; readonly column: number };
  /** What is wrong, one sentence without a full stop. */
  readonly message: string;
  /** What to do, likewise. */
  readonly hint?: string;
  /** The level, if that of the rule does not fit. A level in a configuration overrides both. */
  readonly level?: Exclude<Level, 'off'>;
  /** A call that proves it. */
  readonly witness?: Witness;
  /** Other places that have to do with it, each with a sentence. */
  readonly related?: readonly { readonly pointer: string; readonly message: string }[];
  /** A change of the text that mends it. */
  readonly fix?: Fix;
  /** How the message reads about several subjects; reports of one level, and alike in this, become one finding. */
  readonly about?: Subject;
  /** The view it was found in; reports that agree in all else become one finding. */
  readonly view?: HostView;
}

/** What a rule is given of a profile. */
export interface LintContext {
  /** What the text was called. */
  readonly file: string;
  /** The dialect that the profile was read in. */
  readonly dialect: Dialect;
  /** The profile as its author wrote it. Do not change it. */
  readonly profile: Profile;
  /** The text and its tree; `undefined` for built-ins, whose findings have no place. */
  readonly document: Document | undefined;
  /** What reading found, as severe as it is to those who are asked; rules of form pass these on. */
  readonly problems: readonly Problem[];
  /** At least one, unless seccomp is off or every engine and runtime asked refuses the profile. */
  readonly views: readonly HostView[];
  /** Whether it was said which runtimes take the profile; otherwise the views are of runc, and problems concern every runtime. */
  readonly namesRuntimes: boolean;
  /** The kernels that the profile is for, oldest and newest. */
  readonly kernels: { readonly oldest: KernelVersion; readonly newest: KernelVersion };
  /** JSON pointer of the profile's own object: empty, or `/linux/seccomp` in a bundle. */
  readonly root: string;
  /** JSON pointer of a rule of `profile.rules`. */
  readonly pointerOf: (rule: number | ProfileRule) => string;
  /** Where a pointer leads. */
  readonly rangeOf: (pointer: string, onKey?: boolean) => Range;
  /**
   * Whether a rule runs, at this rule's level or a graver one: what it reports of the same cause need not be said
   * twice.
   */
  readonly runs: (rule: string) => boolean;
  /** What names of rules add nothing, computed when first asked for. */
  readonly redundancies: () => readonly RuleRedundancy[];
  /** Takes a report of the rule. */
  readonly report: (report: Report) => void;
}
