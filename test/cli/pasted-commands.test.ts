/** Commands that the program prints, run by a shell as people paste them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shellCommand, shellWord } from '../../src/abi/shell-word.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { ociSeccomp, program, searchPath } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-pasted-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'bin'));
writeFileSync(
  join(folder, 'bin/oci-seccomp'),
  `#!/bin/sh\nexec ${shellCommand([process.execPath, program])} "$@"\n`,
  { mode: 0o755 },
);

function sh(command: string): { readonly stdout: string; readonly stderr: string; readonly status: unknown } {
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', command], {
    cwd: folder,
    env: { PATH: `${join(folder, 'bin')}:${searchPath}` },
    encoding: 'utf8',
    timeout: HANGS_AFTER,
  });
  return { stdout, stderr, status };
}

const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [{ names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' }],
};
const object = (name: string, namespace: string) => ({
  apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
  kind: 'SeccompProfile',
  metadata: { name, namespace },
  spec: profile,
});

/** Line breaks, a control character, a mark that turns the direction of text, and what shells give a meaning to. */
const hostile = [
  'plain.json',
  'my profile.json',
  "it's.json",
  '-o.json',
  '--help',
  'a"b$HOME`id`\\n.json',
  'x;rm -rf $(pwd)&|<>*?[a]!#~.json',
  '~',
  'esc\u001b[31m%s\\x.json',
  'line\nfeed.json',
  'end\n',
  'näme\u202e\u009b.json',
];

describe('words for a shell', () => {
  it.each([...hostile, '', ' ', "'", "''\n\n", '\n', '%d\u0007\\061'])(
    '%j come back as they were',
    (word) => {
      const printed = shellWord(word);
      expect(printed).not.toMatch(/[\p{Cc}\p{Cf}]/u.test(word.replaceAll('\n', '')) ? /[^\P{C}\n]/u : /\r/);
      expect(sh(`printf '<%s>' ${printed}`).stdout).toBe(`<${word}>`);
    },
  );
});

/** The command behind `to allow it: `, which may go over lines. */
function printedCommand(stdout: string): string {
  const [, command] = /^to (?:allow|deny) it: ([\s\S]*?)\n--- /m.exec(stdout) ?? [];
  expect(command, stdout).toBeDefined();
  return command ?? '';
}

describe('the command of explain --suggest', () => {
  it.each(hostile)('works for a file named %j', (name) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(profile, undefined, 2));
    const asked = ['explain', '--suggest', '--', name, 'getcpu'];
    const { stdout, stderr } = ociSeccomp(asked, { cwd: folder });
    expect(stderr).toBe('');
    const command = printedCommand(stdout);
    expect(command).not.toMatch(/[^\P{C}\n]/u);
    expect(sh(command).status, command).toBe(0);
    const edited = JSON.parse(readFileSync(path, 'utf8'));
    expect(edited.syscalls[0].names).toEqual(['getcpu', 'read', 'write']);
    // What it suggests next takes the edit back.
    const back = printedCommand(ociSeccomp(asked, { cwd: folder }).stdout);
    expect(sh(back).status, back).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(profile);
  });

  it('names the object of a file that holds several, and how the file is read', () => {
    const path = join(folder, 'several.json');
    const items = [object('web', 'one'), object('web', "it's two"), object('--name', 'three')];
    const list = { apiVersion: 'v1', kind: 'List', items };
    for (const [i, wanted] of ['one/web', "it's two/web", '--name'].entries()) {
      writeFileSync(path, JSON.stringify(list, undefined, 2));
      const { stdout } = ociSeccomp([
        ...['explain', '--suggest', path, 'getcpu', `--object=${wanted}`, '--dialect', 'kubernetes'],
      ]);
      const command = printedCommand(stdout);
      expect(command).toContain('--dialect kubernetes');
      expect(sh(command).status, command).toBe(0);
      const after = JSON.parse(readFileSync(path, 'utf8'));
      expect(after.items.map(({ spec }: ReturnType<typeof object>) => spec.syscalls[0]?.names[0])).toEqual(
        items.map((_, at) => (at === i ? 'getcpu' : 'read')),
      );
    }
  });

  it('names the architecture that an argument is of, if it is not that of the machine', () => {
    const path = join(folder, 'other.json');
    writeFileSync(path, JSON.stringify({ ...profile, architectures: ['SCMP_ARCH_S390X'] }));
    const { stdout } = ociSeccomp([
      ...['explain', '--suggest', path, 'clone', '_', 'CLONE_NEWUSER', '--arch', 's390x'],
    ]);
    const command = printedCommand(stdout);
    expect(command).toContain('--arch s390x');
    expect(command).toMatch(/--force$/);
    expect(sh(command).stderr).toContain('clone with CLONE_NEWUSER is dangerous');
  });
});

describe('commands in hints', () => {
  it.each(["it's broken.json", '-o.json'])('work for a file named %j', (name) => {
    writeFileSync(join(folder, name), '{"defaultAction": "SCMP_ACT_ALOW", "x": 1}');
    const { stderr } = ociSeccomp(['compile', '--', name], { cwd: folder });
    const command = /hint: (oci-seccomp validate .*) shows every problem/.exec(stderr)?.[1] ?? stderr;
    const { status, stdout } = sh(command);
    expect(status, command).toBe(1);
    expect(stdout).toContain('SCMP_ACT_ALOW');
  });
});
