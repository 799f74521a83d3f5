/**
 * The kernels that a profile tells apart.
 * @module
 */
import type { KernelVersion } from '../../abi/kernel-version.ts';
import type { ProfileRule } from '../profile.ts';
import { parseMinKernel } from './min-kernel.ts';

/** The kernels that conditions of rules ask for, in the order of the rules; those that moby refuses are left out. */
export function askedKernels(rules: readonly ProfileRule[]): readonly KernelVersion[] {
  return rules
    .flatMap(({ includes, excludes }) => [includes?.minKernel, excludes?.minKernel])
    .flatMap((text) => (text === undefined || text === '' ? [] : (parseMinKernel(text) ?? [])));
}
