/**
 * Trials of a profile on real containers: what the profile denies is carried out, the kernel has a record of it, and
 * `audit` names the rule.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startAgent } from './support/agent.ts';
import {
  cli,
  eventually,
  type Hooked,
  type HookedRuntime,
  hooksOf,
  leftBehind,
  makeHooked,
  ociSeccomp,
} from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-observe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of the rule for rmdir the process would die, and of the one for mkdir the call would fail. */
const profile = join(folder, 'profile.json');
const syscalls = [
  { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' },
  { names: ['rmdir', 'unlinkat'], action: 'SCMP_ACT_KILL_PROCESS' },
];
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }, undefined, 1));

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];
const SCRIPT =
  'busybox mkdir /tmp/x && busybox rmdir /tmp/x && echo done; busybox grep Seccomp: /proc/self/status';
/** The kernel prints a few messages a second and drops the others: other tests may fill its log. */
const ATTEMPTS = 30;
const PAUSE_MS = 300;
const OBSERVES =
  'claim="observes: 4 calls would be denied; the kernel logs them; nothing is denied (proven for every call)"';

interface Judged {
  readonly program: string | null;
  readonly syscall: string;
  readonly pid: number;
  readonly action: string;
  readonly judgement: { readonly inEarnest: string | null };
}

describeWith(['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'], 'a container on trial', () => {
  afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

  const within = async (bundle: Hooked, use: (bundle: Hooked) => void | Promise<void>): Promise<void> => {
    try {
      await use(bundle);
    } finally {
      bundle.remove();
    }
  };
  const args = (script: string) => ['/bin/busybox', 'sh', '-c', `exec 2>&1; ${script}`];

  describe.each(runtimes)('of $name', (runtime) => {
    it('is denied nothing, and its hook says so', () =>
      within(
        makeHooked(runtime, {
          args: args(SCRIPT),
          hook: ['--profile', profile, '--observe'],
          capabilities: [],
        }),
        (bundle) => {
          expect(bundle.call('run', 'ID').output).toBe('done\nSeccomp:\t2\n');
          expect(bundle.logText()).toContain(OBSERVES);
          expect(bundle.logText()).not.toContain('notes=');
        },
      ));

    it('keeps the filter of its runtime, and the log says so', () =>
      within(
        makeHooked(runtime, {
          args: args('busybox chmod 700 /tmp; busybox mkdir /tmp/x && echo done'),
          hook: ['--profile', profile, '--observe'],
          seccomp: {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: ['chmod', 'fchmodat'], action: 'SCMP_ACT_ERRNO' }],
          },
        }),
        (bundle) => {
          expect(bundle.call('run', 'ID').output).toBe('chmod: /tmp: Operation not permitted\ndone\n');
          expect(bundle.logText()).toContain(
            'notes="the config.json has a seccomp profile too: what that denies',
          );
        },
      ));
  });

  it('is asked for by the configuration alone: no annotation of a container makes a trial', () => {
    const [runtime] = runtimes;
    if (runtime === undefined) throw new Error('no runtime');
    const annotations = Object.fromEntries(
      ['observe', 'trial', 'mode', 'options'].map((key) => [`dev.oci-seccomp.${key}`, '--observe']),
    );
    return within(
      makeHooked(runtime, {
        args: args('busybox mkdir /tmp/x && echo done'),
        hook: ['--profile', profile],
        annotations,
      }),
      (bundle) => {
        expect(bundle.call('run', 'ID').output).toContain(
          "can't create directory '/tmp/x': Operation not permitted",
        );
        expect(bundle.logText()).not.toContain('observes');
      },
    );
  });

  it('does not change what the agent gives the next container', async () => {
    const [runtime] = runtimes;
    if (runtime === undefined) throw new Error('no runtime');
    const agent = await startAgent();
    const hook = ['--profile', profile, '--agent', agent.socket];
    const script = args('busybox mkdir /tmp/x && echo done');
    const outputs: string[] = [];
    try {
      for (const own of [hook, [...hook, '--observe'], hook]) {
        await within(makeHooked(runtime, { args: script, hook: own }), (bundle) => {
          outputs.push(bundle.call('run', 'ID').output);
          expect(bundle.logText().includes('nothing is denied')).toBe(own.includes('--observe'));
        });
      }
    } finally {
      await agent.remove();
    }
    const denied = "mkdir: can't create directory '/tmp/x': Operation not permitted\n";
    expect(outputs).toEqual([denied, 'done\n', denied]);
  });

  it('needs a profile, and excludes what asks for something else', () => {
    const refusal = (...words: string[]): string => ociSeccomp('hook', ...words).stderr;
    const program = join(folder, 'profile.bpf');
    expect(ociSeccomp('compile', profile, '-o', program).status).toBe(0);
    for (const of of [['config', '--for', 'oci'], ['createRuntime']]) {
      const own = (...words: string[]): string => refusal(...of, '--observe', ...words);
      expect(own('--profile', profile, '--strict')).toContain('--strict and --observe exclude each other');
      expect(own('--profile', profile, '--backend', 'libseccomp')).toContain(
        '--observe is for the builtin compiler',
      );
    }
    expect(refusal('config', '--observe', '--profile', program)).toContain(
      'is a program, and --observe tries a profile',
    );
    expect(refusal('createRuntime', '--observe', '--recorder', '/run/x')).toContain('exclude each other');
    expect(refusal('precreate', '--observe', '--profile', profile)).toContain("unknown option '--observe'");
    expect(hooksOf('--observe', '--profile', profile).createRuntime?.[0]?.args).toContain('--observe');
    expect(hooksOf('--profile', profile).createRuntime?.[0]?.args).not.toContain('--observe');
  });

  it('is warned about, where the kernel logs nothing of it', () => {
    const logged = join(folder, 'actions_logged');
    const all = readFileSync('/proc/sys/kernel/seccomp/actions_logged', 'utf8').trim().split(' ');
    writeFileSync(logged, `${all.filter((word) => word !== 'log').join(' ')}\n`);
    // In a mount namespace of its own: the setting is the whole machine's.
    const mounted = (...words: readonly string[]) =>
      spawnSync(
        'unshare',
        [
          '-m',
          'sh',
          '-c',
          `mount --bind ${logged} /proc/sys/kernel/seccomp/actions_logged && exec "$@"`,
          'sh',
          ...words,
        ],
        { encoding: 'utf8' },
      );
    for (const words of [
      ['run', '--profile', profile, '--observe', '--', '/bin/busybox', 'true'],
      ['hook', 'config', '--observe', '--profile', profile],
    ]) {
      const { status, stdout, stderr } = mounted(process.execPath, cli, ...words);
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toContain('the kernel logs nothing of a trial');
      expect(stderr).toContain('sysctl kernel.seccomp.actions_logged="');
    }
    const [, runtime] = runtimes;
    if (runtime === undefined) throw new Error('no runtime');
    const wrapped = { ...runtime, path: join(folder, 'crun') };
    const launch = `mount --bind ${logged} /proc/sys/kernel/seccomp/actions_logged && exec crun "$@"`;
    writeFileSync(wrapped.path, `#!/bin/sh\nexec unshare -m sh -c '${launch}' sh "$@"\n`, { mode: 0o755 });
    return within(
      makeHooked(wrapped, { args: args(SCRIPT), hook: ['--profile', profile, '--observe'] }),
      (bundle) => {
        expect(bundle.call('run', 'ID').output).toBe('done\nSeccomp:\t2\n');
        expect(bundle.logText()).toContain('notes="WARNING: the kernel logs nothing of this trial');
      },
    );
  });
});

