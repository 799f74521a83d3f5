/**
 * The file that keeps a recording beside its profile.
 * @module
 */
import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { tryLock } from '../../kernel/file-lock.ts';
import { type Recording, readRecording, uniteRecordings, writeRecording } from '../../observe/recording.ts';
import { ioReason, readFileBounded, statsOf } from '../../pipeline/files.ts';
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
 * Checks that files can be written into their folders. Called before the command runs: its recording would be lost.
 *
 * @throws OciSeccompError `ERR_IO`
 */
export function requirePlace(path: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) return;
    // An empty name is in the folder `.`, but no file can have it. `/.` names a folder, not a file.
    accessSync(path === '' ? path : `${dirname(path)}/.`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw cannotWrite(path, cause, 'the command was not run, because its recording would be lost');
  }
}

/** For /dev/null, a terminal or a pipe, no recording is kept. */
function isDevice(path: string): boolean {
  return statsOf(path)?.isFile() === false;
}

/**
 * Holds a recording that runs are added to. Of two that add at once, each would write it without the runs of the other.
 * The lock is on a file beside it, because the recording is replaced by each write.
 *
 * @returns gives it back
 * @throws OciSeccompError `ERR_IO` if another process holds it
 */
export function holdRecording(file: string): () => void {
  const path = `${file}.lock`;
  for (;;) {
    const fd = openLock(path);
    if (!tryLock(fd)) {
      closeSync(fd);
      throw new OciSeccompError('ERR_IO', `another oci-seccomp record --append adds to ${file}`, {
        hint: 'wait until it has ended, or name another file with --recording: --via recording:FILE unites them later',
      });
    }
    if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) {
      return () => {
        rmSync(path, { force: true });
        closeSync(fd);
      };
    }
    // The process that held it has just removed it.
    closeSync(fd);
  }
}

function openLock(path: string): number {
  const { O_RDONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    // Another user may have put a link or a pipe there.
    return openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

export interface KeptRecording {
  readonly file: string | undefined;
  /** The kept recording with a new one added. */
  readonly unite: (recording: Recording) => Recording;
  /** Writes it whole. */
  readonly write: (recording: Recording) => void;
}

const EMPTY: Recording = { runs: [], calls: [] };

/** For a recording that is in the file: replace it, add to it, or only read it (then the file must exist). */
export type EarlierRecording = 'replace' | 'add' | 'read';

/**
 * @param file - `undefined`: the recording is not kept
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
    unite: (recording) => uniteRecordings([before, recording], limit),
    write: (recording) => {
      if (file !== undefined) writeOutput(file, writeRecording(recording));
    },
  };
}

/** In bytes. A device such as /dev/zero has no end. */
const MAX_SIZE = 1 << 27;

function readKept(file: string): Recording {
  try {
    const bytes = readFileBounded(file, MAX_SIZE + 1);
    if (bytes.length > MAX_SIZE) throw tooLong(file);
    return readRecording(Buffer.from(bytes).toString('utf8'), file);
  } catch (error) {
    if (error instanceof OciSeccompError) throw error;
    throw new OciSeccompError('ERR_IO', `cannot read ${file}: ${ioReason(error)}`, {
      hint: 'oci-seccomp record -o profile.json -- COMMAND makes profile.recording.json',
      cause: error,
    });
  }
}

function tooLong(file: string): OciSeccompError {
  return new OciSeccompError(
    'ERR_USAGE',
    `${file} has more than ${MAX_SIZE / 2 ** 20} MiB, which no recording has`,
    {
      hint: 'name the file that oci-seccomp record kept, such as profile.recording.json',
    },
  );
}
