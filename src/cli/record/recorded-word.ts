/**
 * Messages between the recorder and the process that becomes the recorded command.
 * @module
 */

/** The word that starts that process, in the place of a command's name. */
export const RECORDED_START = 'recorded-start';

/** What the recorder sends it, as JSON. */
export interface RecordedStart {
  readonly method: 'notification' | 'ptrace' | 'container';
  /** Whether a guard attaches to it before it loads the filter. */
  readonly guarded?: boolean;
  /** The socket to the recorder, which the command does not inherit. */
  readonly socket: number;
  /** The file to execute. */
  readonly path: string;
  /** How many words at the end of the recorder's command line are the command's. */
  readonly words: number;
  /** Words that are put among the command's, before the one with this number. */
  readonly more?: { readonly at: number; readonly words: readonly string[] };
  /** The recorder's number: it is the parent of that process as long as it runs. */
  readonly recorder: number;
  /** The recorder's parent, whose limit of open files Node did not raise. */
  readonly grandparent: number;
}

/** The word that starts the guard of a recorded process. The number of its socket follows. */
export const RECORDED_GUARD = 'recorded-guard';
