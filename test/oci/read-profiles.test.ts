/**
 * Files with several profiles: which are found, under which names, and where their problems are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintProfiles } from '../../src/lint/engine/lint-profile.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeSeccompProfile } from '../../src/oci/serialize-kubernetes.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures');
const folder = `${fixtures}/kubernetes`;

async function told(file: string): Promise<readonly string[]> {
  const results = await readProfiles(readFileSync(`${folder}/${file}`), { name: file });
  return results.map(({ dialect, object, profile, problems }) => {
    const name =
      object === undefined ? '-' : `${object.kind} ${object.name}${object.key ? `:${object.key}` : ''}`;
    const found = problems.map(({ code, line, column, pointer }) => `${code} ${line}:${column} ${pointer}`);
    return [`${dialect ?? '-'} ${name} ${profile === undefined ? '-' : profile.rules.length}`, ...found].join(
      ' | ',
    );
  });
}

describe('readProfiles', () => {
  it.each([
    ['good/several.yaml', ['kubernetes SeccompProfile runtime 1', 'kubernetes SeccompProfile server 3']],
    ['good/list.json', ['kubernetes SeccompProfile log-all 0', 'docker ConfigMap profiles:no-chmod.json 1']],
    ['good/anchors.yaml', ['kubernetes SeccompProfile anchors 3']],
    [
      'bad/mistakes.yaml',
      [
        [
          'kubernetes SeccompProfile  -',
          'kubernetes-version 1:13 /apiVersion',
          'missing-key 3:1 /metadata',
          'unknown-key 7:3 /spec/DefaultErrnoRet',
          'profile-disabled 8:10 /spec/state',
          'unknown-action 11:13 /spec/syscalls/0/action',
          'wrong-type 12:15 /spec/syscalls/0/errnoRet',
          'wrong-dialect-key 13:5 /spec/syscalls/0/comment',
          'value-out-of-range 15:25 /spec/syscalls/0/args/0/value',
          'wrong-type 16:25 /spec/syscalls/0/args/1/value',
          'duplicate-key 18:5 /spec/syscalls/1/names',
        ].join(' | '),
      ],
    ],
    [
      'bad/config-map.yaml',
      [
        '- ConfigMap profiles:broken.json - | invalid-json 10:29 ',
        'oci ConfigMap profiles:wrong.json - | unknown-action 13:36 /defaultAction',
        'oci ConfigMap profiles:folded.json - | unknown-action 16:5 /defaultAction',
      ],
    ],
    ['bad/workloads.yaml', ['- - - | kubernetes-dialect 2:1 /kind']],
    ['bad/plain-profile.yaml', ['- - - | yaml-document 1:1 ']],
    ['bad/tab.yaml', ['- - - | invalid-yaml 4:1 ']],
    ['bad/aliases.yaml', ['- - - | too-large 6:7 /f']],
  ])('%s', async (file, expected) => {
    expect(await told(file)).toEqual(expected);
  });

  it('reads every other file as readProfile does', async () => {
    for (const kind of ['good', 'bad']) {
      for (const file of readdirSync(`${fixtures}/profiles/${kind}`)) {
        if (file === 'kubernetes-other.json') continue;
        const bytes = readFileSync(`${fixtures}/profiles/${kind}/${file}`);
        const one = readProfile(bytes, { name: file });
        // A YAML text is the one thing that only readProfiles reads.
        if (one.problems[0]?.code === 'yaml-document') continue;
        const [first, ...others] = await readProfiles(bytes, { name: file });
        const { object: _, ...rest } = first ?? { object: undefined };
        expect([file, rest, others.length]).toEqual([file, one, 0]);
      }
    }
  });

  it('reads embedded profiles with their places, however the text is written', async () => {
    const profile = '{"defaultAction": "SCMP_ACT_NO"}';
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n';
    const places: string[] = [];
    for (const written of [
      `  a: '${profile}'\n`,
      `  a: ${JSON.stringify(profile)}\n`,
      `  a: |-\n    ${profile}\n`,
      `  a: |4\n        ${profile}\n`,
      `  a: >\n    ${profile}\n`,
      `  a: |\r\n    {\r\n      "defaultAction": "SCMP_ACT_NO"}\r\n`,
    ]) {
      const [read] = await readProfiles(head + written);
      places.push(...(read?.problems.map(({ code, line, column }) => `${code} ${line}:${column}`) ?? []));
    }
    expect(places).toEqual([
      'unknown-action 5:25',
      'unknown-action 5:27',
      'unknown-action 6:23',
      'unknown-action 6:27',
      'unknown-action 6:23',
      'unknown-action 7:24',
    ]);
  });
});

describe('lintProfiles', () => {
  it('lints each profile of a file, with places in the file', async () => {
    const text = readFileSync(`${folder}/bad/mistakes.yaml`, 'utf8').replace(
      / {2}- names: \[chmod\][\s\S]*/,
      '  - names: [chmod]\n    nmaes: []\n    action: SCMP_ACT_ERRNO\n',
    );
    const [result] = await lintProfiles(text.replace('  namespace', '  name'), { name: 'a.yaml' });
    const keys = result?.findings.filter(({ rule }) => rule === 'unknown-key');
    expect(
      keys?.map(({ range }) => `${range.file}:${range.line}:${range.column}-${range.endColumn}`),
    ).toEqual(['a.yaml:7:3-18', 'a.yaml:11:5-10']);
    expect(result?.findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
  });

  it('says nothing of the meaning of a profile whose base is not there', async () => {
    const results = await lintProfiles(readFileSync(`${folder}/good/several.yaml`), { name: 'several.yaml' });
    expect(results.length).toBe(2);
    expect(results[1]?.profile?.kubernetes?.baseProfileName).toBe('runtime');
    expect(results[1]?.findings.filter(({ witness }) => witness !== undefined)).toEqual([]);
  });
});

