/**
 * Which calls runc's ENOSYS stub answers.
 * @module
 */
import { type ArchName, architectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import type { Policy } from './policy.ts';

const S390_SETUP = 0;

/**
 * Tells whether the stub in front of a policy's filter answers a call.
 *
 * @param nr - of x32 with bit 30
 * @returns the largest number that is left to the filter, of x32 without bit 30; `undefined`: the filter is asked
 */
export function answeredByStub(policy: Policy, arch: ArchName, nr: number): number | undefined {
  const section = policy.enosysStub?.find(({ auditArch }) => auditArch === architectures[arch].auditArch);
  const limit = section?.limits.find((each) => each.arch === arch);
  if (limit === undefined) return undefined;
  const isSetup = (arch === 's390' || arch === 's390x') && nr === S390_SETUP;
  if (nr >>> 0 <= limit.maxNr && !isSetup) return undefined;
  return limit.maxNr & ~(arch === 'x32' ? X32_SYSCALL_BIT : 0);
}
