/**
 * The 32-bit ABIs whose programs an ordinary 64-bit kernel runs as well.
 *
 * Left out on purpose: x32, which distributions leave out of the kernel or turn off; MIPS, whose kernels differ.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';

/** Source: Linux 6.18 arch/x86/Kconfig IA32_EMULATION, arch/arm64/Kconfig COMPAT. */
export const subArchitectures: Readonly<Partial<Record<ArchName, readonly ArchName[]>>> = {
  x86_64: ['x86'],
  aarch64: ['arm'],
};
