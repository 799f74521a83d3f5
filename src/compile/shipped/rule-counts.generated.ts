// Written by tools/generate-shipped.ts: how long the policies are that programs are shipped for.
import type { ArchName } from '../../abi/architectures.ts';

/** By native architecture: how many rules each policy has for all its architectures together. */
export const ruleCounts: Partial<Record<ArchName, readonly number[]>> = {
  x86_64: [316, 1026, 1029, 1041, 1047, 1099, 1168, 1173, 1174, 1180],
  aarch64: [632, 634, 642, 646, 680, 719, 721, 725],
  ppc64le: [354, 418],
  riscv64: [275, 315],
  s390x: [747, 850],
};
