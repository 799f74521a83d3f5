/**
 * The order of clone's arguments, which not all architectures share.
 * @module
 */
import type { ArchName } from './architectures.ts';

/** Linux 6.18 arch/s390/Kconfig CLONE_BACKWARDS2: the stack comes first, then the flags. */
const flagsSecond: readonly ArchName[] = ['s390', 's390x'];

/** The argument of clone that holds its flags. */
export function cloneFlagsIndex(arch: ArchName): 0 | 1 {
  return flagsSecond.includes(arch) ? 1 : 0;
}

/**
 * The arguments of a call as an architecture has them.
 *
 * @param from - the architecture whose order they are given in
 */
export function argumentsOn<T>(
  { syscall, args }: { readonly syscall: string; readonly args: readonly T[] },
  from: ArchName,
  to: ArchName,
): readonly (T | undefined)[] {
  if (syscall !== 'clone' || cloneFlagsIndex(from) === cloneFlagsIndex(to)) return args;
  const [first, second, ...rest] = args;
  return [second, first, ...rest];
}
