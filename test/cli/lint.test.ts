/**
 * `lint` as CI uses it: exit codes, levels, baselines, fixes.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fixProfile } from '../../src/cli/lint/fix.ts';
import { type Linted, lintBytes } from '../../src/cli/lint/lint-files.ts';
import type { Edit, Finding } from '../../src/lint/engine/finding.ts';
import type { LintOptions } from '../../src/lint/engine/lint-profile.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'profile.json');

/** One warning, of default-allow, and one error, of unknown-key. */
const twoFindings = '{"defaultAction": "SCMP_ACT_ALLOW",\n "sycalls": []}\n';
const lint = (...words: string[]) => ociSeccomp(['lint', file, ...words]);
beforeEach(() => {
  writeFileSync(file, twoFindings);
  rmSync(join(folder, 'oci-seccomp.config.json'), { force: true });
});

describe('the exit code', () => {
  it.each([
    [[], 1],
    [['--rule', 'unknown-key=warn'], 0],
    [['--rule', 'unknown-key=off', '--max-warnings', '0'], 1],
    [['--rule', 'unknown-key=off', '--max-warnings', '1000'], 0],
    [['--rule', 'unknwn-key=off'], 2],
    [['--rule', 'unknown-key'], 2],
    [['--max-warnings', 'few'], 2],
    [['--kernel-range', '6.1..5.4'], 2],
    [['--arch', 'x86_46'], 2],
    [['--runtime', 'rnuc'], 2],
    [['--config', '/nonexistent/x.json'], 3],
    [['--baseline', '/nonexistent/x.json'], 3],
    [['--library', '/nonexistent/libseccomp.so'], 3],
    [['/nonexistent/x.json'], 3],
  ])('with %j is %i', (words, status) => {
    expect(lint(...words).status).toBe(status);
  });

  it('without libseccomp is as with it, unless it was named', () => {
    const { status, stdout } = ociSeccomp(
      ['lint', 'fixtures/cli/endless.json', '--rule', 'invalid-profile=off'],
      {
        env: { OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' },
      },
    );
    expect(stdout).not.toContain('/nonexistent');
    expect(status).not.toBe(3);
  });
});

it('lists no names without end: 66 dangerous calls, and about 60 hosts', () => {
  const words = ['--preset', 'strict', '--arch', 'all', '--runtime', 'all', '--fail-on', 'never'];
  const files = ['fixtures/cli/deny-some.json', 'fixtures/cli/ambiguous.json'];
  const { stdout } = ociSeccomp(['lint', ...files, ...words]);
  expect(stdout.split('\n').filter((line) => line.length > 400)).toEqual([]);
  expect(stdout).toMatch(/ and 59 more \(oci-seccomp report shows all\) \[default-allow\]\n/);
  expect(stdout).toMatch(/ {4}only on .* and \d+ more \(--format json lists them\)\n/);
});

describe('a configuration beside the profile', () => {
  it('sets levels, and options set them over it', () => {
    writeFileSync(join(folder, 'oci-seccomp.config.json'), '{"rules": {"unknown-key": "off"}}');
    expect(lint().status).toBe(0);
    expect(lint('--rule', 'unknown-key=error').status).toBe(1);
    expect(lint('--no-config').status).toBe(1);
  });

  it('that cannot be used is wrong usage, with the place', () => {
    writeFileSync(join(folder, 'oci-seccomp.config.json'), '{"rules": {"unknwn-key": "off"}}');
    const { status, stderr } = ociSeccomp(['lint', 'profile.json'], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr).toContain('oci-seccomp.config.json:1:12: error: there is no rule "unknwn-key"');
    expect(stderr).toContain('did you mean "unknown-key"?');
  });
});

describe('the totals', () => {
  it.each(['keeps the meaning', 'changes it', 'both'])(
    'count fixes as --fix and --fix-all apply them: %s',
    (kind) => {
      const names = kind === 'changes it' ? '"execve"' : '"execve", "execve"';
      const socket = `{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": 40}]}`;
      writeFileSync(
        file,
        `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [${names}], "action": "SCMP_ACT_ALLOW"}${kind === 'keeps the meaning' ? '' : `, ${socket}`}]}`,
      );
      const totals = (...words: string[]): Readonly<Record<string, number>> =>
        JSON.parse(lint('--format', 'json', ...words).stdout).totals;
      const before = totals();
      expect(totals('--fix').fixed).toBe(before.fixable);
      expect(totals('--fix-all').fixed).toBe(before.fixableAll);
      expect([before.fixable, before.fixableAll]).toEqual([
        kind === 'changes it' ? 0 : 1,
        kind === 'keeps the meaning' ? 0 : 1,
      ]);
    },
  );
});

describe('a baseline', () => {
  const baseline = join(folder, 'baseline.json');

  it('lets known findings pass wherever they move, and no others', () => {
    const written = lint('--baseline', baseline, '--update-baseline');
    expect(written).toMatchObject({ status: 0, stdout: '' });
    const { findings } = JSON.parse(readFileSync(baseline, 'utf8')) as { findings: unknown[] };
    expect(findings.length).toBeGreaterThan(1);
    expect(written.stderr).toContain(`${baseline}: ${findings.length} findings are in the baseline now`);
    expect(lint('--baseline', baseline).status).toBe(0);
    writeFileSync(file, `\n\n{  "defaultAction":   "SCMP_ACT_ALLOW",\n\n "sycalls": [] }`);
    expect(lint('--baseline', baseline)).toMatchObject({ status: 0, stdout: '' });
    writeFileSync(file, '{"defaultAction": "SCMP_ACT_ALLOW", "sycalls": [], "sycals": []}');
    const more = lint('--baseline', baseline);
    expect(more.status).toBe(1);
    expect(more.stdout).toContain('the key "sycals"');
    expect(more.stdout).not.toContain('the key "sycalls"');
    writeFileSync(file, '{"defaultAction": "SCMP_ACT_ALLOW"}');
    expect(lint('--baseline', baseline).stderr).toContain('1 of the baseline is gone');
  });

  it('that is none is wrong usage', () => {
    writeFileSync(baseline, '{"version": 2}');
    expect(lint('--baseline', baseline).status).toBe(2);
  });
});

/** A profile with a finding made up, so that its fix is known. */
async function withFix(
  text: string,
  fixes: readonly { readonly edits: readonly Edit[]; readonly changesMeaning?: boolean }[],
  capabilities: readonly string[] = [],
  more: LintOptions = {},
): Promise<Linted> {
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities } as const;
  const linted = await lintBytes('p.json', text, () => ({ ...more, name: 'p.json', hosts: [host] }));
  const findings = fixes.map(
    ({ edits, changesMeaning = false }): Finding => ({
      rule: 'made-up',
      level: 'warn',
      message: 'made up',
      range: { file: 'p.json', line: 1, column: 1, endLine: 1, endColumn: 2, pointer: '' },
      fix: { description: 'mend it', changesMeaning, edits },
    }),
  );
  // So many findings that a fix leaves fewer, whatever the profile has itself.
  const others = Array.from({ length: 50 }, () => findings).flatMap((each) =>
    each.map(({ fix: _, ...other }): Finding => ({ ...other, level: 'error' })),
  );
  return { ...linted, result: { ...linted.result, findings: [...findings, ...others] } };
}

