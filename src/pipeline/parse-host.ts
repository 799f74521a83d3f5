/**
 * Architectures, kernels and capabilities as people write them.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { capabilities, findCapability } from '../abi/capabilities.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { nearest } from '../abi/nearest-name.ts';
import { OciSeccompError } from '../errors.ts';
import { type KernelVersion, parseKernelVersion } from '../oci/host.ts';

/** @throws OciSeccompError `ERR_USAGE` for a name no architecture has */
export function parseArch(spelling: string): ArchName {
  const row = findArchitecture(spelling);
  if (row !== undefined) return row.name;
  const names = allArchitectures.map(({ name }) => name);
  const near = nearest(spelling, names);
  throw new OciSeccompError('ERR_USAGE', `unknown architecture '${spelling}'`, {
    hint: `${near === undefined ? '' : `did you mean ${near}? `}known are ${names.join(', ')}`,
  });
}

/** @throws OciSeccompError `ERR_USAGE` for what does not begin with two numbers */
export function parseKernel(release: string): KernelVersion {
  const version = parseKernelVersion(release);
  if (version !== undefined) return version;
  throw new OciSeccompError('ERR_USAGE', `'${release}' is not a kernel release`, {
    hint: 'write it as 6.1 or 5.15.0-91',
  });
}

/** @throws OciSeccompError `ERR_USAGE` for a name that is not a capability */
export function parseCapability(spelling: string): string {
  const name = findCapability(spelling);
  if (name !== undefined) return name;
  if (spelling.includes(',')) {
    throw new OciSeccompError('ERR_USAGE', `'${spelling}' is not one capability`, {
      hint: 'name each by itself: --cap SYS_ADMIN --cap SYS_PTRACE',
    });
  }
  const bare = spelling.replace(/^CAP_/i, '').toUpperCase();
  // `ptrace` for CAP_SYS_PTRACE.
  const ending = capabilities.filter((name) => name.endsWith(`_${bare}`)).join(' or ');
  const near = ending === '' ? nearest(`CAP_${bare}`, capabilities) : ending;
  throw new OciSeccompError('ERR_USAGE', `unknown capability '${spelling}'`, {
    hint: near === undefined ? 'capabilities(7) lists them' : `did you mean ${near}?`,
  });
}
