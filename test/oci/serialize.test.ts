import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type BuiltinName, builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../../src/oci/serialize.ts';
import { skipUnless } from '../oracle/libraries.ts';
import { profileFromJson } from './profile-json.ts';

const whole: LinuxSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  architectures: ['SCMP_ARCH_X86_64'],
  flags: [],
  listenerPath: '/run/"quoted"',
  listenerMetadata: 'tab\t, \u2028, \ud800',
  syscalls: [
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      errnoRet: 0,
      args: [{ index: 0, value: 2n ** 64n - 1n, valueTwo: 2n ** 53n + 1n, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: [], action: 'SCMP_ACT_LOG', args: [] },
  ],
};

describe('serializeLinuxSeccomp', () => {
  it('writes a fixed order, two spaces a level, u64 values as integers', () => {
    expect(serializeLinuxSeccomp(whole)).toBe(`{
  "defaultAction": "SCMP_ACT_ERRNO",
  "defaultErrnoRet": 38,
  "architectures": [
    "SCMP_ARCH_X86_64"
  ],
  "flags": [],
  "listenerPath": "/run/\\"quoted\\"",
  "listenerMetadata": "tab\\t, \\u2028, \\ud800",
  "syscalls": [
    {
      "names": [
        "clone"
      ],
      "action": "SCMP_ACT_ALLOW",
      "errnoRet": 0,
      "args": [
        {
          "index": 0,
          "value": 18446744073709551615,
          "valueTwo": 9007199254740993,
          "op": "SCMP_CMP_MASKED_EQ"
        }
      ]
    },
    {
      "names": [],
      "action": "SCMP_ACT_LOG",
      "args": []
    }
  ]
}
`);
  });

  it('leaves out what is absent, and does not depend on the order of the keys it is given', () => {
    expect(serializeLinuxSeccomp({ syscalls: [], defaultAction: 'A' })).toBe(
      '{\n  "defaultAction": "A",\n  "syscalls": []\n}\n',
    );
  });

  it('agrees with JSON.stringify where that is exact', () => {
    const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 1 },
      capabilities: [],
    });
    if (seccomp === undefined) throw new Error('seccomp is off');
    const text = serializeLinuxSeccomp(seccomp);
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
  });

  // Python's integers have no limit: an independent reader and writer of the same text.
  const python = spawnSync('python3', ['--version']).status === 0;
  it.skipIf(skipUnless(python))(
    'keeps every bit in an independent JSON implementation (needs python3)',
    () => {
      const program =
        'import json,sys; json.dump(json.load(sys.stdin), sys.stdout, indent=2, ensure_ascii=False)';
      const text = serializeLinuxSeccomp({ ...whole, listenerMetadata: 'plain' });
      expect(`${execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' })}\n`).toBe(text);
    },
  );
});

describe('serializeProfile', () => {
  const rule = {
    names: ['socket'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: 22,
    errno: 'EINVAL',
    args: [{ index: 0, value: 2n ** 63n + 1n, op: 'SCMP_CMP_GT' }],
    comment: 'why',
    includes: { caps: ['CAP_BPF'], minKernel: '4.8' },
    excludes: { arches: ['s390'] },
  };
  const profile: Profile = {
    dialect: 'podman',
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrno: 'ENOSYS',
    archMap: [{ architecture: 'SCMP_ARCH_S390X', subArchitectures: ['SCMP_ARCH_S390'] }],
    rules: [rule, { names: [], name: 'read', action: 'SCMP_ACT_ALLOW' }],
  };

  it('writes what an independent reader reads back as the same profile', () => {
    const read = profileFromJson(serializeProfile(profile), 'podman');
    const filled = profile.rules.map((one) => ({ includes: {}, excludes: {}, ...one }));
    expect(read).toEqual({ ...profile, rules: filled });
  });

  it('leaves an empty names out of a rule in the old form', () => {
    expect(JSON.parse(serializeProfile(profile)).syscalls[1]).toEqual({
      name: 'read',
      action: 'SCMP_ACT_ALLOW',
    });
  });

  it.each(['docker-default', 'podman-default'] satisfies BuiltinName[])(
    'writes %s so that it resolves the same',
    (name) => {
      const builtin = builtinProfiles[name]();
      const read = profileFromJson(serializeProfile(builtin), builtin.dialect);
      const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: ['CAP_BPF'] } as const;
      expect(resolveProfile(read, host)).toEqual(resolveProfile(builtin, host));
    },
  );

  it('writes of a bundle what the profile holds', () => {
    const bundle: Profile = {
      dialect: 'oci-config',
      defaultAction: 'SCMP_ACT_ALLOW',
      rules: [],
      container: { capabilities: ['CAP_KILL'] },
    };
    expect(JSON.parse(serializeProfile(bundle))).toEqual({
      process: { capabilities: { bounding: ['CAP_KILL'] } },
      linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] } },
    });
  });
});
