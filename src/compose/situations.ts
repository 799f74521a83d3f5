/**
 * The hosts that a profile's conditions tell apart, as far as one system call is concerned.
 *
 * A rule's conditions ask for architectures, a kernel and capabilities. The rules of one call mention few of each, so every
 * combination can be looked at. What holds for each combination holds for every host.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { type EngineRow, engineRows, handedOn } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import { defaultEngines } from '../oci/dialect-rows.ts';
import type { Host, KernelVersion } from '../oci/host.ts';
import type { Dialect, ProfileRule, RuleConditions } from '../oci/profile.ts';
import { parseMinKernel } from '../oci/resolve/min-kernel.ts';

/** What conditions mention. A situation is one choice of each: `index` counts them. */
export interface Situations {
  /** The architectures mentioned; all others are the choice after the last. */
  readonly archs: readonly ArchName[];
  /** The kernels mentioned, ascending; a kernel is below the first, or at least one of them. */
  readonly kernels: readonly KernelVersion[];
  /** The capabilities mentioned. */
  readonly caps: readonly string[];
}

/** One combination. */
export interface Situation {
  /** Index into `archs`; its length: any other. */
  readonly arch: number;
  /** How many of `kernels` the host's kernel reaches. */
  readonly kernel: number;
  /** Bit `i`: the container has `caps[i]`. */
  readonly caps: number;
}

/** The most combinations of one call that are looked at; Docker's default has 8. */
const MAX_SITUATIONS = 4096;

/** There are x32 programs, but no x32 machines. */
const NEVER_A_HOST: ArchName = 'x32';
const possibleHosts = allArchitectures.map(({ name }) => name).filter((name) => name !== NEVER_A_HOST);

/** How an engine reads profiles of a dialect. */
export function engineRowOf(dialect: Dialect): EngineRow {
  const engine = defaultEngines[dialect];
  return engine === undefined ? handedOn : engineRows[engine];
}

/**
 * Collects what the conditions of rules mention.
 *
 * @param rules - each with the dialect of its profile
 * @param others - architectures to tell apart for other reasons
 * @throws OciSeccompError `ERR_UNDECIDED` for more than 4,096 combinations
 */
export function collectSituations(
  rules: readonly { readonly rule: ProfileRule; readonly dialect: Dialect }[],
  others: readonly ArchName[] = [],
): Situations {
  const archs = new Set<ArchName>(others);
  const kernels = new Map<number, KernelVersion>();
  const caps = new Set<string>();
  for (const { rule, dialect } of rules) {
    const engine = engineRowOf(dialect);
    if (!engine.readsConditions) continue;
    for (const conditions of [rule.includes, rule.excludes]) {
      for (const arch of archsOf(conditions, engine)) archs.add(arch);
      for (const cap of conditions?.caps ?? []) caps.add(cap);
      const kernel = engine.readsMinKernel ? parseMinKernel(conditions?.minKernel ?? '') : undefined;
      if (kernel !== undefined && kernelOrder(kernel) > 0) kernels.set(kernelOrder(kernel), kernel);
    }
  }
  const mentioned = possibleHosts.filter((name) => archs.has(name));
  const found = {
    // If all are mentioned, the last is the choice of "any other".
    archs: mentioned.length === possibleHosts.length ? mentioned.slice(0, -1) : mentioned,
    kernels: [...kernels].sort(([a], [b]) => a - b).map(([, kernel]) => kernel),
    caps: [...caps].sort(),
  };
  if (countSituations(found) <= MAX_SITUATIONS) return found;
  throw new OciSeccompError(
    'ERR_UNDECIDED',
    `the rules of one system call depend on ${found.caps.length} capabilities, ${found.kernels.length} kernels and ${found.archs.length} architectures: more than ${MAX_SITUATIONS} combinations`,
    {
      hint: 'resolve the profile for one host first: oci-seccomp resolve',
      details: { reason: 'too complex' },
    },
  );
}

function archsOf(conditions: RuleConditions | undefined, engine: EngineRow): readonly ArchName[] {
  const asked = conditions?.arches ?? [];
  if (asked.length === 0) return [];
  return allArchitectures
    .filter((row) => asked.includes(engine.archInConditions(row)))
    .map(({ name }) => name);
}

/** A kernel's place in the order of kernels. */
export function kernelOrder({ kernel, major }: KernelVersion): number {
  return kernel * 256 + major;
}

export function countSituations({ archs, kernels, caps }: Situations): number {
  return (archs.length + 1) * (kernels.length + 1) * 2 ** caps.length;
}

/** The combination with a number below {@link countSituations}. */
export function situationAt({ kernels, caps }: Situations, index: number): Situation {
  const ofCaps = 2 ** caps.length;
  const levels = kernels.length + 1;
  return {
    caps: index % ofCaps,
    kernel: Math.floor(index / ofCaps) % levels,
    arch: Math.floor(index / (ofCaps * levels)),
  };
}

/** The capabilities that a combination has. */
function heldCaps({ caps }: Situations, situation: Situation): readonly string[] {
  return caps.filter((_, bit) => ((situation.caps >>> bit) & 1) === 1);
}

/** The kernel of a combination: the newest that it has to reach, 0.0 for none. */
export function kernelOf({ kernels }: Situations, situation: Situation): KernelVersion {
  return kernels[situation.kernel - 1] ?? { kernel: 0, major: 0 };
}

/** The architecture of a combination. For "any other" it is one that no condition mentions. */
export function archOf(
  { archs }: Situations,
  situation: Situation,
  others: readonly ArchName[] = [],
): ArchName {
  const mentioned = archs[situation.arch];
  if (mentioned !== undefined) return mentioned;
  const free = [...others, ...possibleHosts].find((name) => name !== NEVER_A_HOST && !archs.includes(name));
  if (free === undefined) throw new RangeError('every architecture is mentioned');
  return free;
}

/** A host in that situation. */
export function hostIn(situations: Situations, situation: Situation): Host {
  return {
    arch: archOf(situations, situation),
    kernel: kernelOf(situations, situation),
    capabilities: heldCaps(situations, situation),
  };
}
