/**
 * From a profile to the proven filter of one container.
 * @module
 */
import { createHash } from 'node:crypto';
import { encodeProgram, type Program } from '../bpf/program.ts';
import { type Claim, makeClaim } from '../compile/claim.ts';
import { requireStrongClaim } from '../compile/claim-text.ts';
import { compilePolicy } from '../compile/compile.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch, machineKernelRelease } from '../kernel/machine.ts';
import { type Library, openLibrary } from '../libseccomp/library.ts';
import { librarySyscallTable } from '../libseccomp/syscall.ts';
import { builtinProfiles, isBuiltinName } from '../oci/builtin/index.ts';
import type { Engine } from '../oci/consumers.ts';
import { type Host, parseKernelVersion } from '../oci/host.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import type { Profile } from '../oci/profile.ts';
import { type Resolution, resolveProfile } from '../oci/resolve.ts';
import { serializeProfile } from '../oci/serialize.ts';
import { usableProfile } from '../oci/usable.ts';
import { lowerProfile } from '../policy/lower.ts';
import type { Policy } from '../policy/policy.ts';
import { readersFor } from '../policy/readers.ts';
import type { Runtime } from '../policy/runtimes.ts';

/** A profile that was chosen for a container: a built-in by its name, or the bytes of a file. */
export type ProfileSource =
  | { readonly name: string; readonly bytes?: undefined }
  | { readonly name: string; readonly bytes: Uint8Array };

export interface FilterOptions {
  /** Who is going to build the filter, or the runtime whose reading of the profile counts. */
  readonly runtime: Runtime;
  /** The container's bounding set; `undefined`: it has no capability sets. */
  readonly capabilities: readonly string[] | undefined;
  /** Who resolves the profile; default: by its dialect. */
  readonly engine?: Engine | undefined;
  /** libseccomp to use: path or soname. */
  readonly library?: string | undefined;
  /** Refuse a filter that is not all that the profile reads like. */
  readonly strict?: boolean | undefined;
}

/** What is installed for one container, and how it came about. */
export interface ContainerFilter {
  readonly seccomp: LinuxSeccomp;
  readonly policy: Policy;
  readonly program: Program;
  /** The program as the kernel takes it, in this machine's byte order. */
  readonly bytes: Uint8Array;
  readonly library: Library;
  /** What is proven of the program, and what that rests on. */
  readonly claim: Claim;
}

/**
 * Resolves a profile for a container on this machine, compiles it and proves the program.
 *
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that its engine or runtime refuses (`details.problems`), or that
 *   turns seccomp off; `ERR_PROOF`, `ERR_UNDECIDED` if the program is not what the profile says; `ERR_CLAIM` with `strict`; and whatever
 *   {@link compilePolicy} throws. Messages start with the place of the rule they are about
 */
export async function buildFilter(source: ProfileSource, options: FilterOptions): Promise<ContainerFilter> {
  const { runtime, capabilities, engine } = options;
  const profile = await readSource(source, runtime, engine);
  const host = hostOf(capabilities);
  const resolution = resolveProfile(profile, host, engine === undefined ? {} : { engine });
  const { seccomp } = resolution;
  if (seccomp === undefined) {
    throw new OciSeccompError(
      'ERR_PROFILE_SEMANTICS',
      `${source.name} turns seccomp off: it has no default action`,
      {
        hint: 'a default action of SCMP_ACT_ALLOW makes a filter that allows everything',
      },
    );
  }
  const library = openLibrary(options.library);
  const table = librarySyscallTable(library);
  try {
    const lowered = lowerProfile(seccomp, { runtime, arch: host.arch, kernel: host.kernel, table });
    const { policy } = lowered;
    const { program, endian, libraryVersion, proof } = await compilePolicy(policy, {
      table,
      library: library.path,
    });
    const bytes = encodeProgram(program, endian);
    const claim = makeClaim({
      documents: [{ name: source.name, sha256: sha256(source.bytes ?? serializeProfile(profile)) }],
      programs: [{ name: 'the program', sha256: sha256(bytes), instructions: program.length }],
      compiler: `libseccomp ${libraryVersion}`,
      ...{ profile, host, resolution, lowered, table, proof },
    });
    if (options.strict === true) requireStrongClaim(claim, source.name);
    return { seccomp, policy, program, bytes, library, claim };
  } catch (error) {
    const known = error instanceof OciSeccompError && error.code !== 'ERR_CLAIM';
    throw known ? placed(error, source, profile, resolution) : error;
  }
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hostOf(capabilities: readonly string[] | undefined): Host {
  const release = machineKernelRelease();
  const kernel = parseKernelVersion(release);
  if (kernel === undefined)
    throw new OciSeccompError('ERR_HOOK', `this kernel's release is none: '${release}'`);
  return { arch: machineArch(), kernel, capabilities };
}

/** Reads a profile as every command does: JSON, or a Kubernetes object in JSON or YAML. */
async function readSource(
  { name, bytes }: ProfileSource,
  runtime: Runtime,
  asked: Engine | undefined,
): Promise<Profile> {
  if (bytes === undefined) {
    if (isBuiltinName(name)) return builtinProfiles[name]();
    throw new OciSeccompError('ERR_HOOK', `there is no built-in profile '${name}'`);
  }
  const { readProfiles } = await import('../oci/read-profiles.ts');
  const found = await readProfiles(bytes, { name });
  const [read] = found;
  if (read === undefined || found.length > 1) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `${name} holds ${found.length} profiles, and a container gets one`,
      {
        hint: 'give a file with the one profile that is meant',
      },
    );
  }
  return usableProfile(read, readersFor(read.dialect ?? 'oci', asked, runtime), name);
}

/** The error with the places of the rules it is about, and with what can be done where nobody chose a command. */
function placed(
  { code, message, hint, details, cause }: OciSeccompError,
  { name }: ProfileSource,
  profile: Profile,
  { origins }: Resolution,
): OciSeccompError {
  const placeOf = (rule: unknown): string | undefined => {
    const origin = typeof rule === 'number' ? origins[rule] : undefined;
    const place = origin === undefined ? undefined : profile.rules[origin]?.place;
    return place === undefined ? undefined : `${place.file}:${place.line}:${place.column}`;
  };
  const rules = Array.isArray(details.rules)
    ? (details.rules as readonly { rule?: number; says: string }[])
    : [];
  const notes = rules.map(({ rule, says }) => `${placeOf(rule) ?? 'a rule'}: ${says}`);
  const advice =
    code === 'ERR_PROOF'
      ? 'let the rules of this call compare fewer arguments: libseccomp compiles some sets of rules wrongly'
      : hint;
  return new OciSeccompError(code, `${placeOf(details.rule) ?? name}: ${message}`, {
    ...(advice === undefined ? {} : { hint: advice }),
    details: { ...details, notes },
    cause,
  });
}
