/**
 * The pure half of the walk: a profile is resolved for a host, and lowered as a runtime does it. It needs no library and no
 * machine, so lint calls it too. compile-profile.ts continues to a program.
 * @module
 */
import type { Engine } from '../consumers.ts';
import type { Host } from '../oci/host.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import type { Profile } from '../oci/profile.ts';
import { type Resolution, resolveProfile } from '../oci/resolve-profile.ts';
import { type Lowered, lowerProfile } from '../policy/lower-profile.ts';
import type { SyscallTable } from '../policy/policy.ts';
import type { Runtime } from '../policy/runtimes.ts';

/** Whom a profile is read for, and where. */
export interface Reading {
  /** The machine that it is resolved for. */
  readonly host: Host;
  /** Who installs the filter. */
  readonly runtime: Runtime;
  /** `undefined`: the one that reads profiles of its dialect. */
  readonly engine: Engine | undefined;
  /** Where names become numbers. */
  readonly table: SyscallTable;
}

/**
 * The runtime and host that a profile is lowered for. An action or flag that the kernel lacks is refused, unless
 * `anyKernel` is set.
 */
type LoweringOptions = Pick<Reading, 'host' | 'runtime' | 'table'> & { readonly anyKernel?: true };

/**
 * Resolves a profile as its engine does.
 *
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` if the engine refuses it
 */
export function resolveFor(profile: Profile, { host, engine }: Pick<Reading, 'host' | 'engine'>): Resolution {
  return resolveProfile(profile, host, { engine });
}

/**
 * Lowers what a runtime is handed.
 *
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` if the runtime refuses it
 */
export function lowerFor(seccomp: LinuxSeccomp, options: LoweringOptions): Lowered {
  const { host, runtime, table, anyKernel } = options;
  const kernel = anyKernel === true ? {} : { kernel: host.kernel };
  return lowerProfile(seccomp, { runtime, arch: host.arch, table, ...kernel });
}
