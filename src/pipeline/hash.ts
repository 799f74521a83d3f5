/**
 * Hashes of what commands read and write: SHA-256 in hexadecimal, as sha256sum(1) prints it.
 * @module
 */
import { createHash } from 'node:crypto';
import { encodeProgram } from '../bpf/program.ts';
import type { Claim, Hashed } from '../compile/claim.ts';
import type { DecidableProgram } from '../decision/answer-call.ts';
import type { Profile } from '../oci/profile.ts';
import { serializeProfile } from '../oci/serialize.ts';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A document by the bytes that were read. */
export function hashDocument(name: string, bytes: Uint8Array): Hashed {
  return { name, sha256: sha256(bytes) };
}

/** A built-in profile, which has no document, by the text that it would be written as. */
export function hashBuiltin(name: string, profile: Profile): Hashed {
  return { name, sha256: sha256(serializeProfile(profile)) };
}

/** A program by the bytes that the kernel takes. */
export function hashProgram(
  name: string,
  { program, endian }: Pick<DecidableProgram, 'program' | 'endian'>,
): Claim['programs'][number] {
  return { name, sha256: sha256(encodeProgram(program, endian)), instructions: program.length };
}
