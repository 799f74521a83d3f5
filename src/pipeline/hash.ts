/**
 * Hashes of what commands read and write: SHA-256 in hexadecimal, as sha256sum(1) prints it.
 *
 * The hashes of a claim are made when they are first read: Node's cryptography takes milliseconds to load, and not every
 * command prints them.
 * @module
 */
import { encodeProgram } from '../bpf/program.ts';
import type { Claim, Hashed } from '../compile/claim.ts';
import type { DecidableProgram } from '../decision/answer-call.ts';
import type { Profile } from '../oci/profile.ts';
import { serializeProfile } from '../oci/serialize.ts';

function sha256(bytes: Uint8Array | string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}

/** A document by the bytes that were read. */
export function hashDocument(name: string, bytes: Uint8Array): Hashed {
  return lazilyHashed(name, () => bytes);
}

/** A built-in profile, which has no document, by the text that it would be written as. */
export function hashBuiltin(name: string, profile: Profile): Hashed {
  return lazilyHashed(name, () => serializeProfile(profile));
}

/** A program by the bytes that the kernel takes. */
export function hashProgram(
  name: string,
  { program, endian }: Pick<DecidableProgram, 'program' | 'endian'>,
): Claim['programs'][number] {
  return lazilyHashed(name, () => encodeProgram(program, endian), { instructions: program.length });
}

function lazilyHashed<More extends object>(
  name: string,
  content: () => Uint8Array | string,
  more?: More,
): Hashed & More {
  let known: string | undefined;
  return {
    name,
    get sha256() {
      known ??= sha256(content());
      return known;
    },
    ...(more as More),
  };
}
