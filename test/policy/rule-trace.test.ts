/**
 * What became of each rule: held against whether its name, and how often, is in the filter.
 */
import { expect, it } from 'vitest';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { traceRules } from '../../src/policy/rule-trace.ts';

const table = {
  name: 'a table without openat2',
  resolve: (name: string, arch: Parameters<typeof syscallNumber>[1]) =>
    name === 'openat2' ? undefined : syscallNumber(name, arch),
};
const rule = (name: string, action: string, more: object = {}): object => ({
  names: [name],
  action: `SCMP_ACT_${action}`,
  ...more,
});
const compare = (value: number): object => ({ index: 0, op: 'SCMP_CMP_EQ', value });

it.each([
  ['a rule', 'read', [rule('read', 'ALLOW')], ['added 1']],
  ['a rule that says what the default says', 'read', [rule('read', 'ERRNO')], ['equals-default']],
  ['a name that the table lacks', 'openat2', [rule('openat2', 'ALLOW')], ['unknown-name']],
  ['a call of another architecture', 's390_sthyi', [rule('s390_sthyi', 'ALLOW')], ['not-on-architecture']],
  [
    'a rule for a capability',
    'bpf',
    [rule('bpf', 'ALLOW', { includes: { caps: ['CAP_BPF'] } })],
    ['dropped'],
  ],
  [
    'two comparisons of one argument, which runc makes two rules',
    'kill',
    [rule('kill', 'ALLOW', { args: [compare(1), compare(2)] })],
    ['added 2'],
  ],
  [
    'several rules',
    'read',
    [rule('write', 'ALLOW'), rule('read', 'ALLOW', { args: [compare(1)] }), rule('read', 'LOG')],
    ['added 1', 'added 1'],
  ],
])('%s', (_, syscall, syscalls, wanted) => {
  const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
  const { profile } = readProfile(text, { dialect: 'docker' });
  if (profile === undefined) throw new Error('not read');
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
  const resolution = resolveProfile(profile, host);
  if (resolution.seccomp === undefined) throw new Error('off');
  const lowered = lowerProfile(resolution.seccomp, { runtime: 'runc', arch: 'x86_64', table });
  const expanded = expandPolicy(lowered.policy, table);
  const nr = syscallNumber(syscall, 'x86_64');
  const traces = traceRules({ profile, resolution, lowered, expanded }, { syscall, arch: 'x86_64', nr });
  expect(
    traces.map(({ treatment }) =>
      treatment.kind === 'added' ? `added ${treatment.rules.length}` : treatment.kind,
    ),
  ).toEqual(wanted);
});
