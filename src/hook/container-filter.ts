/**
 * From a profile to the proven filter of one container.
 * @module
 */
import { encodeProgram, type Program } from '../bpf/program.ts';
import type { Claim } from '../compile/claim.ts';
import type { BackendName } from '../compile/compile-policy.ts';
import type { ProgramStore } from '../compile/kept-program.ts';
import type { Observed } from '../compile/observed-policy.ts';
import type { Engine } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch, machineKernelRelease } from '../kernel/this-machine.ts';
import { namesBuiltin } from '../oci/builtin/index.ts';
import { type Host, parseKernelVersion } from '../oci/host.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import type { Dialect } from '../oci/profile.ts';
import { compileLoaded } from '../pipeline/compile-profile.ts';
import { type LoadedProfile, loadProfile, loadProfileBytes } from '../pipeline/load-profile.ts';
import type { Policy } from '../policy/policy.ts';
import { consumersFor } from '../policy/profile-readers.ts';
import { type Runtime, requireLinuxFilter } from '../policy/runtimes.ts';

/** A profile that was chosen for a container: a built-in by its name, or the bytes of a file. */
export type ProfileSource =
  | { readonly name: string; readonly bytes?: undefined }
  | { readonly name: string; readonly bytes: Uint8Array };

/** How a profile is read and compiled. */
export interface BuildChoices {
  /** Who resolves the profile; default: by its dialect. */
  readonly engine?: Engine | undefined;
  /** Who compiles; default: the builtin compiler, which needs no libseccomp, or libseccomp where the runtime builds the filter. */
  readonly backend?: BackendName | undefined;
  /** libseccomp whose names are known, and which compiles if it is the backend: path or soname. */
  readonly library?: string | undefined;
  /** The release of libseccomp whose names the builtin compiler knows, without that library: `2.5.4`. */
  readonly release?: string | undefined;
  /** Refuse a filter that is not all that the profile reads like. */
  readonly strict?: boolean | undefined;
  /** Make a filter that denies nothing, and has the kernel log what the profile would deny. */
  readonly observe?: boolean | undefined;
}

interface FilterOptions extends BuildChoices {
  /** Who is going to build the filter, or the runtime whose reading of the profile counts. */
  readonly runtime: Runtime;
  /** The container's bounding set; `undefined`: it has no capability sets. */
  readonly capabilities: readonly string[] | undefined;
  /** Where compiled programs are kept; `undefined`: nowhere. */
  readonly store?: ProgramStore | undefined;
}

/** What is installed for one container, and how it came about. */
export interface ContainerFilter {
  readonly seccomp: LinuxSeccomp;
  readonly policy: Policy;
  readonly program: Program;
  /** The program as the kernel takes it, in this machine's byte order. */
  readonly bytes: Uint8Array;
  /** What is proven of the program, and what that rests on. */
  readonly claim: Claim;
  /** Set with `observe`. */
  readonly observed: Observed | undefined;
}

/**
 * Resolves a profile for a container on this machine, compiles it and proves the program.
 *
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that its engine or runtime refuses (`details.problems`), or that
 *   turns seccomp off; `ERR_PROOF`, `ERR_UNDECIDED` if the program is not what the profile says; `ERR_CLAIM` with `strict`; and whatever
 *   {@link compilePolicy} throws. Messages start with the place of the rule they are about
 */
export async function compileForContainer(
  source: ProfileSource,
  options: FilterOptions,
): Promise<ContainerFilter> {
  const {
    runtime,
    capabilities,
    engine,
    backend = 'builtin',
    library,
    release,
    strict,
    observe,
    store,
  } = options;
  requireLinuxFilter(runtime);
  const input = await loadSource(source, runtime, engine);
  const host = hostOf(capabilities);
  try {
    const request = { host, runtime, engine, backend, library, release, strict, observe, store };
    const { compiled, seccomp, lowered, claim, observed } = await compileLoaded(input, request);
    const { program, endian } = compiled;
    const bytes = encodeProgram(program, endian);
    return { seccomp, policy: lowered.policy, program, bytes, claim, observed };
  } catch (error) {
    throw error instanceof OciSeccompError ? advised(error, source) : error;
  }
}

function hostOf(capabilities: readonly string[] | undefined): Host {
  const release = machineKernelRelease();
  const kernel = parseKernelVersion(release);
  if (kernel === undefined)
    throw new OciSeccompError('ERR_HOOK', `cannot parse this kernel's release '${release}'`);
  return { arch: machineArch(), kernel, capabilities };
}

/** Loads a profile as every command does. A file must hold one profile, because no user is there to choose. */
async function loadSource(
  { name, bytes }: ProfileSource,
  runtime: Runtime,
  engine: Engine | undefined,
): Promise<LoadedProfile> {
  if (bytes === undefined && !namesBuiltin(name))
    throw new OciSeccompError('ERR_HOOK', `there is no built-in profile '${name}'`);
  const readers = (dialect: Dialect) => consumersFor(dialect, engine, runtime);
  if (bytes === undefined) return loadProfile(name, undefined, readers);
  try {
    return await loadProfileBytes(name, bytes, undefined, readers);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_USAGE') throw error;
    const hint = 'give a file with only the profile that you mean';
    throw new OciSeccompError('ERR_HOOK', error.message, { hint, details: error.details, cause: error });
  }
}

/** The error with the file's name, and with a hint that makes sense without a command line. */
function advised(
  { code, message, hint, details, cause }: OciSeccompError,
  { name }: ProfileSource,
): OciSeccompError {
  const isPlaced = code === 'ERR_CLAIM' || details.place !== undefined || message.startsWith(name);
  const advice =
    code === 'ERR_PROOF'
      ? 'compare fewer arguments in the rules of this call: libseccomp compiles some sets of rules wrongly; the builtin compiler (--backend builtin) does not, where the runtime does not compile itself'
      : hint;
  return new OciSeccompError(code, isPlaced ? message : `${name}: ${message}`, {
    hint: advice,
    details,
    cause,
  });
}
