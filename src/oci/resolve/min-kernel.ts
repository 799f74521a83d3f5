/**
 * `minKernel`, the kernel that a condition of Docker's profiles asks for. A file of its own: checks need no more of resolution.
 *
 * Source: moby/profiles 2026-06 seccomp/kernel_linux.go.
 * @module
 */
import type { KernelVersion } from '../../abi/kernel-version.ts';

/**
 * Reads a `minKernel` as moby's decoder does: `<kernel>.<major>`, exactly two decimal numbers of 0..255.
 *
 * @returns 0.0 for `''`, which every kernel reaches; `undefined` if moby refuses the text, `0.0` among them
 */
export function parseMinKernel(text: string): KernelVersion | undefined {
  if (text === '') return { kernel: 0, major: 0 };
  const match = /^(\d+)\.(\d+)$/.exec(text);
  if (match === null) return undefined;
  const version = { kernel: Number(match[1]), major: Number(match[2]) };
  if (version.kernel > 255 || version.major > 255) return undefined;
  return version.kernel === 0 && version.major === 0 ? undefined : version;
}
