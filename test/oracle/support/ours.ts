/**
 * What this package compiles, through its public API as a user imports it.
 * @module
 */
import { builtinProfiles, type Profile, resolveProfile } from 'oci-seccomp';
import { type ArchName, capabilitySets } from 'oci-seccomp/abi';
import { encodeProgram } from 'oci-seccomp/bpf';
import { compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import { type BuiltinName, type LinuxSeccomp, parseKernelVersion, readProfile } from 'oci-seccomp/oci';
import { lowerProfile } from 'oci-seccomp/policy';
import type { TestSeccomp } from './direct.ts';
import { exactJson } from './runtime.ts';

export interface Target {
  /** As `--runtime` takes it. */
  readonly runtime: string;
  /** libseccomp: a path or a soname. */
  readonly library: string;
  readonly arch?: ArchName;
}

/** Raw sock_filter array in the byte order of the target. */
export async function compileSeccomp(seccomp: LinuxSeccomp, target: Target): Promise<Uint8Array> {
  const { runtime, library, arch = 'x86_64' } = target;
  const table = librarySyscallTable(openLibrary(library));
  const { policy } = lowerProfile(seccomp, { runtime, arch, table });
  const { program, endian } = await compilePolicy(policy, { library });
  return encodeProgram(program, endian);
}

/** Resolves for a 6.1 kernel and Docker's capabilities. */
export function resolved(profile: Profile, arch: ArchName = 'x86_64'): LinuxSeccomp {
  const kernel = parseKernelVersion('6.1') ?? { kernel: 6, major: 1 };
  const { seccomp } = resolveProfile(profile, { arch, kernel, capabilities: capabilitySets.docker });
  if (seccomp === undefined) throw new Error('the profile turns seccomp off');
  return seccomp;
}

/** Reads a profile's text; its problems of strength `error` are ignored, runtimes are asked instead. */
export function readText(text: string, name: string): Profile {
  const { profile, problems } = readProfile(text, { name });
  if (profile === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return profile;
}

/** A built-in profile, resolved. */
export function builtin(name: BuiltinName, arch?: ArchName): LinuxSeccomp {
  return resolved(builtinProfiles[name](), arch);
}

/** A test profile, through JSON text, dialect `oci`. */
export function fromTest(seccomp: TestSeccomp): LinuxSeccomp {
  const { profile, problems } = readProfile(exactJson(seccomp), { name: 'test', dialect: 'oci' });
  if (profile === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return resolved(profile);
}
