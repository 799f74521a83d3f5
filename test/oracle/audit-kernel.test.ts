/**
 * Records that this machine's kernel writes, read back from its log: what a real program called, and what became of it.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp, program } from '../cli/run.ts';
import { describeWith } from './support/require.ts';

interface Call {
  readonly program: string | null;
  readonly task: string | null;
  readonly pid: number | null;
  readonly arch: string | null;
  readonly syscall: string;
  readonly action: string | null;
  readonly denied: boolean;
  readonly count: number;
  readonly first: string | null;
}

/** The kernel prints a few messages a second and drops the others: other tests may fill its log. */
const ATTEMPTS = 30;
const PAUSE_MS = 300;

describeWith(['root', 'x86_64', 'kernel log', 'busybox'], 'audit reads what the kernel writes', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-audit-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a copy of busybox, which has a path of its own, until the log has a record of it. */
  async function recorded(name: string, action: string, extra: object = {}) {
    const path = join(folder, name);
    copyFileSync('/bin/busybox', path);
    const profile = join(folder, 'profile.json');
    const rule = { names: ['mkdir'], action };
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule], ...extra }));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const words = [
        program,
        'run',
        '--profile',
        profile,
        '--log',
        '--',
        path,
        'mkdir',
        join(folder, `d${attempt}`),
      ];
      const started = Date.now();
      const { pid } = spawnSync(process.execPath, words);
      const { stdout } = ociSeccomp(['audit', '--dmesg', '--json']);
      const { calls } = JSON.parse(stdout) as { readonly calls: readonly Call[] };
      const own = calls.filter((call) => call.program === path && call.pid === pid);
      if (own.length > 0) return { own, profile, started };
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new Error(`the kernel recorded nothing in ${ATTEMPTS} attempts`);
  }

  it.each([
    ['SCMP_ACT_ERRNO', 'errno', true],
    ['SCMP_ACT_LOG', 'log', false],
    ['SCMP_ACT_KILL_PROCESS', 'killProcess', true],
    ['SCMP_ACT_TRAP', 'trap', true],
  ])('a call that gets %s', async (action, kind, denied) => {
    const { own, started } = await recorded(`busybox-${kind}`, action);
    expect(own).toMatchObject([
      { arch: 'x86_64', syscall: 'mkdir', action: kind, denied, task: `busybox-${kind}`.slice(0, 15) },
    ]);
    // The kernel stamps records with the wall clock, to the jiffy.
    expect(Math.abs(Date.parse(own[0]?.first ?? '') - started)).toBeLessThan(60_000);
  });

  it.each(['busybox-code=0x0', 'busybox-syscall=0', 'busybox-audit(1:2)'])(
    'a call of a program whose name reads like a field: %s',
    async (name) => {
      const { own } = await recorded(name, 'SCMP_ACT_ERRNO');
      expect(own).toMatchObject([{ task: name.slice(0, 15), syscall: 'mkdir', action: 'errno' }]);
    },
  );

  it('names of programs that would change a terminal, and prints them harmlessly', async () => {
    const name = 'busybox\u001b[31m\nb "c" d';
    const { own, profile } = await recorded(name, 'SCMP_ACT_ERRNO');
    expect(own).toMatchObject([{ program: join(folder, name), syscall: 'mkdir' }]);
    const { stdout } = ociSeccomp(['audit', '--dmesg', '--profile', profile]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(/[\x00-\x09\x0b-\x1f\x7f]/.test(stdout)).toBe(false);
    expect(stdout).toContain('busybox\\x1b[31m\\x0ab "c" d');
    // Lines are broken between words.
    expect(stdout.replace(/\s+/g, ' ')).toContain(`${profile}: ERRNO EPERM (1), because of ${profile}:1:`);
  });
});