describeWith(
  ['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built', 'kernel log'],
  'the kernel and audit about a trial',
  () => {
    /** Runs until the kernel's log has a record of it. */
    async function recorded(name: string, syscall: string, start: () => void): Promise<Judged> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        start();
        const { stdout } = ociSeccomp('audit', '--dmesg', '--json', '--profile', profile);
        const { calls } = JSON.parse(stdout) as { readonly calls: readonly Judged[] };
        const own = calls.find((call) => call.program === name && call.syscall === syscall);
        if (own !== undefined) return own;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      throw new Error(`the kernel recorded nothing in ${ATTEMPTS} attempts`);
    }

    it.each(runtimes)('in a container of $name', async (runtime) => {
      const name = `/bin/busybox-${process.pid}-${runtime.name}`;
      const bundle = makeHooked(runtime, {
        args: [
          '/bin/busybox',
          'sh',
          '-c',
          `busybox cp /bin/busybox ${name}; for i in 1 2 3; do ${name} mkdir /tmp/$i; done`,
        ],
        hook: ['--profile', profile, '--observe'],
      });
      try {
        const call = await recorded(name, 'mkdir', () => bundle.call('run', 'ID'));
        expect(call).toMatchObject({ action: 'log', judgement: { inEarnest: 'denied' } });
        const text = ociSeccomp('audit', '--dmesg', '--profile', profile).stdout.replace(/\s+/g, ' ');
        expect(text).toContain(`would be denied by ${profile}: ERRNO EPERM (1), because of ${profile}:4:`);
      } finally {
        bundle.remove();
      }
    });

    it('in a command of run', async () => {
      const words = [
        'run',
        '--profile',
        profile,
        '--observe',
        '--',
        '/bin/busybox',
        'rmdir',
        join(folder, 'gone'),
      ];
      const call = await recorded('/usr/bin/busybox', 'rmdir', () => {
        const { status, stderr } = ociSeccomp(...words);
        expect(status).toBe(1);
        expect(stderr).toContain(
          'observes: 4 calls would be denied; the kernel logs them; nothing is denied',
        );
        expect(stderr).toContain('No such file or directory');
      });
      expect(call).toMatchObject({ action: 'log', judgement: { inEarnest: 'denied' } });
    });
  },
);
