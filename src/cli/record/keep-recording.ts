/**
 * The file that keeps a recording beside its profile.
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { type Recording, readRecording, uniteRecordings, writeRecording } from '../../observe/recording.ts';
import { ioReason } from '../../pipeline/files.ts';
import { writeOutput } from '../output.ts';

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

/** /dev/null, a terminal, a pipe: nothing is kept beside it. */
function isDevice(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

export interface KeptRecording {
  readonly file: string | undefined;
  /** What was there before, and this. */
  readonly unite: (recording: Recording) => Recording;
  /** Writes it whole. */
  readonly write: (recording: Recording) => void;
}

const EMPTY: Recording = { runs: [], calls: [] };

/**
 * @param file - `undefined`: none is kept
 * @param append - add to what the file has
 * @throws OciSeccompError `ERR_IO`; `ERR_USAGE` if it is not a recording
 */
export function keepRecording(file: string | undefined, append: boolean, limit: number): KeptRecording {
  const before = file !== undefined && append && existsSync(file) ? readKept(file) : EMPTY;
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
    throw new OciSeccompError('ERR_IO', `cannot read ${file}: ${ioReason(error)}`, { cause: error });
  }
}
