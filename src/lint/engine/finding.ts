/**
 * What lint has to say about a profile, as data.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';

/** How much a finding matters. By default an error fails a run, a warning only if there are too many, and a note never. */
export type Level = 'error' | 'warn' | 'note' | 'off';

/** A stretch of a file. */
export interface Range {
  /** What the text was called. */
  readonly file: string;
  /** From 1; columns in UTF-16 units. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Just past the end. */
  readonly endLine: number;
  /** Just past the end, from 1, in UTF-16 units. */
  readonly endColumn: number;
  /**
   * JSON pointer (RFC 6901). It starts at the document that contains the line. For an item of a list, `lintProfiles` starts it at
   * the item.
   */
  readonly pointer: string;
}

/** A call that proves a finding. */
export interface Witness {
  /** The call. */
  readonly call: SeccompData;
  /** What the profile does with it. */
  readonly verdict: ReturnWord;
  /** If rules contradict each other: the other actions that libseccomp may choose instead. */
  readonly otherwise?: readonly ReturnWord[];
  /** What the author must have meant, if that is known. */
  readonly meant?: ReturnWord;
}

/** A change of the text. */
export interface Edit {
  /** Offsets into the text in UTF-16 units, the end not included. */
  readonly start: number;
  /** The offset just past what is replaced. */
  readonly end: number;
  /** What is put there instead. */
  readonly text: string;
}

/** A change of a profile's text that mends a finding. */
export interface Fix {
  /** One sentence without a full stop: `remove the rule`. */
  readonly description: string;
  /** Whether the profile means something else afterwards. `--fix` applies only fixes that keep the meaning. */
  readonly changesMeaning: boolean;
  /** The changes, which do not overlap. */
  readonly edits: readonly Edit[];
}

/** Another place that has to do with a finding. */
export interface RelatedPlace {
  /** Where it is. */
  readonly range: Range;
  /** What is there, one sentence without a full stop. */
  readonly message: string;
}

/** What joins findings that say the same about different subjects, such as system calls or flags. */
export interface Subject {
  /** What the message is about. */
  readonly names: readonly string[];
  /** The message about several; `…` stands for their names. */
  readonly many: string;
  /** The hint about several, if it differs from the hint about one. */
  readonly hint?: string;
}

/** What lint has to say about a profile: about one place, or about several for the same reason. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  /** How much it matters. */
  readonly level: Exclude<Level, 'off'>;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do, likewise. */
  readonly hint?: string;
  /** Where it is. */
  readonly range: Range;
  /** A call that proves it, where there is one. */
  readonly witness?: Witness;
  /** Other places that have to do with it. */
  readonly related?: readonly RelatedPlace[];
  /** A change of the text that mends it, where there is one. */
  readonly fix?: Fix;
  /** The hosts on which it was found, unless these are all: `aarch64, kernel 6.1, crun`. */
  readonly hosts?: readonly string[];
  /** How the message reads about several subjects. Without it, findings about different subjects stay apart. */
  readonly about?: Subject;
  /** If there are several: a finding for each place, in document order, the first one being where this one is. */
  readonly places?: readonly Finding[];
}

/** A finding of the default that a profile is a copy of. */
export type InheritedFinding = Finding & {
  /** The newest release of that default: `docker-default@29.7.2`. */
  readonly base: string;
};
