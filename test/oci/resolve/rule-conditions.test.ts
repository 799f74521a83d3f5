/**
 * Whether a rule counts wherever another does, held against what resolving keeps of the two on each of many hosts.
 */
import { expect, it } from 'vitest';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { countsWhenever } from '../../../src/oci/resolve/rule-conditions.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';

const conditions: readonly object[] = [
  {},
  { includes: { caps: ['CAP_SYS_ADMIN'] } },
  { includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } },
  { excludes: { caps: ['CAP_SYS_ADMIN'] } },
  { excludes: { caps: ['CAP_BPF', 'CAP_SYS_ADMIN'] } },
  { includes: { arches: ['amd64'] } },
  { includes: { arches: ['arm64', 'amd64'] } },
  { excludes: { arches: ['amd64'] } },
  { excludes: { arches: ['arm64', 'amd64'] } },
  { includes: { minKernel: '4.8' } },
  { includes: { minKernel: '5.9' } },
  { excludes: { minKernel: '4.8' } },
  { excludes: { minKernel: '5.9' } },
  { includes: { caps: ['CAP_BPF'], arches: ['amd64'] }, excludes: { minKernel: '5.9' } },
  { includes: { minKernel: '4.8' }, excludes: { caps: ['CAP_BPF'], arches: ['arm64'] } },
];

const hosts = (['x86_64', 'aarch64', 's390x'] as const).flatMap((arch) =>
  [[], ['CAP_BPF'], ['CAP_SYS_ADMIN'], ['CAP_BPF', 'CAP_SYS_ADMIN']].flatMap((capabilities) =>
    [4, 5, 6].map((kernel) => ({ arch, capabilities, kernel: { kernel, major: 8 } })),
  ),
);

const rule = (name: string, own: object): object => ({ names: [name], action: 'SCMP_ACT_ALLOW', ...own });

it('is true only where it is so on every host, and true for each of these rules and itself', () => {
  let found = 0;
  for (const [i, other] of conditions.entries())
    for (const [j, own] of conditions.entries()) {
      const syscalls = [rule('read', other), rule('write', own)];
      const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
      const { profile } = readProfile(text, { dialect: 'docker' });
      if (profile === undefined) throw new Error('not read');
      const kept = hosts.map((host) =>
        (resolveProfile(profile, host).seccomp?.syscalls ?? []).flatMap(({ names }) => names),
      );
      const isSo = kept.every((names) => !names.includes('write') || names.includes('read'));
      const told = countsWhenever(profile.rules[0], profile.rules[1]);
      const what = `${JSON.stringify(other)} whenever ${JSON.stringify(own)}`;
      if (told) expect(isSo, what).toBe(true);
      if (i === j || i === 0) expect(told, what).toBe(true);
      if (told) found++;
    }
  // Each with itself and with the unconditional one, and those that contain one another.
  expect(found).toBeGreaterThan(2 * conditions.length);
});
