import { datedProfile, findRelease } from '../../../src/compose/dated/releases.ts';
import { serializeProfile } from '../../../src/oci/serialize.ts';
import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

const when = (conditions: string): string => profile([rule('mount', 'ALLOW', [], `, ${conditions}`)]);
const arm = { arch: 'aarch64', kernel: { kernel: 6, major: 1 }, capabilities: ['CAP_SYS_ADMIN'] } as const;

/** Rules of it are for architectures, capabilities and kernels. */
const base = datedProfile(findRelease('docker-default', '20.10.7').run.profile);
const copyWith = (name: string): string => {
  const own = { names: [name], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_RAWIO'] } } as const;
  return serializeProfile({ ...base, rules: [own, ...base.rules] });
};

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a capability that the container does not have',
      text: when('"includes": {"caps": ["CAP_SYS_ADMIN"]}'),
      at: ['2:3'],
      messages: [
        /^the rule decides nothing on the hosts that lint looked at \(x86_64\): needs CAP_SYS_ADMIN$/,
      ],
    },
    {
      name: 'another architecture, and a kernel that is newer than all',
      text: profile([
        rule('read', 'ALLOW'),
        rule('mount', 'ALLOW', [], ', "includes": {"arches": ["s390x"]}'),
        rule('bpf', 'ALLOW', [], ', "includes": {"minKernel": "9.1"}'),
      ]),
      at: ['3:3'],
      messages: [/^2 rules decide nothing .*: only for s390x; only on kernel 9.1 and later$/],
    },
    {
      name: 'a kernel that all of them are as new as',
      text: when('"excludes": {"minKernel": "4.19"}'),
      at: ['2:3'],
    },
    {
      name: 'a rule that was added to a default, and none of the default itself',
      text: copyWith('uselib'),
      at: ['53:5'],
      messages: [/^the rule decides nothing .*: needs CAP_SYS_RAWIO$/],
    },
    {
      name: 'conditions that contradict each other',
      text: profile([
        rule('bpf', 'ALLOW', [], ', "includes": {"caps": ["CAP_BPF"]}, "excludes": {"caps": ["CAP_BPF"]}'),
        rule(
          'mount',
          'ALLOW',
          [],
          ', "includes": {"arches": ["arm"]}, "excludes": {"arches": ["arm", "amd64"]}',
        ),
        rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": "4.8"}, "excludes": {"minKernel": "4.8"}'),
      ]),
      at: ['2:3', '3:3', '4:3'],
      messages: [
        /on no host: it needs CAP_BPF/,
        /on no host: it is only for arm/,
        /on no host: it needs kernel 4.8/,
      ],
    },
  ],
  clean: [
    {
      name: 'a condition that holds on one of two hosts',
      text: when('"includes": {"caps": ["CAP_SYS_ADMIN"]}'),
      options: { hosts: [{ ...arm, capabilities: [] }, arm] },
    },
    {
      name: 'a kernel that only the newest ones reach',
      text: when('"excludes": {"minKernel": "5.8"}'),
    },
    { name: 'a default', text: serializeProfile(base), options: { inherited: 'among' } },
    { name: 'no conditions', text: profile([rule('mount', 'ALLOW')]) },
  ],
};
