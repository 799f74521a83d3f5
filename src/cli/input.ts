/**
 * The profile a command is given: a file, standard input, or a built-in.
 * @module
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { nearest } from '../abi/near.ts';
import type { Hashed } from '../compile/claim.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinProfiles, isBuiltinName } from '../oci/builtin/index.ts';
import type { Consumer } from '../oci/consumers.ts';
import type { Problem } from '../oci/problems.ts';
import type { Dialect, Profile } from '../oci/profile.ts';
import { usableProfile } from '../oci/usable.ts';
import { hashBuiltin, hashDocument } from './hash.ts';
import { type ProfileSelection, selectProfile } from './select-profile.ts';

export interface Input {
  /** As given on the command line. */
  readonly operand: string;
  /** What to call it in messages. */
  readonly name: string;
  readonly profile: Profile;
  /** The profile's document, then those of its base profiles. */
  readonly documents: readonly Hashed[];
  /** Problems that do not stop those who were named. */
  readonly problems: readonly Problem[];
}

const STDIN = 0;
const CHUNK = 1 << 16;

/**
 * Reads the bytes of a file or of standard input (`-`).
 *
 * @param limit - in bytes; of longer input that many are returned
 * @throws OciSeccompError `ERR_IO`
 */
export function readInput(path: string, limit?: number): Uint8Array {
  const file = path === '-' ? STDIN : path;
  try {
    return limit === undefined ? readFileSync(file) : readUpTo(file, limit);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${ioReason(code)}`, {
      ...(code === 'ENOENT' && !path.includes('/') ? { hint: builtinHint(path) } : {}),
      cause,
    });
  }
}

function readUpTo(file: string | number, limit: number): Uint8Array {
  const fd = typeof file === 'number' ? file : openSync(file, 'r');
  try {
    const chunks: Uint8Array[] = [];
    for (let left = limit; left > 0; ) {
      const chunk = new Uint8Array(Math.min(left, CHUNK));
      const count = readSync(fd, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
    return Buffer.concat(chunks);
  } finally {
    if (fd !== file) closeSync(fd);
  }
}

const builtinNames: readonly string[] = Object.keys(builtinProfiles);

function builtinHint(operand: string): string {
  const near = nearest(operand, builtinNames);
  const guess = near === undefined ? '' : `did you mean ${near}? `;
  return `${guess}built-in profiles are ${builtinNames.join(' and ')}; anything else is a path`;
}

/** Error codes of the file system in words. */
export function ioReason(code: string | undefined): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    ENOTDIR: 'a part of the path is no directory',
    ENAMETOOLONG: 'the name is too long',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    ENOSPC: 'no space left on the device',
    EROFS: 'the file system is read-only',
    EAGAIN: 'nothing to read on standard input',
  };
  return reasons[code ?? ''] ?? code ?? 'unknown reason';
}

/** `<stdin>` for `-`. */
export function displayName(path: string): string {
  return path === '-' ? '<stdin>' : path;
}

/**
 * Reads a profile for the engine and runtime that will read it too.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_*` with every blocking problem in `details.problems`
 */
export async function loadProfile(
  operand: string,
  dialect: Dialect | undefined,
  consumers: (profileDialect: Dialect) => readonly Consumer[],
  selection: ProfileSelection = {},
): Promise<Input> {
  // A built-in's name wins over a file of that name, which is still to be had as ./docker-default.
  if (isBuiltinName(operand)) {
    const profile = builtinProfiles[operand]();
    const documents = [hashBuiltin(operand, profile)];
    return { operand, name: operand, profile, documents, problems: [] };
  }
  return profileFromBytes(operand, readInput(operand), dialect, consumers, selection);
}

/** As {@link loadProfile}, for bytes that have been read already. */
export async function profileFromBytes(
  operand: string,
  bytes: Uint8Array,
  dialect: Dialect | undefined,
  consumers: (profileDialect: Dialect) => readonly Consumer[],
  selection: ProfileSelection = {},
): Promise<Input> {
  const name = displayName(operand);
  const { readProfiles } = await import('../oci/read-profiles.ts');
  const found = await readProfiles(bytes, { name, ...(dialect === undefined ? {} : { dialect }) });
  const read = selectProfile(found, name, selection);
  const written = usableProfile(read, consumers(read.dialect ?? 'oci'), name, operand);
  const own = hashDocument(name, bytes);
  const { problems } = read;
  if (written.kubernetes?.baseProfileName === undefined) {
    return { operand, name, profile: written, documents: [own], problems };
  }
  const { addBases } = await import('./base-directory.ts');
  const { profile, documents } = await addBases(written, found, selection.baseDir);
  return { operand, name, profile, documents: [own, ...documents], problems };
}
