/**
 * What the kernel of this machine has: features, the filters of live processes, and a filter for this one.
 * @module
 */
export {
  type KernelFeatures,
  type NotificationSizes,
  seccompActionsAvailable,
} from './features.ts';
export { groupThreads, kernelFeatures } from './given-machine.ts';
export { type InstallOptions, installProgram } from './install-program.ts';
export {
  type ProcessFilter,
  type ReadFiltersOptions,
  readProcessFilters,
  readThreadFilters,
  type ThreadFilters,
  type ThreadGroup,
} from './process-filters.ts';
export { machineArch, machineKernelRelease } from './this-machine.ts';
