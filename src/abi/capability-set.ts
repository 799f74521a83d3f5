/**
 * The name of a set of capabilities. A file of its own: few commands need it.
 * @module
 */
import { type CapabilitySet, capabilitySets } from './capabilities.ts';

/** The set with exactly these capabilities, in whatever order. */
export function capabilitySetOf(held: readonly string[]): CapabilitySet | undefined {
  return (Object.keys(capabilitySets) as CapabilitySet[]).find((name) => {
    const set: readonly string[] = capabilitySets[name];
    return set.length === held.length && held.every((capability) => set.includes(capability));
  });
}
