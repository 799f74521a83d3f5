/**
 * A profile on its way to a filter: what the commands that compile have in common.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { Engine } from '../oci/consumers.ts';
import type { Host } from '../oci/host.ts';
import { type Resolution, resolveProfile } from '../oci/resolve.ts';
import { type Lowered, lowerProfile } from '../policy/lower.ts';
import type { SyscallTable } from '../policy/policy.ts';
import { readersFor } from '../policy/readers.ts';
import type { Runtime } from '../policy/runtimes.ts';
import type { Input } from './input.ts';
import { atPlaces } from './places.ts';

/** Everyone who reads the profile on its way: the engine, if there is one, then the runtime. */
export const readers = readersFor;

export function seccompOff({ name }: Input): OciSeccompError {
  return new OciSeccompError(
    'ERR_PROFILE_SEMANTICS',
    `${name} has no default action and no rules: seccomp is off, there is no filter to compile`,
    { hint: 'a default action of SCMP_ACT_ALLOW makes a filter that allows everything' },
  );
}

/** What a profile is read for. */
export interface Reading {
  readonly host: Host;
  readonly runtime: Runtime;
  readonly engine: Engine | undefined;
  readonly table: SyscallTable;
}

export interface LoweredInput extends Reading {
  readonly input: Input;
  readonly resolution: Resolution;
  readonly lowered: Lowered;
}

/**
 * Resolves a profile and lowers it.
 *
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` where seccomp is off, or the engine or runtime refuses it
 */
export async function lowerInput(input: Input, reading: Reading): Promise<LoweredInput> {
  const { host, runtime, engine, table } = reading;
  const { profile } = input;
  const resolution = resolveProfile(profile, host, engine === undefined ? {} : { engine });
  const { seccomp } = resolution;
  if (seccomp === undefined) throw seccompOff(input);
  const lowered = await atPlaces(input, resolution, async () =>
    lowerProfile(seccomp, { runtime, arch: host.arch, kernel: host.kernel, table }),
  );
  return { ...reading, input, resolution, lowered };
}
