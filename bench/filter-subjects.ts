/**
 * The rules that compilers are compared with: profiles, resolved and lowered as a runtime does it.
 * @module
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ArchName, architectures } from '../src/abi/architectures.ts';
import { type CapabilitySet, capabilitySets } from '../src/abi/capabilities.ts';
import { builtinFamilies, namesBuiltin } from '../src/oci/builtin/index.ts';
import type { Profile } from '../src/oci/profile.ts';
import { readProfile } from '../src/oci/read-profile.ts';
import { resolveProfile } from '../src/oci/resolve-profile.ts';
import { builtinProfile } from '../src/pipeline/builtin-profile.ts';
import { lowerProfile } from '../src/policy/lower-profile.ts';
import type { Policy, SyscallTable } from '../src/policy/policy.ts';

/** One set of rules that every compiler gets. */
export interface Subject {
  readonly label: string;
  readonly policy: Policy;
}

interface Request {
  readonly label: string;
  readonly profile: Profile;
  readonly runtime: 'runc' | 'crun';
  readonly capabilities: CapabilitySet;
  /** Default: those of the profile. */
  readonly archs?: readonly ArchName[];
}

/** What comes with the package. */
export const builtinNames: readonly string[] = builtinFamilies;

/** Profiles of the project with rules that compilers differ in. */
export const fixtureFiles: readonly string[] = [
  'docker-conditions.json',
  'oci-alternatives.json',
  'oci-operators-and-actions.json',
].map((name) => join('fixtures/profiles/good', name));

/**
 * Makes the rules of profiles.
 *
 * @param table - whose names: for libseccomp and us to get the same rules, the oldest library's
 * @param profiles - names of built-in profiles, and files
 */
export async function makeSubjects(
  table: SyscallTable,
  profiles: readonly string[],
): Promise<readonly Subject[]> {
  const requests = await Promise.all(
    profiles.map((profile) => (namesBuiltin(profile) ? requestsOf(profile) : requestOfFile(profile))),
  );
  return requests.flat().flatMap((request) => {
    const policy = lower(request, table);
    return policy === undefined ? [] : [{ label: `${request.label}, ${request.runtime}`, policy }];
  });
}

async function requestsOf(name: string): Promise<readonly Request[]> {
  // CRI-O and Podman start crun, Docker and containerd runc.
  const [runtime, capabilities] = /^(?:podman|crio)-/.test(name)
    ? (['crun', 'podman'] as const)
    : (['runc', 'docker'] as const);
  const request = { label: name, profile: await builtinProfile(name), runtime, capabilities };
  return [request, { ...request, label: `${name}, x86_64 alone`, archs: ['x86_64'] }];
}

function requestOfFile(file: string): readonly Request[] {
  const { profile, problems } = readProfile(readFileSync(file, 'utf8'), { name: file });
  if (profile === undefined) throw new Error(`${file}: ${problems[0]?.message}`);
  return [{ label: basename(file), profile, runtime: 'runc', capabilities: 'docker' }];
}

function lower(request: Request, table: SyscallTable): Policy | undefined {
  const kernel = { kernel: 6, major: 1 };
  const host = { arch: 'x86_64', kernel, capabilities: capabilitySets[request.capabilities] } as const;
  const { seccomp } = resolveProfile(request.profile, host);
  if (seccomp === undefined) return undefined;
  const named = request.archs?.map((arch) => architectures[arch].ociArch);
  const listed = named === undefined ? seccomp : { ...seccomp, architectures: named };
  return lowerProfile(listed, { runtime: request.runtime, arch: 'x86_64', kernel, table }).policy;
}
