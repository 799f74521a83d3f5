/**
 * Profiles compiled for every runtime and architecture, and what the proof of each program says.
 * @module
 */
import { OciSeccompError, type Profile, resolveProfile } from 'oci-seccomp';
import { type ArchName, allArchitectures, capabilitySets } from 'oci-seccomp/abi';
import { compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import { type LinuxSeccomp, parseKernelVersion } from 'oci-seccomp/oci';
import { lowerProfile, type Policy } from 'oci-seccomp/policy';
import { formatCall, formatOutcome } from '../../../src/decision/format-call.ts';

const proofRuntimes = ['runc', 'runc@1.2', 'runc@1.1', 'crun', 'youki', 'plain'] as const;

/** What came of one profile with one library. */
export interface ProofResults {
  /** Programs proven equal; those that runtimes share count for each. */
  proven: number;
  /** Different programs that were built. */
  built: number;
  /** `ARCH RUNTIME: what the program does instead`, or why there is no program. */
  readonly others: string[];
}

/**
 * Compiles a profile for every runtime on every architecture that the library knows, and proves each program.
 *
 * @param library - path of libseccomp.so.2
 * @param archs - fewer than all, if not all matter
 */
export async function proveEverywhere(
  profile: Profile,
  library: string,
  archs: readonly ArchName[] = allArchitectures.map(({ name }) => name),
): Promise<ProofResults> {
  const results: ProofResults = { proven: 0, built: 0, others: [] };
  const table = librarySyscallTable(openLibrary(library));
  for (const arch of archs) {
    const seccomp = attempt(() => resolveFor(profile, arch));
    if (typeof seccomp === 'string') {
      results.others.push(`${arch}: ${seccomp}`);
      continue;
    }
    if (seccomp === undefined) continue;
    // Most runtimes hand libseccomp the same.
    const verdicts = new Map<string, string>();
    for (const runtime of proofRuntimes) {
      const policy = attempt(() => lowerProfile(seccomp, { runtime, arch, table }).policy);
      if (typeof policy === 'string') {
        results.others.push(`${arch} ${runtime}: ${policy}`);
        continue;
      }
      const key = policyKey(policy);
      const known = verdicts.get(key);
      const verdict = known ?? (await proofOf(policy, library));
      if (known === undefined) results.built++;
      verdicts.set(key, verdict);
      if (verdict === 'equal') results.proven++;
      else results.others.push(`${arch} ${runtime}: ${verdict}`);
    }
  }
  return results;
}

function resolveFor(profile: Profile, arch: ArchName): LinuxSeccomp | undefined {
  const kernel = parseKernelVersion('6.1') ?? { kernel: 6, major: 1 };
  return resolveProfile(profile, { arch, kernel, capabilities: capabilitySets.docker }).seccomp;
}

function attempt<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof OciSeccompError) return error.code;
    throw error;
  }
}

function policyKey({ runtime: _, flags: __, ...rest }: Policy): string {
  return JSON.stringify(rest, (___, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

async function proofOf(policy: Policy, library: string): Promise<string> {
  try {
    const { proof } = await compilePolicy(policy, { library, allowUnproven: true });
    if (proof instanceof OciSeccompError) return proof.code;
    const { counterexample } = proof;
    if (counterexample === undefined) return 'equal';
    const { relation, call, meant, done } = counterexample;
    return `${relation}: ${formatCall(call)}: says ${formatOutcome(meant)}, does ${formatOutcome(done)}`;
  } catch (error) {
    if (error instanceof OciSeccompError) return error.code;
    throw error;
  }
}
