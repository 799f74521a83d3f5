/**
 * What a fix may not take away, and that a file is finished whatever is in it.
 */
import { describe, expect, it } from 'vitest';
import { type LintOptions, lintProfile } from '../../../src/lint/engine/lint-profile.ts';

/** A rule that repeats the default action, which a fix would remove, with something in it. */
const withRule = (inner: string, names = '["socket"]') => `{
  "defaultAction": "SCMP_ACT_ALLOW",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "syscalls": [
    { "names": ["bpf"], "action": "SCMP_ACT_ERRNO" },
    { "names": ${names}, "action": "SCMP_ACT_ALLOW"${inner} }
  ]
}`;

const fixOf = async (text: string, rule: string, options: LintOptions = {}) => {
  const { findings } = await lintProfile(text, options);
  const found = findings.filter((finding) => finding.rule === rule);
  expect(found.length, rule).toBeGreaterThan(0);
  return found.map(({ fix }) => fix !== undefined);
};

describe('a fix that removes a rule', () => {
  it.each(['', ', "comment": ""', ', "args": []'])('is offered: %j', async (inner) => {
    expect(await fixOf(withRule(inner), 'redundant-with-default')).toEqual([true]);
  });

  it.each([
    ['an unknown key that looks like a condition', ', "exceptArgs": [{ "index": 0 }]'],
    ['an unknown key of prose', ', "reason": "ticket 7"'],
    ['a key for notes', ', "_comment": "ticket 7"'],
    ['a comment', ', "comment": "no AF_VSOCK, see ticket 7"'],
    ['a key of another dialect', ', "errno": "EPERM"'],
  ])('is not offered for one with %s', async (_, inner) => {
    expect(await fixOf(withRule(inner), 'redundant-with-default')).toEqual([false]);
  });

  it('is not offered for one with a comment between the values, which crun takes in a bundle', async () => {
    const bundle = (inner: string) => `{"ociVersion":"1.0.2","linux":{"seccomp":${withRule(inner)}}}`;
    expect(await fixOf(bundle(''), 'redundant-with-default')).toEqual([true]);
    expect(await fixOf(bundle(' /* ticket 7 */'), 'redundant-with-default')).toEqual([false]);
  });

  it('is not offered for one with a key that nobody reads, whether its rule is on or not', async () => {
    const levels = { 'unknown-key': 'off', 'wrong-dialect-key': 'off' } as const;
    for (const inner of [', "exceptArgs": []', ', "errno": "EPERM"'])
      expect(await fixOf(withRule(inner), 'redundant-with-default', { levels })).toEqual([false]);
  });

  it('is not offered where the rule holds the limit of the stub on hosts with other capabilities', async () => {
    const text = (condition: string) => `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38${condition}},
      {"names": ["unshare"], "action": "SCMP_ACT_ERRNO"}]}`;
    const excluded = ', "excludes": {"caps": ["CAP_SYS_ADMIN"]}';
    expect(await fixOf(text(''), 'redundant-with-default')).toEqual([true]);
    expect(await fixOf(text(excluded), 'redundant-with-default')).toEqual([false]);
  });

  it('is not offered for one with another finding', async () => {
    expect(await fixOf(withRule('', '["socket", "opneat"]'), 'redundant-with-default')).toEqual([false]);
  });
});

describe('a name that stands alone becomes a list', () => {
  it.each(['', '"names": [], ', '"names": null, '])('beside %j', async (names) => {
    const text = `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"name": "mkdir", ${names}"action": "SCMP_ACT_ALLOW"}]}`;
    const { findings } = await lintProfile(text);
    const edits = findings.find(({ rule }) => rule === 'deprecated-name')?.fix?.edits ?? [];
    const fixed = edits
      .toSorted((a, b) => b.start - a.start)
      .reduce((all, { start, end, text: put }) => all.slice(0, start) + put + all.slice(end), text);
    expect(fixed).toMatch(/"syscalls":\[\{"names": \["mkdir"\], "action": "SCMP_ACT_ALLOW"\}\]\}$/);
  });
});