describe('serializeSeccompProfile', () => {
  const seccomp: LinuxSeccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    flags: [],
    listenerPath: '/run/a: b',
    listenerMetadata: 'yes',
    syscalls: [
      { names: ['execve', 'n', '1'], action: 'SCMP_ACT_ALLOW' },
      {
        names: ['socket'],
        action: 'SCMP_ACT_NOTIFY',
        args: [{ index: 0, value: 9223372036854775807n, valueTwo: 1n, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ],
  };

  it.each(['yaml', 'json'] as const)('writes %s that reads back the same', async (format) => {
    const text = serializeSeccompProfile(seccomp, { name: 'a-profile', format });
    const [read] = await readProfiles(text, { name: `x.${format}` });
    expect(read?.problems.filter(({ code }) => code !== 'unknown-syscall')).toEqual([]);
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
    const { flags: _, ...written } = seccomp;
    expect(read?.profile && resolveProfile(read.profile, host).seccomp).toEqual(written);
    expect(read?.profile?.flags).toEqual([]);
    expect(read?.object?.name).toBe('a-profile');
  });

  it.each<[string, Partial<LinuxSeccomp>, string, string]>([
    ['the default errno', { defaultErrnoRet: 38 }, 'a', 'ERR_PROFILE_SEMANTICS'],
    [
      'an errno of 0',
      { syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 }] },
      'a',
      'ERR_PROFILE_SEMANTICS',
    ],
    [
      'a value beyond 63 bits',
      {
        syscalls: [
          {
            names: ['read'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 0, value: 1n << 63n, op: 'SCMP_CMP_EQ' }],
          },
        ],
      },
      'a',
      'ERR_PROFILE_SEMANTICS',
    ],
    ['a name in capitals', {}, 'A', 'ERR_USAGE'],
    ['no name', {}, '', 'ERR_USAGE'],
  ])('refuses %s', (_, change, name, code) => {
    expect(() => serializeSeccompProfile({ ...seccomp, ...change }, { name })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });
});
