import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy, rulesByNumber } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';

const host = { arch: 'x86_64', kernel: { kernel: 6, major: 12 }, capabilities: [] } as const;

function dockerPolicy() {
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  return lowerProfile(seccomp, { runtime: 'runc', arch: host.arch, kernel: host.kernel, table: newestTable })
    .policy;
}

describe('expandPolicy', () => {
  it('resolves each name once, however many ask for the same policy', () => {
    let asked = 0;
    const counting: SyscallTable = {
      ...newestTable,
      resolve: (name, arch) => {
        asked++;
        return newestTable.resolve(name, arch);
      },
    };
    const policy = dockerPolicy();
    const expanded = expandPolicy(policy, counting);
    const once = asked;
    expect(once).toBeGreaterThan(policy.rules.length);
    expect(expandPolicy(policy, counting)).toBe(expanded);
    expect(asked).toBe(once);
  });

  it.each(['little', 'big'] as const)('groups the rules of all %s-endian architectures once', (endian) => {
    const [native, ...others] = allArchitectures.flatMap((row) => (row.endian === endian ? row.name : []));
    if (native === undefined) throw new Error('no architecture');
    const expanded = expandPolicy({ ...dockerPolicy(), architectures: [native, ...others] }, newestTable);
    const grouped = () => expanded.map(({ rules }) => rulesByNumber(rules));
    const first = grouped();
    expect(first.length).toBeGreaterThan(10);
    expect(grouped().findIndex((each, at) => each !== first[at])).toBe(-1);
  });

  it('asks another table, and of another policy', () => {
    const policy = dockerPolicy();
    const none: SyscallTable = { ...newestTable, resolve: () => undefined };
    const [, ...others] = expandPolicy(policy, none);
    expect(others.map(({ rules }) => rules)).toEqual([[], []]);
    expect(expandPolicy(policy, newestTable)[1]?.rules).not.toEqual([]);
    expect(expandPolicy({ ...policy, rules: [] }, newestTable)[0]?.rules).toEqual([]);
  });
});
