/**
 * What files are, told from their content. The samples are written as the formats' own manuals write them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/bpf/assemble.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { detectFile, notAProfileFile } from '../../src/oci/file-kind.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const others: Readonly<Record<string, readonly string[]>> = {
  'an LXC seccomp policy of version 1': ['# old\n1\nallowlist\n103\n'],
  'a kafel policy': [
    '#define X 1\nPOLICY p {\n  ALLOW { read }\n}\nUSE p DEFAULT KILL\n',
    '// nsjail\nERRNO(1) { mount, chroot }\nDEFAULT ALLOW\n',
    'KILL { ptrace }\n',
  ],
  'a systemd unit without a filter of system calls': [
    '# x\n[Unit]\nDescription=y\n[Service]\nExecStart=/bin/true\n',
  ],
  'a firejail profile': [
    'include globals.local\ncaps.drop all\nseccomp\n',
    'seccomp.keep read,write\n',
    'noblacklist /home/.x\nseccomp !chroot\n',
  ],
  'an AppArmor profile': [
    '#include <tunables/global>\nprofile x flags=(attach_disconnected) {\n  deny @{PROC}/* w,\n  capability net_raw,\n}\n',
  ],
  'a Helm template': [
    '{{- if .Values.seccomp }}\napiVersion: v1\nkind: ConfigMap\n{{- end }}\n',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n{{ include "x" . | indent 4 }}\n',
    '{ "defaultAction": {{ .Values.action | quote }} }',
  ],
  'a template': [
    '{ "defaultAction": {{ action }} }',
    '{% if x %}{ "defaultAction": "SCMP_ACT_ALLOW" }{% endif %}',
  ],
};
const rows = Object.entries(others).flatMap(([what, texts]) => texts.map((text) => ({ what, text })));

describe('files of other kinds', () => {
  it.each(rows)('$what: $text', async ({ what, text }) => {
    expect(notAProfileFile(text)?.what).toBe(what);
    expect(notAProfileFile(new TextEncoder().encode(text))?.what).toBe(what);
    const [read] = await readProfiles(text);
    expect(read?.problems.map(({ code }) => code)).toEqual(['foreign-file']);
    expect(read?.problems[0]?.message).toContain(what);
  });

  it('a template is shown where its first mark is', async () => {
    const text = '\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n';
    const [read] = await readProfiles(text);
    expect(read?.problems).toMatchObject([{ code: 'foreign-file', line: 4, column: 9 }]);
  });

  // Made with tar -c, xz and bzip2 of an empty file: the beginnings of their formats.
  const tar = new Uint8Array(1024);
  tar.set(new TextEncoder().encode('profile.json'));
  tar.set(new TextEncoder().encode('ustar  '), 257);
  const archives: readonly (readonly [string, Uint8Array])[] = [
    ['a tar archive', tar],
    ['a file compressed with xz', Buffer.from('/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=', 'base64')],
    ['a file compressed with bzip2', Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64')],
    [
      "libseccomp's pseudo filter code",
      new TextEncoder().encode('#\n# pseudo filter code start\n#\n# filter for arch x86_64 (3221225534)\n'),
    ],
  ];
  it.each<readonly [string, Uint8Array]>([
    ...archives,
    ['an ELF file', readFileSync(process.execPath).subarray(0, 4096)],
    ['a file compressed with gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0)],
  ])('%s', (what, bytes) => {
    expect(readProfile(bytes).problems.map(({ code, message }) => [code, message.includes(what)])).toEqual([
      ['foreign-file', true],
    ]);
  });

  it.each([
    ['a BPF program as JSON', { instructions: [] }],
    ['a configuration of an OCI hook', { version: '1.0.0', hook: { path: '/x' }, when: {}, stages: [] }],
    ['a filter of Firecracker', { vmm: { default_action: 'trap', filter_action: 'allow', filter: [] } }],
  ])('%s', (what, value) => {
    const { problems, profile } = readProfile(JSON.stringify(value));
    expect(profile).toBeUndefined();
    expect(problems.map(({ code, message }) => [code, message.includes(what)])).toEqual([
      ['foreign-file', true],
    ]);
  });

  it("names the API group of a SeccompProfile that is not the operator's", async () => {
    const text = 'apiVersion: example.com/v1\nkind: SeccompProfile\nspec: {defaultAction: SCMP_ACT_ALLOW}\n';
    const [read] = await readProfiles(text);
    expect(read?.problems).toMatchObject([
      {
        code: 'kubernetes-version',
        line: 1,
        column: 13,
        message: expect.stringContaining('the API example.com/v1'),
      },
    ]);
  });

  it('says of the API that the operator had first what to write instead', async () => {
    const text =
      'apiVersion: seccomp-operator.k8s-sigs.io/v1alpha1\nkind: SeccompProfile\nmetadata: {name: a}\nspec: {defaultAction: SCMP_ACT_ALLOW}\n';
    const [old] = await readProfiles(text);
    expect(old?.problems).toMatchObject([
      { code: 'kubernetes-version', severity: 'error', line: 1, column: 13 },
    ]);
    const wanted = /"apiVersion: (\S+)"/.exec(old?.problems[0]?.hint ?? '')?.[1] ?? '';
    const [now] = await readProfiles(text.replace(/seccomp-operator\S+/, wanted));
    expect(now?.profile?.defaultAction).toBe('SCMP_ACT_ALLOW');
  });
});

it('takes no longer for hostile texts', () => {
  const parts = [
    '[',
    '{{a',
    '{%a',
    '/*',
    '//\n',
    '#',
    'profile ',
    '/a ',
    'a: arg0 ',
    'seccomp',
    'POLICY a',
    '1\n',
    '[A]\n',
  ];
  const started = process.cpuUsage();
  for (const part of parts) detectFile(part.repeat(1_000_000 / part.length));
  const { user, system } = process.cpuUsage(started);
  // CPU time, of which a quadratic pattern takes minutes.
  expect((user + system) / 1e6).toBeLessThan(5);
});

describe('programs', () => {
  const listing = 'ld [0]\njeq #1, yes, no\nyes: ret ALLOW\nno: ret KILL_PROCESS\n';
  const program = assemble(listing, { name: 'x' });

  it.each(['little', 'big'] as const)('raw, %s-endian', (endian) => {
    const bytes = encodeProgram(program, endian);
    expect(detectFile(bytes)).toEqual({ kind: 'program', form: 'raw', sure: true });
    expect(
      readProfile(bytes).problems.map(({ code, message }) => [code, /4 instructions/.test(message)]),
    ).toEqual([['foreign-file', true]]);
  });

  /** The longest that the kernel takes has BPF_MAXINSNS, 4096 instructions (bpf_common.h). */
  const encoded = (count: number, last: object, jt = 0, endian: 'little' | 'big' = 'little') => {
    const load = { code: 0x20, jt, jf: 0, k: 6 };
    const rest = Array.from({ length: count - 1 }, () => load);
    return encodeProgram([...rest, { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000, ...last }], endian);
  };

  it.each([
    ['of one instruction', encoded(1, {})],
    ['that returns its accumulator', encoded(2, { code: 0x16, k: 0 })],
    ['of 4096 instructions', encoded(4096, {})],
    ['that begins as a text in UTF-16 does', encoded(2, {}, 0x41)],
    ['that begins so, big-endian', encoded(2, {}, 0x41, 'big')],
  ])('raw, %s', (_, bytes) => {
    expect(detectFile(bytes)).toEqual({ kind: 'program', form: 'raw', sure: true });
  });

  const cut: readonly (readonly [string, Uint8Array])[] = [1, 2, 3, 4, 5, 6, 7].map((bytes) => [
    `without its last ${bytes} bytes`,
    encoded(3, { k: 0x06 }).slice(0, -bytes),
  ]);

  it.each([
    ['of 4097 instructions', encoded(4097, {})] as const,
    ['that does not end with a return', encoded(2, { code: 0x20 })] as const,
    ...cut,
  ])('raw, but not surely: %s', (_, bytes) => {
    expect(detectFile(bytes)).toEqual({ kind: 'program', form: 'raw', sure: false });
  });

  it('as texts', () => {
    expect(detectFile(listing)).toEqual({ kind: 'program', form: 'text', sure: true });
    expect(detectFile(`; for x86_64\n.endian little\n${listing}`)).toMatchObject({
      kind: 'program',
      sure: true,
    });
    expect(detectFile('struct sock_filter f[] = {\n BPF_STMT(0x20, 0) };')).toMatchObject({ sure: true });
    expect(detectFile('{"instructions": []}')).toEqual({ kind: 'program', form: 'json', sure: true });
    for (const text of ['IAAAAAAAAAA=', '20 00 00 00 04 00 00 00', '{{0x20, 0, 0, 0}, {6, 0, 0, 0}}']) {
      expect(detectFile(text), text).toEqual({ kind: 'program', form: 'text', sure: false });
    }
  });
});