function removal(text: string, part: string): Edit {
  const start = text.lastIndexOf(part);
  return { start, end: start + part.length, text: '' };
}

describe('fixes', () => {
  const text =
    '{"defaultAction": "SCMP_ACT_ERRNO",\r\n "syscalls": [{"names": ["read", "execve", "read"], "action": "SCMP_ACT_ALLOW"}]}\r\n';

  it('that keep the meaning are applied, and nothing else changes', async () => {
    const fixed = await fixProfile(
      await withFix(`\ufeff${text}`, [{ edits: [removal(text, ', "read"')] }]),
      false,
    );
    expect(fixed.text).toBe(`\ufeff${text.replace('"execve", "read"', '"execve"')}`);
    expect(fixed.count).toBe(1);
  });

  const tidy = text.replace('"read", "execve", "read"', '"execve", "read"');

  it('that say they keep the meaning and do not are refused', async () => {
    const linted = await withFix(tidy, [{ edits: [removal(tidy, '"execve", ')] }]);
    await expect(fixProfile(linted, false)).rejects.toMatchObject({
      code: 'ERR_PROOF',
      message: expect.stringMatching(/made-up.* is answered otherwise/) as string,
    });
  });

  it('that change the meaning take --fix-all', async () => {
    const fixes = [{ edits: [removal(tidy, '"execve", ')], changesMeaning: true }];
    expect((await fixProfile(await withFix(tidy, fixes), false)).count).toBe(0);
    const fixed = await fixProfile(await withFix(tidy, fixes), true);
    expect(fixed.text).toBe(tidy.replace('"execve", ', ''));
  });

  it('that overlap are applied one at a time', async () => {
    const edit = removal(text, ', "read"');
    const fixed = await fixProfile(
      await withFix(text, [{ edits: [edit] }, { edits: [{ ...edit, start: edit.start - 3 }] }]),
      false,
    );
    expect(fixed.count).toBe(1);
    expect(fixed.text).toBe(text.replace('"execve", "read"', '"execve"'));
  });

  it.each([
    ['ends before it starts', (at: Edit): Edit => ({ start: at.end, end: at.start, text: '' })],
    ['ends behind the text', (): Edit => ({ start: text.length, end: text.length + 1, text: ' ' })],
    ['starts before the text', (): Edit => ({ start: -text.length, end: 0, text: ' ' })],
  ])('with an edit that %s are not applied, though the meaning stays', async (_name, wrong) => {
    const edits = [wrong(removal(text, ', "read"'))];
    expect((await fixProfile(await withFix(text, [{ edits }]), true)).count).toBe(0);
  });

  it.each([
    ['no JSON', { start: 0, end: 1, text: '' }],
    ['JSON that is no profile', { start: 0, end: text.length, text: '[]' }],
  ])('that leave %s are not applied', async (_, edit) => {
    for (const changesMeaning of [false, true])
      expect((await fixProfile(await withFix(text, [{ edits: [edit], changesMeaning }]), true)).text).toBe(
        text,
      );
  });

  it('are counted, each', async () => {
    const at = text.indexOf(', "action"');
    const blank = { start: at, end: at, text: ' ' };
    const fixes = [{ edits: [removal(text, ', "read"')] }, { edits: [blank] }];
    const fixed = await fixProfile(await withFix(text, fixes), false);
    expect([fixed.count, fixed.text]).toEqual([2, text.replace('"execve", "read"]', '"execve"] ')]);
  });

  it('that touch are not applied together: what one removes may be what the other stands on', async () => {
    const [one, other] = [removal(tidy, '"execve", '), removal(tidy, '"read"')];
    const fixes = [one, other].map((edit) => ({ edits: [edit], changesMeaning: true }));
    const fixed = await fixProfile(await withFix(tidy, fixes), true);
    expect([fixed.count, fixed.text]).toEqual([1, tidy.replace('"execve", ', '')]);
  });

  it.each([
    ['with a capability that nobody has here', { includes: { caps: ['CAP_SYS_PTRACE'] } }, []],
    ['without one that all have here', { excludes: { caps: ['CAP_SYS_PTRACE'] } }, ['CAP_SYS_PTRACE']],
    ['on the newest kernel', { includes: { minKernel: '6.2' } }, []],
    ['on the oldest kernel', { excludes: { minKernel: '5.4' } }, []],
  ])('keep the meaning on no host but that of lint: refused for calls allowed %s', async (_, when, caps) => {
    const ptrace = JSON.stringify({ names: ['ptrace'], action: 'SCMP_ACT_ALLOW', ...when });
    const guarded = tidy.replace('"syscalls": [', `"syscalls": [${ptrace}, `);
    const kernels = { oldest: { kernel: 4, major: 19 }, newest: { kernel: 6, major: 18 } };
    const fixes = [{ edits: [removal(guarded, `${ptrace}, `)] }];
    const linted = await withFix(guarded, fixes, caps, { kernels, dialect: 'docker' });
    await expect(fixProfile(linted, false)).rejects.toMatchObject({
      code: 'ERR_PROOF',
      message: expect.stringMatching(/ is answered otherwise/) as string,
    });
  });

  it('keep the meaning under one runtime alone: refused where another is looked at', async () => {
    // libseccomp drops what a value has outside the mask; youki takes the one for the other.
    const masked = (valueTwo: number) => `"op": "SCMP_CMP_MASKED_EQ", "value": 1, "valueTwo": ${valueTwo}`;
    const kill = `{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, ${masked(1)}}]}`;
    const compared = tidy.replace('"syscalls": [', `"syscalls": [${kill}, `);
    const edit = { ...removal(compared, masked(1)), text: masked(3) };
    const fixed = (runtimes: readonly string[]) =>
      withFix(compared, [{ edits: [edit] }], [], {
        runtimes,
        levels: { 'masked-eq-dropped-bits': 'off' },
      }).then((linted) => fixProfile(linted, false));
    expect((await fixed(['runc']))?.text).toBe(compared.replace(masked(1), masked(3)));
    await expect(fixed(['runc', 'youki'])).rejects.toHaveProperty('code', 'ERR_PROOF');
  });

  it('are applied again until nothing is left to mend', async () => {
    // What is found next is no made-up finding, and rests on what the first fix did.
    const later = text.replace('"execve", "read"', '"execve", "wite"');
    const edit = { ...removal(later, '"wite"'), text: '"read"' };
    const fixed = await fixProfile(await withFix(later, [{ edits: [edit] }]), false);
    expect([fixed.count, fixed.text]).toEqual([2, tidy.replace('"execve", "read"', '"read", "execve"')]);
  });

  describe('that make an engine or runtime refuse the profile, or take it', () => {
    const refused =
      '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "archMap": [{"architecture": "SCMP_ARCH_X86_64"}], "syscalls": []}';
    const taken = refused.replace('"architectures": ["SCMP_ARCH_X86_64"], ', '');
    const off = '{}';
    const whole = (before: string, after: string): Promise<Linted> =>
      withFix(before, [{ edits: [{ start: 0, end: before.length, text: after }] }]);

    it.each([
      ['taken, then refused', taken, refused],
      ['refused, then taken', refused, taken],
      ['off, then refused', off, refused],
      ['refused, then off', refused, off],
      ['taken, then off', taken, off],
    ])('do not keep the meaning: %s', async (_, before, after) => {
      await expect(fixProfile(await whole(before, after), false)).rejects.toMatchObject({
        code: 'ERR_PROOF',
        message: expect.stringMatching(/an engine or runtime takes only one of the two/) as string,
      });
    });

    it.each([
      ['refused', refused],
      ['off', off],
    ])('keep it where the profile is %s before and after', async (_, before) => {
      expect((await fixProfile(await whole(before, `${before}\n`), false))?.text).toBe(`${before}\n`);
    });
  });

  it('take an error number away that crun refuses a profile for, if the meaning may change', () => {
    const errno = tidy.replace('"SCMP_ACT_ALLOW"', '"SCMP_ACT_ALLOW", "errnoRet": 1');
    for (const [runtime, option, isFixed] of [
      [[], '--fix', true],
      [['--runtime', 'runc'], '--fix', true],
      [['--runtime', 'crun'], '--fix', false],
      [['--preset', 'kubernetes'], '--fix', false],
      [['--runtime', 'crun'], '--fix-all', true],
    ] as const) {
      writeFileSync(file, errno);
      expect(lint(option, ...runtime).stderr).not.toContain('defect');
      expect([runtime, option, readFileSync(file, 'utf8') === tidy]).toEqual([runtime, option, isFixed]);
    }
  });

  it('are written with the mode kept, shown by a dry run, and refused for standard input', () => {
    const socket = (value: number) => `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["execve", "exit_group"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "op": "SCMP_CMP_NE", "value": ${value} }] }
  ]
}
`;
    writeFileSync(file, socket(40));
    chmodSync(file, 0o640);
    const dry = lint('--fix-dry-run', '--fix-all');
    expect(dry.stdout).toMatch(/^--- a\/.*profile\.json\n\+\+\+ b\/.*profile\.json\n@@ /);
    expect(readFileSync(file, 'utf8')).toBe(socket(40));
    expect(lint('--fix').stderr).not.toContain('1 fixed');
    expect(lint('--fix-all').stderr).toContain('1 fixed');
    expect(readFileSync(file, 'utf8')).toContain('SCMP_CMP_MASKED_EQ');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(lint('--fix-all').stderr).not.toContain('fixed');
    expect(ociSeccomp(['lint', '-', '--fix'], { input: twoFindings }).status).toBe(2);
  });
});
