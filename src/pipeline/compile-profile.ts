/**
 * THE walk from a profile to a proven filter: resolve, lower, compile, prove, and say what the proof rests on. Commands,
 * hooks, the runtime wrapper and the library all call it.
 * @module
 */
import { type Claim, makeClaim } from '../compile/claim.ts';
import { requireStrongClaim } from '../compile/claim-text.ts';
import {
  type BackendName,
  type CompiledFilter,
  type CompileOptions,
  compilePolicy,
  tableOf,
} from '../compile/compile-policy.ts';
import type { Observed } from '../compile/observed-policy.ts';
import type { Verification } from '../compile/verify-filter.ts';
import { OciSeccompError } from '../errors.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { Lowered } from '../policy/lower-profile.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { hashProgram } from './hash.ts';
import type { LoadedProfile } from './load-profile.ts';
import type { ProgramSource } from './process-source.ts';
import { lowerFor, type Reading, resolveFor } from './resolve-and-lower.ts';
import { atPlaces } from './rule-places.ts';

export type { Reading } from './resolve-and-lower.ts';

/** A profile as one runtime hands it to libseccomp on one host. */
export interface LoweredProfile extends Reading {
  /** The profile as it was loaded. */
  readonly input: LoadedProfile;
  /** What `resolveProfile` returned. */
  readonly resolution: Resolution;
  /** What `lowerProfile` returned. */
  readonly lowered: Lowered;
}

/** The steps of the walk, for measurements. */
type CompileStep = 'resolve' | 'load libseccomp' | 'lower' | 'libseccomp' | 'proof' | 'claim';

export interface CompileRequest
  extends Omit<Reading, 'table'>,
    Pick<
      CompileOptions,
      'backend' | 'callCounts' | 'timeoutMs' | 'pfc' | 'allowUnproven' | 'calls' | 'work' | 'onDecided'
    > {
  /** Where programs are kept; `undefined`: nowhere. */
  readonly store?: CompileOptions['store'] | undefined;
  /** libseccomp: path or soname. */
  readonly library?: string | undefined;
  /** The release of libseccomp whose names are known to the builtin backend, without that library: `2.5.4`. */
  readonly release?: string | undefined;
  /** Refuse a filter that does less than the profile seems to say. */
  readonly strict?: boolean | undefined;
  /** Compile a trial: the filter lets every call through, and the kernel logs calls that the profile does not let through. */
  readonly observe?: boolean | undefined;
  /** Told of each step when it is done. */
  readonly onStep?: ((step: CompileStep) => void) | undefined;
}

/** A lowered profile with its program. */
export interface CompiledProfile extends LoweredProfile {
  /** What the runtime is handed. */
  readonly seccomp: LinuxSeccomp;
  /** What `compilePolicy` returned. */
  readonly compiled: CompiledFilter;
  /** What is proven of the program, and what that rests on; with `observe`, of the profile that is tried. */
  readonly claim: Claim;
  /** Set if the program is a trial of the profile; `lowered` is then the policy of the trial. */
  readonly observed: Observed | undefined;
}

/**
 * Resolves a profile and lowers it.
 *
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` where seccomp is off, or the engine or runtime refuses it
 */
export async function lowerLoaded(input: LoadedProfile, reading: Reading): Promise<LoweredProfile> {
  const resolution = resolveLoaded(input, reading);
  const lowered = await atPlaces(input, resolution.resolution, async () =>
    lowerFor(resolution.seccomp, reading),
  );
  return { ...reading, input, resolution: resolution.resolution, lowered };
}

/**
 * Compiles a profile and proves the program.
 *
 * @throws OciSeccompError as {@link lowerLoaded} and `compilePolicy`; `ERR_CLAIM` with `strict`. Messages start with the
 *   place of the rule they are about, `details.notes` has the places of all rules in question
 */
