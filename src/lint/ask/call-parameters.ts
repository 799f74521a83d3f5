/**
 * Parameters by architecture: what a comparison of argument `index` looks at there.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { argumentName, isShifted } from '../../abi/arguments.ts';
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { type Parameter, syscallSignature } from '../../abi/syscall-signatures.ts';

/** Linux 6.18: mmap takes its arguments through a pointer (`struct mmap_arg_struct`). */
const mmapByPointer: readonly ArchName[] = ['x86', 's390', 's390x', 'm68k'];

/**
 * Finds the parameter that an argument is on an architecture.
 *
 * @returns `undefined` if it is not known, or the call has no such argument
 */
export function parameterAt(syscall: string, index: number, arch: ArchName): Parameter | undefined {
  const signature = syscallSignature(syscall);
  if (signature === undefined) return undefined;
  if (syscall === 'mmap' && mmapByPointer.includes(arch)) return undefined;
  if (syscall === 'clone') {
    // What follows stack and flags is in another order from architecture to architecture.
    if (index > 1) return undefined;
    return signature[cloneFlagsIndex(arch) === 1 ? 1 - index : index];
  }
  return isShifted(signature, index, arch) ? undefined : signature[index];
}

/** `argument 0 (domain)` */
export function describeParameter(syscall: string, index: number, arch: ArchName): string {
  const name = argumentName(syscall, index, arch);
  return `argument ${index}${name === undefined ? '' : ` (${name})`}`;
}
