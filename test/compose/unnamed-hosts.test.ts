/**
 * Profiles that list no architectures come to any machine. 32-bit ones show only the low half of an argument, so libseccomp compares
 * with the low half of a value there.
 */
import { expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { intersectProfiles, simplifyProfile, uniteProfiles } from '../../src/compose/index.ts';
import { only } from '../../src/compose/join-meanings.ts';
import { hostsOfProfile } from '../../src/compose/prove-call-edit.ts';
import { proveComposition } from '../../src/compose/prove-composition.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';

const rule = (op: string, value: bigint) => ({
  names: ['personality'],
  action: 'SCMP_ACT_ALLOW',
  args: [{ index: 0, op: `SCMP_CMP_${op}`, value }],
});
/** On arm, the second rule asks for less than 0, and never holds. */
const profile: Profile = {
  dialect: 'oci',
  defaultAction: 'SCMP_ACT_ERRNO',
  rules: [rule('EQ', 5n), rule('LT', 1n << 32n)],
};

const differencesOn = (arch: 'arm' | 'x86' | 'x86_64', result: Profile): number => {
  const host = { arch, kernel: { kernel: 6, major: 1 }, capabilities: [] };
  const { wrong, stricter } = proveComposition([profile], result, only, [host]);
  return wrong.length + stricter.length;
};

it('are simplified to what is the same on 32-bit machines too', () => {
  const { profile: result, proof } = simplifyProfile(profile);
  expect(proof.hosts.map(({ arch }) => arch)).toEqual(['x86_64', 'aarch64', 'arm', 's390x']);
  expect((['x86_64', 'arm', 'x86'] as const).map((arch) => differencesOn(arch, result))).toEqual([0, 0, 0]);
  // For x86_64 alone, one comparison is enough, and it lets everything through on arm.
  const limited = simplifyProfile(profile, { archs: ['x86_64'] });
  expect(limited.profile.rules.length).toBe(1);
  expect(differencesOn('arm', limited.profile)).toBe(1);
});

it('are intersected to what is the same on 32-bit machines too', () => {
  const { profile: result } = intersectProfiles([
    profile,
    { ...profile, rules: [rule('LE', (1n << 33n) - 1n)] },
  ]);
  expect(differencesOn('x86_64', result)).toBe(0);
  expect(differencesOn('arm', result)).toBe(0);
});

it('are told apart where conditions name every architecture', () => {
  const hosts = allArchitectures.filter(({ name }) => name !== 'x32');
  const every: Profile = {
    dialect: 'podman',
    defaultAction: 'SCMP_ACT_ERRNO',
    rules: [
      { names: ['read'], action: 'SCMP_ACT_ALLOW', includes: { arches: hosts.map((row) => row.golangArch) } },
    ],
  };
  const [first, last] = [hosts[0]?.golangArch ?? '', hosts.at(-1)?.golangArch ?? ''];
  const some = {
    ...every,
    rules: every.rules.map((each) => ({ ...each, excludes: { arches: [first, last] } })),
  };
  const { profile: result } = intersectProfiles([every, some]);
  const allowing = hosts.filter(({ name: arch }) => {
    const { seccomp } = resolveProfile(result, { arch, kernel: { kernel: 6, major: 1 }, capabilities: [] });
    return seccomp?.syscalls?.some(({ names }) => names.includes('read')) === true;
  });
  expect(allowing).toEqual(hosts.slice(1, -1));
  // `allow` and `deny` look at these.
  expect(hostsOfProfile(every).length).toBeGreaterThan(0);
});

// A unit names every machine. Docker has no name for parisc, where ENOSYS has a number of its own.
it('of units are held against the hosts that the engine of the result knows', () => {
  const unit = (text: string): Profile => {
    const { profile: read } = readProfile(`[Service]\nSystemCallFilter=${text}\n`, { dialect: 'systemd' });
    if (read === undefined) throw new Error('not read');
    return read;
  };
  const units = [unit('~mount:ENOSYS ptrace'), unit('~reboot:EXDEV')];
  const { profile: docker, proof } = intersectProfiles(units);
  expect(docker.dialect).toBe('docker');
  const hosts = proof.hosts.map(({ arch }) => arch);
  expect([hosts.includes('mipsel64'), hosts.includes('parisc')]).toEqual([true, false]);
  const errnoOn = (arch: 'x86_64' | 'mips64') =>
    resolveProfile(docker, {
      arch,
      kernel: { kernel: 6, major: 1 },
      capabilities: [],
    }).seccomp?.syscalls?.find(({ names }) => names.includes('mount'))?.errnoRet;
  expect([errnoOn('x86_64'), errnoOn('mips64')]).toEqual([38, 89]);
});

it('get no rule that another one covers', () => {
  const clone = (mask: bigint, minKernel?: string): ProfileRule => ({
    names: ['clone'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: mask, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
    ...(minKernel === undefined ? {} : { includes: { minKernel } }),
  });
  const docker = (...rules: readonly ProfileRule[]): Profile => ({ ...profile, dialect: 'docker', rules });
  const { profile: result } = uniteProfiles([
    docker(clone(0x7e02_0000n), clone(0x3c02_0000n, '4.8')),
    docker(clone(0x7c02_0000n, '4.0'), clone(0x6c02_0000n, '4.18')),
  ]);
  // The four that were given: from 4.18 on, that of 4.8 would be written once more.
  const given = result.rules.map(({ args, includes }) => [args?.[0]?.value, includes?.minKernel]);
  expect(given).toEqual([
    [0x7e02_0000n, undefined],
    [0x3c02_0000n, '4.8'],
    [0x7c02_0000n, '4.0'],
    [0x6c02_0000n, '4.18'],
  ]);
  expect(uniteProfiles([result, result]).profile.rules).toEqual(result.rules);
});