export async function compileLoaded(input: LoadedProfile, request: CompileRequest): Promise<CompiledProfile> {
  const { host, runtime, engine, library, onStep = () => {} } = request;
  const { resolution, seccomp } = resolveLoaded(input, request);
  onStep('resolve');
  const table = tableOf(compilerOf(request), library, request.release);
  onStep('load libseccomp');
  const reading = { host, runtime, engine, table };
  const { tried, policy, compiled, observed } = await atPlaces(input, resolution, async () => {
    const result = lowerFor(seccomp, reading);
    onStep('lower');
    return { tried: result, ...(await compileLowered(result.policy, request, table)) };
  });
  onStep('proof');
  const work = { ...reading, input, resolution, lowered: tried };
  const claim = claimOfCompiled(work, compiled);
  if (request.strict === true) requireStrongClaim(claim, input.name);
  onStep('claim');
  return { ...work, lowered: { ...tried, policy }, seccomp, compiled, claim, observed };
}

/** With `observe`, a program of the trial, proven against the policy that is tried as well. */
async function compileLowered(policy: Policy, request: CompileRequest, table: SyscallTable) {
  const options = compileOptions(request, table);
  if (request.observe !== true) {
    return { policy, compiled: await compilePolicy(policy, options), observed: undefined };
  }
  // Loaded here: most profiles are compiled to be in force.
  const { observedPolicy, proveObserved } = await import('../compile/observed-policy.ts');
  const trial = observedPolicy(policy);
  const compiled = await compilePolicy(trial, options);
  const { program, endian } = compiled;
  return { policy: trial, compiled, observed: proveObserved({ policy, table, program, endian }) };
}

function resolveLoaded(
  { name, profile }: LoadedProfile,
  reading: Pick<Reading, 'host' | 'engine'>,
): { readonly resolution: Resolution; readonly seccomp: LinuxSeccomp } {
  const resolution = resolveFor(profile, reading);
  const { seccomp } = resolution;
  if (seccomp === undefined) throw seccompOff(name);
  return { resolution, seccomp };
}

/** The error for callers that need a filter when the profile has none. */
export function seccompOff(name: string): OciSeccompError {
  return new OciSeccompError(
    'ERR_PROFILE_SEMANTICS',
    `${name} has no default action and no rules: seccomp is off, there is no filter to compile`,
    { hint: 'a default action of SCMP_ACT_ALLOW makes a filter that allows everything' },
  );
}

/**
 * Who compiles, and whose names are known with it. If no backend is named: libseccomp, as the runtime does it; the builtin
 * compiler for gVisor, which builds its filter without libseccomp, and for a named release.
 */
export function backendFor({
  backend,
  release,
  runtime,
}: Pick<CompileRequest, 'backend' | 'release' | 'runtime'>): BackendName {
  const byLibrary = release === undefined && runtime.traits.sentry === undefined;
  return backend ?? (byLibrary ? 'libseccomp' : 'builtin');
}

/** As {@link backendFor}, but a release chooses no compiler here: `compile --table` needs `--backend builtin` beside it. */
const compilerOf = ({ backend, runtime }: CompileRequest): BackendName => backendFor({ backend, runtime });

function compileOptions(request: CompileRequest, table: SyscallTable): CompileOptions {
  const { callCounts, timeoutMs, pfc, allowUnproven, calls, library, store, work, onStep, onDecided } =
    request;
  return {
    table,
    backend: compilerOf(request),
    callCounts,
    timeoutMs,
    pfc,
    allowUnproven,
    calls,
    library,
    store,
    work,
    onDecided,
    onBuilt: onStep && (() => onStep('libseccomp')),
  };
}

/** What is claimed of the program that was compiled from a profile. */
function claimOfCompiled(work: LoweredProfile, compiled: CompiledFilter): Claim {
  return makeClaim({
    ...claimParts(work),
    programs: [hashProgram('the program', compiled)],
    compiler: compiled.compiler,
    proof: compiled.proof,
  });
}

/** What is claimed of programs from elsewhere that were held against a profile. */
export function claimOfPrograms(
  work: LoweredProfile,
  { name, filters: programs, warnings }: ProgramSource,
  verification: Verification,
): Claim {
  const called = (index: number): string => (programs.length === 1 ? name : `${name}, filter ${index + 1}`);
  return makeClaim({
    ...claimParts(work),
    programs: programs.map((program, index) => hashProgram(called(index), program)),
    compiler: undefined,
    proof: verification,
    found: { threads: warnings, differsInCompany: verification.company !== undefined },
  });
}

function claimParts({ input, host, resolution, lowered, table }: LoweredProfile) {
  const { documents, profile, problems } = input;
  return { documents, profile, problems, host, resolution, lowered, table };
}