describe('profiles', () => {
  it.each([
    '{"defaultAction":"SCMP_ACT_ALLOW"}',
    '\ufeff{}',
    '// a note\n{"defaultAction":"SCMP_ACT_ALLOW"}',
    '/* a note */ {\n}',
    '# a note\napiVersion: v1\n',
    '---\nkind: SeccompProfile\n',
    'defaultAction: SCMP_ACT_ALLOW\n',
    "{ 'single': 1 }",
  ])('%j', (text) => {
    expect(detectFile(text)).toEqual({ kind: 'profile' });
    expect(notAProfileFile(text)).toBeUndefined();
  });

  it('in UTF-16, which their reader says', () => {
    const text = '{"defaultAction":"SCMP_ACT_ALLOW"}';
    const little = Buffer.from(text, 'utf16le');
    for (const bytes of [
      little,
      Buffer.from(little).swap16(),
      Buffer.concat([Buffer.of(0xff, 0xfe), little]),
    ]) {
      expect(detectFile(bytes)).toEqual({ kind: 'profile' });
      expect(readProfile(bytes).problems).toMatchObject([
        { code: 'invalid-utf8', hint: 'save the file as UTF-8' },
      ]);
    }
  });

  const files = ['profiles/good', 'profiles/bad', 'kubernetes/good'].flatMap((folder) =>
    readdirSync(join(fixtures, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:json|yaml)$/.test(file))
      .map((file) => join(fixtures, folder, file)),
  );
  it.each(files)('%s is nothing else', (file) => {
    expect(notAProfileFile(readFileSync(file))).toBeUndefined();
  });
});
