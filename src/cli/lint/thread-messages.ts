/**
 * Messages between the threads of one lint.
 * @module
 */
import type { EncodedError } from '../../libseccomp/notify-protocol.ts';
import type { Settings } from './config-form.ts';
import type { FileAnswer } from './lint-once.ts';
import type { Choices } from './settings.ts';

/** What a thread is started with. */
export interface ThreadSetup {
  readonly choices: Choices;
  /** libseccomp to use; `undefined`: the machine's, `false`: none. */
  readonly library: string | undefined | false;
}

/** A file to lint. */
export interface ThreadTask {
  readonly at: number;
  readonly file: string;
  readonly bytes: Uint8Array | string;
  readonly settings: Settings;
}

/** `ready` once a thread has started; then an answer for each task, in the order in which they were sent. */
export type ThreadReport =
  | 'ready'
  | { readonly at: number; readonly answer: FileAnswer; readonly error?: undefined }
  | { readonly at: number; readonly error: EncodedError };
