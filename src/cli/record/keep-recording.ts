/**
 * The file that keeps a recording beside its profile.
 * @module
 */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { type Recording, readRecording, uniteRecordings, writeRecording } from '../../observe/recording.ts';
import { ioReason, statsOf } from '../../pipeline/files.ts';
import { cannotWrite, writeOutput } from '../output.ts';

/** `profile.json` → `profile.recording.json`; `undefined`: none is kept. */
export function recordingFile(options: {
  readonly output: string;
  readonly recording?: string;
  readonly compare?: string;
}): string | undefined {
  const { output, recording, compare } = options;
  if (recording !== undefined) return recording;
  if (output === '-' || compare !== undefined || isDevice(output)) return undefined;
  return `${output.replace(/\.json$/, '')}.recording.json`;
}

/**
 * Makes sure that files can be put into their folders, before a command runs whose recording would be lost otherwise.
 *
 * @throws OciSeccompError `ERR_IO`
 */
export function requirePlace(path: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) return;
    // A name without a character has the folder `.`, but no file gets that name. `/.` asks for a folder in place of a file.
    accessSync(path === '' ? path : `${dirname(path)}/.`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw cannotWrite(path, cause, 'the command was not run, because its recording would be lost');
  }
}

/** /dev/null, a terminal, a pipe: nothing is kept beside it. */
function isDevice(path: string): boolean {
  return statsOf(path)?.isFile() === false;
}

export interface KeptRecording {
  readonly file: string | undefined;
  /** What was there before, and this. */
  readonly unite: (recording: Recording) => Recording;
  /** Writes it whole. */
  readonly write: (recording: Recording) => void;
}

const EMPTY: Recording = { runs: [], calls: [] };

/** What becomes of a recording that the file has: it is replaced, added to if it is there, or read and must be there. */
export type EarlierRecording = 'replace' | 'add' | 'read';

/**
 * @param file - `undefined`: none is kept
 * @throws OciSeccompError `ERR_IO`; `ERR_USAGE` if it is not a recording
 */
export function keepRecording(
  file: string | undefined,
  earlier: EarlierRecording,
  limit: number,
): KeptRecording {
  const isRead = earlier === 'read' || (earlier === 'add' && file !== undefined && existsSync(file));
  const before = file !== undefined && isRead ? readKept(file) : EMPTY;
  return {
    file,
    unite: (recording) =>
      before.runs.length === 0 ? recording : uniteRecordings([before, recording], limit),
    write: (recording) => {
      if (file !== undefined) writeOutput(file, writeRecording(recording));
    },
  };
}

function readKept(file: string): Recording {
  try {
    return readRecording(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof OciSeccompError) throw error;
    throw new OciSeccompError('ERR_IO', `cannot read ${file}: ${ioReason(error)}`, {
      hint: 'oci-seccomp record -o profile.json -- COMMAND makes profile.recording.json',
      cause: error,
    });
  }
}
