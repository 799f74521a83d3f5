/**
 * A recording of a command, kept in its file while it grows.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { readProcessStatus } from '../../kernel/process-status.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import type { CallCounter, WantedArguments } from '../../observe/call-counts.ts';
import { type RecordedRun, type Recording, recordedCalls } from '../../observe/recording.ts';
import { describeEffects } from '../render/describe-effects.ts';
import { renderError } from '../render/render-error.ts';
import { wrapText } from '../render/wrap-text.ts';
import { findExecutable } from '../run/executable.ts';
import { writeAside, writeStderr } from '../streams.ts';
import type { KeptRecording } from './keep-recording.ts';
import { recordCommand } from './record-command.ts';
import { recordContainer } from './record-container.ts';

type TakenRecording =
  | { readonly kind: 'recorded'; readonly recording: Recording; readonly exitCode: number }
  | { readonly kind: 'not started'; readonly exitCode: number };

interface TakeOptions {
  readonly wanted: WantedArguments;
  readonly limit: number;
  readonly kept: KeptRecording;
  readonly quiet: boolean;
  /** Whether the command makes a container, whose calls are recorded instead of the command's. */
  readonly container: boolean;
  /** Whether a guard keeps signals from making calls fail that wait for the recorder. */
  readonly guard: boolean;
}

/** The recording is written this often: if the recorder is killed, at most this much is lost. */
const SAVE_EVERY_MS = 1000;

export async function takeRecording(
  words: readonly string[],
  { wanted, limit, kept, quiet, container, guard }: TakeOptions,
): Promise<TakenRecording> {
  const [command = ''] = words;
  const found = findExecutable(command, process.env.PATH);
  if (!found.found) {
    writeStderr(renderError(new OciSeccompError('ERR_IO', `cannot run '${command}': ${found.reason}`)));
    return { kind: 'not started', exitCode: found.exitCode };
  }
  const started = new Date().toISOString();
  const upToNow = (counts: CallCounter, run: Pick<RecordedRun, 'method' | 'exitCode'>): Recording => ({
    runs: [
      {
        ...{ command: words, ...run, started, ended: new Date().toISOString() },
        ...{ arch: machineArch(), kernel: machineKernelRelease(), calls: counts.total() },
      },
    ],
    calls: recordedCalls(counts.calls(), wanted),
  });
  let saved = performance.now();
  let savedCalls = 0;
  let isSaved = true;
  const { counts, method, guarded, exitCode, notes } = await (container ? recordContainer : recordCommand)({
    ...{ words, path: found.path, guard, wanted, limit },
    tick: (counts, method) => {
      if (performance.now() - saved < SAVE_EVERY_MS || counts.total() === savedCalls) return;
      const recording = kept.unite(upToNow(counts, { method, exitCode: undefined }));
      saved = performance.now();
      const problem = tryWrite(kept, recording);
      if (problem === undefined) savedCalls = counts.total();
      else if (isSaved) {
        writeStderr(`warning: ${problem}; recording goes on, and the file is tried again\n`);
      }
      isSaved = problem === undefined;
    },
    note: (text) => {
      if (!quiet) writeAside(text);
    },
  });
  // A container always has a filter of its own.
  const filtered = !container && isFiltered();
  const said = [...notes, ...describeEffects(counts.effects, { method, guarded, filtered })];
  if (!quiet) for (const note of said) writeAside(`${wrapText(note, { width: 100, indent: 2 })}\n`);
  return { kind: 'recorded', recording: upToNow(counts, { method, exitCode }), exitCode };
}

/** A disk that is full for a while must not end the command. At its end, the file must be written. */
function tryWrite(kept: KeptRecording, recording: Recording): string | undefined {
  try {
    kept.write(recording);
    return undefined;
  } catch (error) {
    if (error instanceof OciSeccompError) return error.message;
    throw error;
  }
}

function isFiltered(): boolean {
  const self = readProcessStatus('thread-self');
  return typeof self !== 'string' && self.mode === 'filter';
}
