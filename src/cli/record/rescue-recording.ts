/**
 * A recording that cannot be written where it should be: hours of a command may be in it.
 * @module
 */
import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { type Recording, writeRecording } from '../../observe/recording.ts';
import { writeStdout } from '../streams.ts';

/** The last is memory: it takes files when no disk does. */
const places = (): readonly string[] => [tmpdir(), homedir(), '.', '/dev/shm'];

/** Writes it to the first place that takes it, or else to standard output. @returns what the user can do with it */
export function rescueRecording(recording: Recording): string {
  const text = writeRecording(recording);
  for (const place of places()) {
    const path = resolve(place, `oci-seccomp-${Math.random().toString(36).slice(2)}.recording.json`);
    if (tryNew(path, text)) {
      return `the recording is in ${path}: ${profileOf(path)} makes the profile of it`;
    }
  }
  writeStdout(text);
  return `the recording is on standard output: keep it in a file, and ${profileOf('FILE')} makes the profile of it`;
}

/** Writes a file of the user alone, and never through a link: others can write to some of these folders. */
function tryNew(path: string, text: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'wx', 0o600);
    writeFileSync(fd, text);
    fsyncSync(fd);
    return true;
  } catch {
    if (fd !== undefined) rmSync(path, { force: true });
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The command that makes the profile of a recording. */
export function profileOf(file: string): string {
  return shellCommand(['oci-seccomp', 'record', '--via', fileWord(`recording:${file}`), '-o', 'PROFILE']);
}
