/**
 * This machine: its architecture and kernel, the defaults a profile is resolved for.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { OciSeccompError } from '../errors.ts';

/** Node's names of architectures (`process.arch`) that no other table here has. */
const nodeArchitectures: Readonly<Record<string, ArchName>> = { ia32: 'x86' };

/**
 * The architecture of this Node process.
 *
 * NOTE: a 32-bit Node on a 64-bit kernel counts as the 32-bit architecture, as a 32-bit runtime would.
 *
 * @throws OciSeccompError `ERR_USAGE` on an architecture libseccomp does not know
 */
export function machineArch(): ArchName {
  const name = process.arch;
  // Node reports both byte orders of POWER as ppc64; those that run Node are little endian.
  const found = name === 'ppc64' ? 'ppc64le' : (nodeArchitectures[name] ?? findArchitecture(name)?.name);
  if (found !== undefined) return found;
  throw new OciSeccompError(
    'ERR_USAGE',
    `this machine's architecture, ${name}, has no seccomp support in libseccomp`,
    {
      hint: 'name the architecture to compile for with --arch',
    },
  );
}

/** This machine's kernel release, as `uname -r` prints it. */
export function machineKernelRelease(): string {
  return process.getBuiltinModule('node:os').release();
}
