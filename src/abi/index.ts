/**
 * Facts of the Linux ABI: architectures, actions and return words, capabilities, errno, system call numbers.
 * @module
 */
import { allArchitectures, architectures } from './architectures.ts';
import { frozen } from './frozen.ts';

export {
  type ActionInfo,
  type ActionKind,
  actionByOciAction,
  actions,
  type OciAction,
  parseReturnWord,
  type ReturnWord,
  returnWord,
} from './actions.ts';
export {
  type Architecture,
  type ArchName,
  allArchitectures,
  architectures,
  type Endian,
} from './architectures.ts';
export { type CapabilitySet, capabilities, capabilitySets } from './capabilities.ts';
export { errnoByName, errnoName, formatErrno } from './errno.ts';
export { findArchitecture } from './find-architecture.ts';
export type { OciFlag } from './flags.ts';
export type { Comparison, Operator } from './operators.ts';
export { effectiveReturnWord, formatReturnWord, isUnknownAction, severityOf } from './return-word.ts';
export type { SeccompData } from './seccomp-data.ts';
export { allSyscallNames, isPseudo, syscallName, syscallNumber, tableSource } from './syscall-numbers.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen([architectures, allArchitectures]);
