/**
 * Names of errnos in units of systemd and policies of minijail. Both programs read a name with the headers that they are built with,
 * so its number depends on the machine. The numbers here are those of Linux 6.18 arch/{mips,parisc,powerpc}/include/uapi/asm/errno.h.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../../src/abi/architectures.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';

/** The errnos of the rules on a machine, then that of the default action. */
function numbers(text: string, arch: ArchName): readonly (number | undefined)[] {
  const { profile, problems } = readProfile(text);
  expect(problems).toEqual([]);
  if (profile === undefined) throw new Error('not read');
  const { seccomp } = resolveProfile(profile, { arch, kernel: { kernel: 6, major: 1 }, capabilities: [] });
  return [...(seccomp?.syscalls ?? []).map(({ errnoRet }) => errnoRet), seccomp?.defaultErrnoRet];
}

const rows: readonly (readonly [name: string, on: Partial<Record<ArchName, number>>])[] = [
  ['EPERM', { x86_64: 1, mips64: 1, parisc: 1, ppc64: 1 }],
  ['EDEADLK', { x86_64: 35, aarch64: 35, mips: 45, mipsel64: 45, parisc64: 45, ppc64le: 35, s390x: 35 }],
  ['EDEADLOCK', { x86_64: 35, mips64: 56, parisc: 45, ppc64: 58 }],
  ['ENOSYS', { x86_64: 38, mips64: 89, parisc: 251, riscv64: 38 }],
  // Podman does not know it.
  ['EADV', { x86_64: 68, mips64: 68, parisc: 58 }],
  ['EHWPOISON', { x86_64: 133, mips64: 168, parisc: 257 }],
];

describe.each(rows)('%s', (name, on) => {
  it.each(Object.entries(on) as readonly [ArchName, number][])('is on %s the number %i', (arch, number) => {
    const each = `[Service]\nSystemCallFilter=~ptrace:${name} mount\nSystemCallErrorNumber=1\n`;
    // libseccomp takes no rule with the default action.
    expect(numbers(each, arch)).toContain(number);
    expect(numbers(`[Service]\nSystemCallFilter=read\nSystemCallErrorNumber=${name}\n`, arch).at(-1)).toBe(
      number,
    );
    expect(numbers(`ptrace: return ${name}\nread: arg0 == 1; return ${name}\n`, arch)).toEqual([
      number,
      undefined,
      number,
      undefined,
    ]);
  });
});
