/**
 * Lowering for every runtime, as tables: a profile, and what each runtime makes of it.
 * @module
 */
import type { ArchName } from '../../src/abi/architectures.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../../src/oci/linux-seccomp.ts';
import { type Lowered, lowerProfile } from '../../src/policy/lower-profile.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';

export const table: SyscallTable = { name: 'the test table', resolve: syscallNumber };

export const runtimes = [
  'runc@1.1.5',
  'runc@1.1.8',
  'runc@1.1.15',
  'runc@1.3.6',
  'runc',
  'crun',
  'youki',
  'plain',
] as const;
export type Spelling = (typeof runtimes)[number];

export const deny = (...syscalls: readonly LinuxSyscall[]): LinuxSeccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls,
});
export const allow = (...names: readonly string[]): LinuxSyscall => ({ names, action: 'SCMP_ACT_ALLOW' });

export function lower(
  seccomp: LinuxSeccomp,
  runtime: Spelling = 'plain',
  arch: ArchName = 'x86_64',
): Lowered {
  return lowerProfile(seccomp, { runtime, arch, table });
}

export const words = ({ policy }: Lowered): readonly number[] =>
  policy.rules.map(({ returnWord }) => returnWord);
export const kinds = ({ steps }: Lowered): readonly string[] => steps.map(({ kind }) => kind);

/** What each runtime does, given for all of them: a new runtime does not pass unseen. */
export function byRuntime<T>(answers: Record<Spelling, T>): readonly (readonly [Spelling, T])[] {
  return runtimes.map((runtime) => [runtime, answers[runtime]] as const);
}
