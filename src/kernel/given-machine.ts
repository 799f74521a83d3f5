/**
 * What callers ask about this machine and its processes: what they hand in is checked.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { archName, count, endian, listOf, maybe, recordOf, takerFor, u32 } from '../abi/value-shape.ts';
import { program } from '../bpf/program-shape.ts';
import { type KernelFeatures, kernelFeatures as uncheckedKernelFeatures } from './features.ts';
import {
  type ProcessFilter,
  type ThreadFilters,
  type ThreadGroup,
  groupThreads as uncheckedGroupThreads,
} from './process-filters.ts';

const shapeOfThreads = listOf(
  recordOf<ThreadFilters>({
    tid: count,
    filters: listOf(recordOf<ProcessFilter>({ program, endian, flags: maybe(u32) })),
  }),
);

/**
 * Groups threads by the programs they run under; more than one group: not all threads are filtered alike.
 *
 * @param threads - from {@link readThreadFilters}
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function groupThreads(threads: readonly ThreadFilters[]): readonly ThreadGroup[] {
  return uncheckedGroupThreads(takerFor('groupThreads')('threads', shapeOfThreads, threads));
}

/**
 * Asks the kernel which actions and filter flags it knows. Installs nothing.
 *
 * @param arch - what the answer names as the architecture; default: that of this process
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_FFI` if koffi
 *   cannot be loaded
 */
export function kernelFeatures(arch?: ArchName): KernelFeatures {
  return uncheckedKernelFeatures(takerFor('kernelFeatures')('arch', maybe(archName), arch));
}
