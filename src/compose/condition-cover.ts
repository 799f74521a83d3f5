/**
 * Situations as the conditions of rules: `includes` and `excludes`.
 *
 * The conditions of one rule ask for some capabilities and against others, for kernels from one version to before another, and
 * for some architectures or all but some. They describe a box of situations. From each situation that must be covered, a box is
 * grown as far as it may cover.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import type { EngineRow } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { KernelVersion } from '../oci/host.ts';
import type { RuleConditions } from '../oci/profile.ts';
import { countSituations, type Situation, type Situations, situationAt } from './situations.ts';

/** Both conditions of a rule; none: it always applies. */
export interface BothConditions {
  readonly includes?: RuleConditions;
  readonly excludes?: RuleConditions;
}

/** A box of situations. */
interface Box {
  /** Indices into `archs`, that of "any other" among them. */
  readonly archs: readonly number[];
  /** The lowest and the highest kernel. */
  readonly kernels: readonly [number, number];
  /** Bit `i`: the box depends on `caps[i]`. */
  readonly askedCaps: number;
  /** Bit `i`, if the box depends on it: whether the container has `caps[i]`. */
  readonly caps: number;
}

/**
 * Covers situations by boxes.
 *
 * @param must - the indices to cover
 * @param may - whether an index may be covered
 */
export function coverSituations(
  situations: Situations,
  must: readonly number[],
  may: (index: number) => boolean,
): readonly Box[] {
  const boxes: Box[] = [];
  for (const index of must) {
    const situation = situationAt(situations, index);
    if (boxes.some((box) => contains(box, situation))) continue;
    boxes.push(grow(situations, situation, may));
  }
  return boxes.filter((box, at) => {
    const others = boxes.filter((_, other) => other !== at);
    const own = must.filter((index) => contains(box, situationAt(situations, index)));
    return own.some((index) => !others.some((other) => contains(other, situationAt(situations, index))));
  });
}

/** Whether a box holds a situation. */
export function contains(box: Box, { arch, kernel, caps }: Situation): boolean {
  const [lowest, highest] = box.kernels;
  return (
    box.archs.includes(arch) &&
    kernel >= lowest &&
    kernel <= highest &&
    (caps & box.askedCaps) === (box.caps & box.askedCaps)
  );
}

function grow(situations: Situations, from: Situation, may: (index: number) => boolean): Box {
  const everyArch = Array.from({ length: situations.archs.length + 1 }, (_, arch) => arch);
  const allowed = (box: Box): boolean => situationsIn(situations, box).every(may);
  let box: Box = {
    archs: [from.arch],
    kernels: [from.kernel, from.kernel],
    askedCaps: 2 ** situations.caps.length - 1,
    caps: from.caps,
  };
  const attempt = (change: Partial<Box>): void => {
    const larger = { ...box, ...change };
    if (allowed(larger)) box = larger;
  };
  attempt({ archs: everyArch });
  attempt({ kernels: [0, situations.kernels.length] });
  attempt({ kernels: [box.kernels[0], situations.kernels.length] });
  attempt({ kernels: [0, box.kernels[1]] });
  for (let bit = 0; bit < situations.caps.length; bit++) {
    if ((box.askedCaps >>> bit) & 1) attempt({ askedCaps: box.askedCaps & ~(1 << bit) });
  }
  const archs = everyArch.filter((arch) => allowed({ ...box, archs: [arch] }));
  return { ...box, archs: archs.length > box.archs.length ? archs : box.archs };
}

function situationsIn(situations: Situations, box: Box): readonly number[] {
  return Array.from({ length: countSituations(situations) }, (_, index) => index).filter((index) =>
    contains(box, situationAt(situations, index)),
  );
}

/**
 * Writes a box as conditions.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` where the engine has no such condition
 */
export function conditionsOf(situations: Situations, box: Box, engine: EngineRow): BothConditions {
  const { archs, kernels, caps } = situations;
  const mentioned = box.archs.length > archs.length ? [] : box.archs;
  const isExcluding = mentioned.includes(archs.length);
  const names = archs.filter((_, arch) =>
    isExcluding ? !mentioned.includes(arch) : mentioned.includes(arch),
  );
  const asked = caps.filter((_, bit) => ((box.askedCaps >>> bit) & 1) === 1);
  const isHeld = (cap: string): boolean => ((box.caps >>> caps.indexOf(cap)) & 1) === 1;
  const [lowest, highest] = box.kernels;
  const spelled = names.map((name) => spellArch(name, engine));
  const includes = conditions(
    asked.filter(isHeld),
    mentioned.length > 0 && !isExcluding ? spelled : [],
    kernels[lowest - 1],
    engine,
  );
  const excludes = conditions(
    asked.filter((cap) => !isHeld(cap)),
    isExcluding ? spelled : [],
    highest < kernels.length ? kernels[highest] : undefined,
    engine,
  );
  return {
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
  };
}

function conditions(
  caps: readonly string[],
  arches: readonly string[],
  kernel: KernelVersion | undefined,
  engine: EngineRow,
): RuleConditions | undefined {
  if (caps.length === 0 && arches.length === 0 && kernel === undefined) return undefined;
  if (!engine.readsConditions || (kernel !== undefined && !engine.readsMinKernel)) {
    throw new OciSeccompError(
      'ERR_INEXPRESSIBLE',
      `the result depends on ${kernel === undefined ? 'the host' : 'the kernel'}, and a profile of this form has no such condition`,
      { hint: 'write it with --to docker, or resolve the profiles for one host first' },
    );
  }
  return {
    ...(caps.length === 0 ? {} : { caps }),
    ...(arches.length === 0 ? {} : { arches }),
    ...(kernel === undefined ? {} : { minKernel: `${kernel.kernel}.${kernel.major}` }),
  };
}

function spellArch(name: ArchName, engine: EngineRow): string {
  const spelled = engine.archInConditions(architectures[name]);
  if (spelled !== '') return spelled;
  throw new OciSeccompError('ERR_INEXPRESSIBLE', `this form of profile has no condition for ${name}`, {
    hint: 'name the architectures that matter with --for, or resolve the profiles for one host first',
  });
}