describe('a name is corrected', () => {
  const named = (action: string, name: string) =>
    `{"defaultAction":"${action === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW'}","syscalls":[{"names":["execve","${name}"],"action":"${action}"}]}`;

  it.each(['execvp', 'newfstat', 'sys_read', 'nanoslep'])('in a rule that allows: %s', async (name) => {
    expect(await fixOf(named('SCMP_ACT_ALLOW', name), 'unknown-syscall')).toEqual([true]);
  });

  it('in a rule that logs, which lets the call through as well', async () => {
    for (const name of ['execvp', 'nanoslep'])
      expect(await fixOf(named('SCMP_ACT_LOG', name), 'unknown-syscall')).toEqual([true]);
  });

  it.each(['SCMP_ACT_TRACE', 'SCMP_ACT_NOTIFY'])(
    'never in one that leaves it to others: %s',
    async (action) => {
      expect(await fixOf(named(action, 'nanoslep'), 'unknown-syscall')).toEqual([false]);
    },
  );

  it.each(['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP'])(
    'never in a rule that denies: %s',
    async (action) => {
      for (const name of ['execvp', 'newfstat', 'opneat'])
        expect(await fixOf(named(action, name), 'unknown-syscall')).toEqual([false]);
    },
  );
});

describe('a file is finished', () => {
  it('with a comparison that no runtime looks at', async () => {
    const text = withRule(', "args": [{ "index": 99, "value": 1, "op": "SCMP_CMP_EQ" }]');
    const { findings } = await lintProfile(text);
    const found = findings.map(({ rule, level }) => `${rule} ${level}`);
    expect(found).toContain('invalid-profile error');
    expect(found).toContain('redundant-with-default note');
  });

  it('where the runtime refuses the host, and says so', async () => {
    const text = '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_PPC64"]}';
    const { findings } = await lintProfile(text);
    expect(findings.map(({ rule, level, message }) => [rule, level, message])).toContainEqual([
      'invalid-profile',
      'error',
      expect.stringContaining('ppc64'),
    ]);
  });
});

describe('an entry of archMap', () => {
  const text = (host: string, sub: string) =>
    `{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},{"architecture":"${host}","subArchitectures":["${sub}"]}]}`;
  const levelsOn = async (profile: string, arch: 'x86_64' | 'ppc64le' | 'aarch64') => {
    const hosts = [{ arch, kernel: { kernel: 6, major: 1 }, capabilities: [] }];
    const { findings } = await lintProfile(profile, { hosts });
    return findings
      .filter(({ range }) => range.pointer.includes('/subArchitectures/'))
      .map(({ level }) => level);
  };

  it.each(['SCMP_ARCH_PPC64', 'SCMP_ARCH_NONE', 'SCMP_ARCH_NATIVE', 'SCMP_ARCH_PARISC'])(
    'with %s concerns its own hosts',
    async (sub) => {
      const profile = text('SCMP_ARCH_PPC64LE', sub);
      expect([...new Set(await levelsOn(profile, 'x86_64'))]).toEqual(['warn']);
      expect(await levelsOn(profile, 'ppc64le')).toContain('error');
    },
  );

  it('concerns nobody if an entry before it is for the same host', async () => {
    const profile = text('SCMP_ARCH_X86_64', 'SCMP_ARCH_NONE');
    expect(await levelsOn(profile, 'x86_64')).toEqual(['warn']);
  });
});

describe('the only comparison of a rule', () => {
  const compared = (op: string, value: number, name = 'personality') =>
    `{"names":["${name}"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":${value},"op":"${op}"}]}`;
  const text = (...rules: readonly string[]) =>
    `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${rules.join()}]}`;

  it('is removed if it holds for every call', async () => {
    expect(
      await fixOf(text(compared('SCMP_CMP_GE', 0), compared('SCMP_CMP_EQ', 8, 'close')), 'always-matches'),
    ).toEqual([true]);
  });

  it('stays where it would make the comparisons of another rule moot, which is an error', async () => {
    const both = text(compared('SCMP_CMP_GE', 0), compared('SCMP_CMP_EQ', 8));
    expect(await fixOf(both, 'always-matches')).toEqual([false]);
    const { findings } = await lintProfile(
      text(compared('SCMP_CMP_GE', 0).replace(/,"args".*\]/, ''), compared('SCMP_CMP_EQ', 8)),
    );
    expect(findings.map(({ rule, level }) => `${rule} ${level}`)).toContain('conditional-made-moot error');
  });
});
