/**
 * Profiles that compare two arguments of one call with hundreds of pairs: libseccomp builds them, and the proof decides
 * them; where the filter is too long for the kernel, or too much for libseccomp, the error is about the rules.
 */
import { OciSeccompError } from 'oci-seccomp';
import { type CompiledFilter, compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import type { LinuxSeccomp } from 'oci-seccomp/oci';
import { lowerProfile } from 'oci-seccomp/policy';
import { expect, it } from 'vitest';
import { createRandom } from '../decision/random.ts';
import { describeWith } from './support/require.ts';

type Arch = 'x86_64' | 'x86';

/** Allows mmap for these pairs of arguments 0 and 1 alone; `high`: with values in the upper halves too. */
function pairs(count: number, high: boolean): LinuxSeccomp {
  const random = createRandom(count);
  const value = (): bigint => (high ? BigInt(random.word()) << 32n : 0n) | BigInt(random.word());
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: Array.from({ length: count }, () => ({
      names: ['mmap'],
      action: 'SCMP_ACT_ALLOW' as const,
      args: [0, 1].map((index) => ({ index, value: value(), op: 'SCMP_CMP_EQ' as const })),
    })),
  };
}

async function compiled(seccomp: LinuxSeccomp, arch: Arch, timeoutMs: number): Promise<CompiledFilter> {
  const table = librarySyscallTable(openLibrary());
  const { policy } = lowerProfile(seccomp, { runtime: 'crun', arch, table });
  return compilePolicy(policy, { table, timeoutMs });
}

/** @returns the error, which there must be */
async function failure(seccomp: LinuxSeccomp, arch: Arch, timeoutMs: number): Promise<OciSeccompError> {
  try {
    await compiled(seccomp, arch, timeoutMs);
  } catch (error) {
    if (error instanceof OciSeccompError) return error;
    throw error;
  }
  throw new Error('it was compiled');
}

describeWith(['built', 'x86_64'], 'many pairs of compared values', () => {
  it.each([
    [140, 'x86_64', true],
    [250, 'x86_64', true],
    [600, 'x86_64', false],
    [1000, 'x86', false],
  ] as const)('%i are compiled and proven, on %s', async (count, arch, high) => {
    const { program, proof } = await compiled(pairs(count, high), arch, 100_000);
    expect(program.length).toBeGreaterThan(4 * count);
    expect(program.length).toBeLessThanOrEqual(4096);
    expect(proof).toMatchObject({ equal: true });
  });

  it('1,000 are more instructions than the kernel takes on x86_64, and the error says so', async () => {
    const { code, message, hint } = await failure(pairs(1000, false), 'x86_64', 100_000);
    expect(code).toBe('ERR_BPF_INVALID');
    expect(message).toMatch(/^the program has \d{4} instructions, but the kernel accepts at most 4096$/);
    expect(hint).toContain('1000 rules compare arguments 0 and 1 of mmap');
  });

  it('1,000 of 64 bits take libseccomp longer than it may, and the error names the rules', async () => {
    const { code, message, hint } = await failure(pairs(1000, true), 'x86_64', 500);
    expect(code).toBe('ERR_LIBSECCOMP_TIMEOUT');
    expect(message).toBe('libseccomp used up 0.5 s of processor time and did not finish');
    expect(hint).toContain('1000 rules compare arguments 0 and 1 of mmap');
    expect(hint).toContain('--timeout');
  });
});
