// Written by tools/generate-shipped.ts: how long the policies are that programs are shipped for.
import type { ArchName } from '../../abi/architectures.ts';

/** By native architecture: how many rules each policy has. */
export const ruleCounts: Partial<Record<ArchName, readonly number[]>> = {
  x86_64: [376, 377, 381, 383, 401, 427, 438, 439, 441],
  aarch64: [380, 381, 385, 387, 405, 431, 442, 443, 445],
  ppc64le: [377, 441],
  riscv64: [376, 440],
  s390x: [378, 442],
};
