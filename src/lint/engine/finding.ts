/**
 * What lint has to say about a profile, as data.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';

/** How much a finding matters: an error fails a run, a warning does not unless there are too many, a note never. */
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
  /** JSON pointer (RFC 6901). It starts at the document that has the line; what `lintProfiles` says of an item of a list, at the item. */
  readonly pointer: string;
}

/** A call that proves a finding. */
export interface Witness {
  /** The call. */
  readonly call: SeccompData;
  /** What the profile does with it. */
  readonly verdict: ReturnWord;
  /** Where rules contradict each other: the other actions that it may get instead, up to libseccomp. */
  readonly otherwise?: readonly ReturnWord[];
  /** What the author must have meant, where that is known. */
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
  /** Whether calls are answered otherwise afterwards; only fixes that keep the meaning are applied by themselves. */
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

/** How a message reads that says the same of several subjects: system calls, flags. */
export interface Subject {
  /** What the message is about. */
  readonly names: readonly string[];
  /** The message about several; `…` stands for their names. */
  readonly many: string;
  /** What to do about several, if it reads otherwise then. */
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
  /** The hosts it was found on, if it was not found on all that were looked at: `aarch64, kernel 6.1, crun`. */
  readonly hosts?: readonly string[];
  /** How the message reads about several subjects; only then do findings about different ones become one. */
  readonly about?: Subject;
  /** If there are several: a finding for each place, in document order, the first one being where this one is. */
  readonly places?: readonly Finding[];
}

/** A finding of the default that a profile is a copy of. */
export type InheritedFinding = Finding & {
  /** The newest release of that default: `docker-default@29.7.2`. */
  readonly base: string;
};
