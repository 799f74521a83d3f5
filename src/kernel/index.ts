/**
 * What the kernel of this machine has: features, the filters of live processes.
 * @module
 */
export {
  type KernelFeatures,
  kernelFeatures,
  type NotificationSizes,
  seccompActionsAvailable,
} from './features.ts';
export { groupThreads } from './given-threads.ts';
export {
  type ProcessFilter,
  type ReadFiltersOptions,
  readProcessFilters,
  readThreadFilters,
  type ThreadFilters,
  type ThreadGroup,
} from './process-filters.ts';
export { machineArch, machineKernelRelease } from './this-machine.ts';
