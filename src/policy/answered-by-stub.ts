/**
 * Which calls runc's ENOSYS stub answers.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { enosysOf } from '../abi/carried-out.ts';
import type { Policy } from './policy.ts';

const S390_SETUP = 0;

/**
 * Tells what the stub answers. runc takes the number from C's errno.h when it is built, so it is that of the native
 * architecture on all architectures of the filter (`C_ACT_ERRNO_ENOSYS`, runc 1.1.5-1.5.1, libcontainer/seccomp/patchbpf).
 *
 * @returns ERRNO with 89 on MIPS, 251 on PA-RISC, and 38 on all others
 */
export function stubWord({ architectures: [native] }: Pick<Policy, 'architectures'>): ReturnWord {
  return (actions.errno.word | enosysOf(native)) >>> 0;
}

/** Tells whether the stub in front of a policy's filter answers a call. */
export function answeredByStub(policy: Policy, arch: ArchName, nr: number): number | undefined {
  return stubOn(policy, arch)(nr);
}

/** As {@link answeredByStub}, for many numbers of one architecture. */
export function stubOn({ enosysStub }: Policy, arch: ArchName): (nr: number) => number | undefined {
  const { auditArch } = architectures[arch];
  const limits = enosysStub?.find((each) => each.auditArch === auditArch)?.limits ?? [];
  const limitOf = (own: ArchName): number | undefined => limits.find((each) => each.arch === own)?.maxNr;
  // Of these two, the stub looks at bit 30 alone: -1 has it.
  const isX86 = arch === 'x86_64' || arch === 'x32';
  const limit = limitOf(isX86 ? 'x86_64' : arch);
  const limitOfX32 = isX86 ? limitOf('x32') : limit;
  const ofSetup = arch === 's390' || arch === 's390x' ? S390_SETUP : undefined;
  return (nr) => {
    const isX32 = isX86 && (nr & X32_SYSCALL_BIT) !== 0;
    const last = isX32 ? limitOfX32 : limit;
    if (last === undefined || (nr >>> 0 <= last && nr !== ofSetup)) return undefined;
    return last & ~(isX32 ? X32_SYSCALL_BIT : 0);
  };
}
