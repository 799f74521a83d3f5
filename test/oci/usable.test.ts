/**
 * That the library path refuses what the command line refuses, also where nobody asked `usableProfile`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { blocks, severityFor } from '../../src/oci/problems.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp } from '../../src/oci/serialize.ts';
import { usableProfile } from '../../src/oci/usable-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { consumersFor } from '../../src/policy/profile-readers.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';

const folder = join(import.meta.dirname, '../../fixtures/profiles/bad');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
const table = { name: 'test', resolve: syscallNumber };

/** The error's code, or nothing. */
function refusal(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return error.code;
  }
}

describe('a profile read with problems', () => {
  it.each(files)('%s', (file) => {
    const read = readProfile(readFileSync(join(folder, file)), { name: file });
    const { profile, problems, dialect } = read;
    if (profile === undefined || dialect === undefined) return;
    for (const name of ['runc', 'crun', 'youki']) {
      const readers = consumersFor(dialect, undefined, parseRuntime(name));
      const isRefused = problems.some((problem) => blocks(problem, readers));
      const gate = refusal(() => usableProfile(read, readers, file));
      const path = refusal(() => {
        const { seccomp } = resolveProfile(profile, host);
        return seccomp === undefined
          ? undefined
          : lowerProfile(seccomp, { runtime: name, arch: host.arch, table });
      });
      expect(gate !== undefined, name).toBe(isRefused);
      // Where seccomp is off nothing reaches the runtime.
      const isOff = profile.defaultAction === undefined && profile.rules.length === 0;
      if (isRefused && !isOff) expect(path, name).toBe(gate);
    }
  });

  it('is refused by one runtime and taken by another', () => {
    const text = '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW"}]}';
    const { profile } = readProfile(text);
    if (profile === undefined) throw new Error('not read');
    const { seccomp } = resolveProfile(profile, host);
    if (seccomp === undefined) throw new Error('off');
    expect(refusal(() => lowerProfile(seccomp, { runtime: 'crun', arch: 'x86_64', table }))).toBe(
      'ERR_PROFILE_SEMANTICS',
    );
    expect(refusal(() => lowerProfile(seccomp, { runtime: 'runc', arch: 'x86_64', table }))).toBeUndefined();
    expect(serializeLinuxSeccomp(seccomp)).not.toContain('refus');
  });
});

describe('what only some hosts refuse', () => {
  const archs = ['x86_64', 'aarch64', 's390x', 'ppc64le'] as const;
  const entry = (architecture: string, sub: string) => ({
    architecture: `SCMP_ARCH_${architecture}`,
    subArchitectures: [`SCMP_ARCH_${sub}`],
  });

  it.each([
    ['an entry of one architecture', [entry('X86_64', 'X86'), entry('AARCH64', 'ARMM')]],
    ['entries of two', [entry('S390X', 'S309'), entry('AARCH64', 'ARMM')]],
    ['an entry that no host takes', [entry('X86_64', 'X86'), entry('X86_64', 'X68')]],
    ['an entry of an architecture that nobody knows', [entry('X86_46', 'X68')]],
  ])('is an error where a host among those asked for is refused: %s', (_, archMap) => {
    const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', archMap, syscalls: [] });
    const { profile, problems } = readProfile(text);
    if (profile === undefined) throw new Error('not read');
    const isRefused = (arch: (typeof archs)[number]): boolean =>
      refusal(() => {
        const { seccomp } = resolveProfile(profile, { ...host, arch });
        if (seccomp === undefined) throw new Error('off');
        lowerProfile(seccomp, { runtime: 'runc', arch, table });
      }) !== undefined;
    const own = problems.filter(({ hosts }) => hosts !== undefined);
    // Whatever is wrong in an entry is told, also where no host minds.
    expect(own).toHaveLength(archMap.filter((each) => /ARMM|S309|X68/.test(JSON.stringify(each))).length);
    const isError = (hosts: readonly (typeof archs)[number][]): boolean =>
      own.some((problem) => severityFor(problem, { hosts }) === 'error');
    for (const arch of archs) expect(isError([arch]), arch).toBe(isRefused(arch));
    for (const a of archs) for (const b of archs) expect(isError([a, b])).toBe(isRefused(a) || isRefused(b));
    expect(own.some((problem) => severityFor(problem, {}) === 'error')).toBe(archs.some(isRefused));
  });
});

describe('how severe a problem is', () => {
  it.each(files)('to some readers is what stops them: %s', (file) => {
    const { problems } = readProfile(readFileSync(join(folder, file)), { name: file });
    for (const problem of problems.filter(({ severity }) => severity === 'error')) {
      for (const consumers of [
        ['runc'],
        ['crun'],
        ['youki'],
        ['docker', 'runc'],
        ['podman', 'crun'],
      ] as const) {
        // What nobody refuses is an error of the author's all the same.
        const isError = problem.rejectedBy?.length === 0 || blocks(problem, consumers);
        expect(severityFor(problem, { consumers }), `${problem.code} ${consumers}`).toBe(
          isError ? 'error' : 'warning',
        );
      }
      expect(severityFor(problem, {})).toBe('error');
    }
  });
});
