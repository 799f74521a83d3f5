/**
 * Hosts that together show every combination of conditions that some call depends on.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { NEWEST_KERNEL } from '../abi/kernel-history.ts';
import type { Host, KernelVersion } from '../oci/host.ts';
import {
  archOf,
  countSituations,
  kernelOf,
  kernelOrder,
  type Situations,
  situationAt,
} from './situations.ts';

/** A host that is decided in part. What is not decided may become anything. */
interface Sketch {
  readonly arch: ArchName;
  kernel: KernelVersion | undefined;
  /** Its kernel is at least the first of these and below the second, both as {@link kernelOrder} has them. */
  kernelRange: readonly [number, number];
  readonly caps: Map<string, boolean>;
}

/**
 * Finds such hosts. For each call, one of them meets every combination of the conditions of its rules, on each of the architectures
 * and on those that conditions mention.
 *
 * @param isHost - whether an architecture that is mentioned counts
 */
export function coveringHosts(
  situations: readonly Situations[],
  archs: readonly ArchName[],
  isHost: (arch: ArchName) => boolean,
): readonly Host[] {
  const sketches: Sketch[] = archs.map((arch) => newSketch(arch));
  const seen = new Set<string>();
  for (const each of situations) {
    const key = JSON.stringify(each);
    if (seen.has(key)) continue;
    seen.add(key);
    for (let index = 0; index < countSituations(each); index++) {
      const situation = situationAt(each, index);
      const own = archOf(each, situation, archs);
      const isMentioned = situation.arch < each.archs.length;
      const wanted = isMentioned
        ? [own]
        : [own, ...archs.filter((arch) => arch !== own && !each.archs.includes(arch))];
      for (const arch of wanted.filter(isHost)) place(sketches, each, index, arch);
    }
  }
  return sketches.map(({ arch, kernel, caps }) => ({
    arch,
    // Where no rule asks for a kernel, any will do.
    kernel: kernel ?? NEWEST_KERNEL,
    capabilities: [...caps].flatMap(([cap, held]) => (held ? [cap] : [])),
  }));
}

function newSketch(arch: ArchName): Sketch {
  return { arch, kernel: undefined, kernelRange: [0, Number.POSITIVE_INFINITY], caps: new Map() };
}

function place(sketches: Sketch[], situations: Situations, index: number, arch: ArchName): void {
  const situation = situationAt(situations, index);
  const held = (bit: number): boolean => ((situation.caps >>> bit) & 1) === 1;
  const kernel = kernelOf(situations, situation);
  const next = situations.kernels[situation.kernel];
  const range = [
    kernelOrder(kernel),
    next === undefined ? Number.POSITIVE_INFINITY : kernelOrder(next),
  ] as const;
  const fits = (sketch: Sketch): boolean =>
    sketch.arch === arch &&
    Math.max(sketch.kernelRange[0], range[0]) < Math.min(sketch.kernelRange[1], range[1]) &&
    situations.caps.every((cap, bit) => (sketch.caps.get(cap) ?? held(bit)) === held(bit));
  let sketch = sketches.find(fits);
  if (sketch === undefined) {
    sketch = newSketch(arch);
    sketches.push(sketch);
  }
  if (situations.kernels.length > 0) {
    const [from, to] = sketch.kernelRange;
    if (range[0] >= from) sketch.kernel = kernel;
    sketch.kernelRange = [Math.max(from, range[0]), Math.min(to, range[1])];
  }
  for (const [bit, cap] of situations.caps.entries()) sketch.caps.set(cap, held(bit));
}
