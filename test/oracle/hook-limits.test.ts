/**
 * Limits of containers that crun hands on to hooks: Node starts in them, or the start fails and the log says why.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { type BundleOptions, eventually, leftBehind, makeHooked } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { programPath } from './support/wrapper.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const profile = join(folder, 'p.json');
const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));

/** Whether this process may raise a hard limit, and so its hooks: capabilities(7), CAP_SYS_RESOURCE is 24. */
const raises =
  ((BigInt(`0x${/^CapEff:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`) >> 24n) &
    1n) ===
  1n;

const MIB = 2 ** 20;
/** The row of /proc/PID/limits, for the container's own answer. */
const shown = ['/bin/busybox', 'sh', '-c', 'busybox mkdir /tmp/x; busybox cat /proc/self/limits'];

function start(path: string, type: string, soft: number, hard: number, args: readonly string[]) {
  const options: BundleOptions = { hook: ['--profile', profile], rlimits: [{ type, soft, hard }], args };
  const bundle = makeHooked({ name: 'crun', family: 'crun', path }, options);
  try {
    const { status, output } = bundle.call('run', 'ID');
    return { status, output, log: bundle.logText() };
  } finally {
    bundle.remove();
  }
}

describeWith(['root', 'x86_64', 'crun', 'busybox', 'cc', 'ptrace', 'built'], 'limits of a container', () => {
  afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));
  const cruns = installedRuntimes().filter(({ name }) => name === 'crun');

  describe.each(cruns.map((crun) => [crun.version, programPath(crun)] as const))('crun %s', (_, path) => {
    it.each([
      ['RLIMIT_AS', 300 * MIB, 'address space in KiB 307200'],
      ['RLIMIT_DATA', 10 * MIB, 'data in KiB 10240'],
      ['RLIMIT_STACK', 32 * 1024, 'stack in KiB 32'],
      ['RLIMIT_NOFILE', 14, 'open files 14'],
      ['RLIMIT_CPU', 1, 'processor time in s 1'],
    ])('keep Node from starting unless they can be raised: %s', (type, limit, told) => {
      const { status, output, log } = start(path, type, limit, limit, shown);
      if (raises) {
        expect(output).toContain('Numerical argument out of domain');
        return;
      }
      expect(status).not.toBe(0);
      expect(output).not.toContain('Max processes');
      expect(log).toMatch(/ error container bundle-\S+: refused: reason="Node cannot start in the limits /);
      expect(log).toContain(told);
    });

    it.each([
      ['RLIMIT_AS', 300 * MIB, 64 * 1024 * MIB],
      ['RLIMIT_STACK', 256 * 1024, 8 * MIB],
      ['RLIMIT_NOFILE', 16, 1024],
    ])('are raised where only the soft one is low, and stay for the container: %s', (type, soft, hard) => {
      const { output, log } = start(path, type, soft, hard, shown);
      expect(output).toContain('Numerical argument out of domain');
      expect(output).toMatch(new RegExp(`^Max .* ${soft} +${hard} `, 'm'));
      expect(log).toMatch(/has its filter/);
    });

    it.each([
      'NPROC',
      'CORE',
      'RSS',
      'MEMLOCK',
      'SIGPENDING',
      'MSGQUEUE',
      'NICE',
      'RTPRIO',
      'RTTIME',
      'LOCKS',
    ])('do not matter: RLIMIT_%s 0', (name) => {
      const { output, log } = start(path, `RLIMIT_${name}`, 0, 0, shown);
      expect(output).toContain('Numerical argument out of domain');
      expect(log).toMatch(/has its filter/);
    });
  });
});
