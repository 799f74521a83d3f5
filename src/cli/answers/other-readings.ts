/**
 * What a filter means, if not the profile as it was read: the same profile for another runtime, container or kernel.
 * @module
 */
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { compilePolicy } from '../../compile/compile-policy.ts';
import { type Guess, tryGuesses } from '../../compile/verify-filter.ts';
import { filtersInLinux, markRuntime, runtimeNames, runtimeRows } from '../../consumers.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import { findDifferences } from '../../decision/difference.ts';
import { createSpace, isTooComplex } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Host, KernelVersion } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { askedKernels } from '../../oci/resolve/asked-kernels.ts';
import { type LoweredProfile, lowerLoaded, type Reading } from '../../pipeline/compile-profile.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { newestTable } from '../../policy/newest-table.ts';
import type { SyscallTable } from '../../policy/policy.ts';
import { formatRuntime, parseRuntime, type Runtime } from '../../policy/runtimes.ts';
import type { ReadingOptions } from '../define/shared-options.ts';
import { setNames } from '../operands/host-options.ts';

/** A way to read a profile, and how to say what is other about it. */
interface Choice<T> {
  readonly value: T;
  /** `undefined`: as it was asked for. */
  readonly label: string | undefined;
}

/** At most so many are told. */
const MAX_SHOWN = 3;
const LIBRARY_TIMEOUT_MS = 2000;

/**
 * Finds other readings of a profile that a filter means.
 *
 * @returns each in words, `for crun`, `for runc@1.1 with all capabilities`, those with the least that is other; empty if
 *   the filter means none of them
 */
export async function guessReadings(
  lowered: LoweredProfile,
  subject: ProgramSource,
  options: ReadingOptions,
): Promise<readonly string[]> {
  const guesses: Guess[] = [];
  for (const { reading, labels } of readings(lowered)) {
    try {
      const { lowered: result, table } = await lowerLoaded(lowered.input, reading);
      guesses.push({ labels, policy: result.policy, table });
    } catch (error) {
      // A reading that its runtime or engine would refuse has no filter.
      if (!(error instanceof OciSeccompError)) throw error;
    }
  }
  const right = rightAmong(subject, guesses);
  const least = right[0]?.labels.length;
  const told = right.filter(({ labels }) => labels.length === least).slice(0, MAX_SHOWN);
  const miscompiled = await isLibrarysProgram(lowered, subject, options);
  return [...(miscompiled === undefined ? [] : [miscompiled]), ...told.map(({ labels }) => labels.join(' '))];
}

/** Guesses that are too complex are left out: the difference was found without them. */
function rightAmong({ filters }: ProgramSource, guesses: readonly Guess[]): readonly Guess[] {
  try {
    return tryGuesses(filters, guesses);
  } catch (error) {
    if (isTooComplex(error)) return [];
    throw error;
  }
}

function readings(lowered: LoweredProfile): readonly { reading: Reading; labels: readonly string[] }[] {
  const { host, engine, input } = lowered;
  return runtimes(lowered.runtime).flatMap((runtime) =>
    containers(host, input.profile).flatMap((capabilities) =>
      kernels(host, input.profile).flatMap((kernel) =>
        tables(lowered.table).flatMap((table) => {
          const labels = [runtime, capabilities, kernel, table].flatMap(({ label }) => label ?? []);
          if (labels.length === 0) return [];
          const other: Host = { ...host, capabilities: capabilities.value, kernel: kernel.value };
          return [{ reading: { host: other, engine, runtime: runtime.value, table: table.value }, labels }];
        }),
      ),
    ),
  );
}

function runtimes(asked: Runtime): readonly Choice<Runtime>[] {
  const others = runtimeNames
    .filter(filtersInLinux)
    .flatMap((name) => [name, ...runtimeRows[name].tried.map((version) => `${name}@${version}`)])
    .map(parseRuntime);
  const choices = others.map((value) => ({ value, label: `for ${markRuntime(formatRuntime(value))}` }));
  return [
    { value: asked, label: undefined },
    ...choices.filter(({ value }) => formatRuntime(value) !== formatRuntime(asked)),
  ];
}

function containers({ capabilities }: Host, { rules }: Profile): readonly Choice<Host['capabilities']>[] {
  const asked = { value: capabilities, label: undefined };
  const reads = rules.some(
    ({ includes, excludes }) => includes?.caps !== undefined || excludes?.caps !== undefined,
  );
  if (!reads) return [asked];
  const names = Object.keys(capabilitySets) as CapabilitySet[];
  return [asked, ...names.map((name) => ({ value: capabilitySets[name], label: `with ${setNames[name]}` }))];
}

/** The kernels just before and at each `minKernel`. */
function kernels({ kernel }: Host, { rules }: Profile): readonly Choice<KernelVersion>[] {
  const choices = askedKernels(rules).flatMap((limit) => [
    { value: limit, label: `on kernel ${limit.kernel}.${limit.major} or later` },
    { value: before(limit), label: `on a kernel before ${limit.kernel}.${limit.major}` },
  ]);
  const byLabel = new Map(choices.map((choice) => [choice.label, choice]));
  return [{ value: kernel, label: undefined }, ...byLabel.values()];
}

/** A kernel just older than another. */
function before({ kernel, major }: KernelVersion): KernelVersion {
  return major > 0 ? { kernel, major: major - 1 } : { kernel: kernel - 1, major: 255 };
}

/** The names that the newest library knows, where the one at hand is older. */
function tables(asked: SyscallTable): readonly Choice<SyscallTable>[] {
  return [
    { value: asked, label: undefined },
    { value: newestTable, label: `with the names of ${newestTable.name}` },
  ];
}

/** Whether the library at hand builds the same, wrong, program. */
async function isLibrarysProgram(
  { lowered, table }: LoweredProfile,
  subject: ProgramSource,
  { library }: ReadingOptions,
): Promise<string | undefined> {
  try {
    const compiled = await compilePolicy(lowered.policy, {
      table,
      allowUnproven: true,
      timeoutMs: LIBRARY_TIMEOUT_MS,
      library,
    });
    const space = createSpace();
    const [own, theirs] = [decidePrograms(space, [compiled]), decidePrograms(space, subject.filters)];
    if (findDifferences(space, own, theirs).length > 0) return undefined;
    return `as ${compiled.compiler} compiles it, which is not what the profile says`;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return undefined;
  }
}
