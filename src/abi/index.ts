/**
 * Facts of the Linux ABI: architectures, actions and return words, capabilities, errno, system call numbers.
 * @module
 */
import { allArchitectures, architectures } from './architectures.ts';
import { frozen } from './frozen.ts';

export { type ActionInfo, type ActionKind, actions, type OciAction, type ReturnWord } from './actions.ts';
export {
  type Architecture,
  type ArchName,
  allArchitectures,
  architectures,
  type Endian,
} from './architectures.ts';
export { type CapabilitySet, capabilities, capabilitySets } from './capabilities.ts';
export type { OciFlag } from './flags.ts';
export {
  actionByOciAction,
  effectiveReturnWord,
  errnoByName,
  errnoName,
  findArchitecture,
  formatErrno,
  formatReturnWord,
  isPseudo,
  isUnknownAction,
  parseReturnWord,
  precedenceOf,
  returnWord,
  syscallName,
  syscallNumber,
} from './given-facts.ts';
export type { Comparison, Operator } from './operators.ts';
export type { SeccompData } from './seccomp-data.ts';
export { allSyscallNames, tableSource } from './syscall-numbers.ts';

// All callers share them. Commands load no entry point, and need no frozen tables.
frozen([architectures, allArchitectures]);
