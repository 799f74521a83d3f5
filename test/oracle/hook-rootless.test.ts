/**
 * The hook without root: with runc; with crun only as the root of a user namespace, as rootless engines call it.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { cli, hooksOf, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { programPath } from './support/wrapper.ts';

/** A user that nobody is. */
const USER = 53_124;
const AS_USER = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-rootless-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILTERED = "mkdir: can't create directory '/tmp/x': Numerical argument out of domain\nSeccomp:\t2\n";
const ask = [
  '/bin/busybox',
  'sh',
  '-c',
  'exec 2>&1; busybox mkdir /tmp/x; busybox grep Seccomp: /proc/self/status',
];

/** @param inside - the runtime is root of a user namespace already */
function start(name: 'runc' | 'crun', path: string, inside: boolean, words = ['--allow-unverified']) {
  const bundle = mkdtempSync(join(folder, 'b-'));
  const [log, profile] = [join(bundle, 'log'), join(bundle, 'p.json')];
  for (const each of ['bin', 'proc', 'dev', 'tmp'])
    mkdirSync(join(bundle, 'rootfs', each), { recursive: true });
  copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
  writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));
  const map = [{ containerID: 0, hostID: USER, size: 1 }];
  const own = {
    namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'user' }],
    uidMappings: map,
    gidMappings: map,
  };
  const proc = inside
    ? { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] }
    : { destination: '/proc', type: 'proc', source: 'proc' };
  const config = {
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, cwd: '/', env: ['PATH=/bin'], args: ask },
    root: { path: 'rootfs' },
    mounts: [proc],
    hooks: hooksOf('--profile', profile, '--log', log, ...words),
    linux: inside ? { namespaces: [{ type: 'mount' }] } : own,
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  spawnSync('chown', ['-R', `${USER}:${USER}`, bundle]);
  const id = bundle.replace(/.*\/b-/, 'rootless-');
  const hybrid =
    name === 'crun' && existsSync('/sys/fs/cgroup/unified') ? 'umount /sys/fs/cgroup/unified; ' : '';
  const options = name === 'crun' ? ['--cgroup-manager=disabled'] : ['--rootless=true'];
  const command = [
    ...AS_USER,
    'env',
    `XDG_RUNTIME_DIR=${bundle}`,
    ...(inside ? ['unshare', '-r', '-m'] : []),
    path,
    ...options,
    '--root',
    join(bundle, 'state'),
    'run',
    id,
  ];
  const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', `${hybrid}exec "$@"`, 'sh', ...command], {
    cwd: bundle,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { stdout, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

chmodSync(folder, 0o755);
const needs = ['root', 'runc', 'crun', 'busybox', 'ptrace', 'built', 'a checkout open to all'] as const;

describeWith(needs, 'the hook without root', () => {
  it('filters with runc', () => {
    const { stdout, log } = start('runc', programPath({ path: 'runc' }), false);
    expect(stdout).toBe(FILTERED);
    // What was accepted is in both lines, and nothing that was not done is claimed.
    expect(log).toMatch(/attached: .* unverified=accepted /);
    expect(log).toMatch(
      /has its filter: 10 instructions, counted, but not read back, so it may be another one/,
    );
    expect(log).not.toContain('read back and equal');
  });

  it('says at hook config what is accepted', () => {
    const { stderr } = ociSeccomp('hook', 'config', '--profile', 'docker-default', '--allow-unverified');
    expect(stderr).toMatch(/note: --allow-unverified: .* nobody has compared\n/);
  });

  it('starts no container unless it is accepted that the filter cannot be read back', () => {
    const { stdout, log } = start('runc', programPath({ path: 'runc' }), false, []);
    expect(stdout).toBe('');
    expect(log).toMatch(/cannot be read back.*--allow-unverified/);
  });

  const cruns = installedRuntimes().filter(({ name }) => name === 'crun');
  describe.each(cruns.map((crun) => [crun.version, programPath(crun)] as const))('crun %s', (_, path) => {
    it('cannot be filtered, and the log says why', () => {
      const { stdout, log } = start('crun', path, false);
      expect(stdout).toBe('');
      expect(log).toMatch(/refused: .*may not be traced by user 53124: crun closes its processes/);
    });

    it('is filtered where it is root of a user namespace', () => {
      const { stdout, log } = start('crun', path, true);
      expect(stdout).toBe(FILTERED);
      expect(log).toMatch(/has its filter/);
    });
  });

  it('is refused by hook config for crun alone, and noted for others', () => {
    const config = (...words: readonly string[]) => {
      const [program = '', ...args] = [
        ...AS_USER,
        process.execPath,
        cli,
        'hook',
        'config',
        '--profile',
        'docker-default',
      ];
      return spawnSync(program, [...args, ...words], { encoding: 'utf8' });
    };
    const refused = config('--for', 'oci', '--runtime', 'crun');
    expect([refused.status === 0, refused.stdout]).toEqual([false, '']);
    expect(refused.stderr).toMatch(
      /a createRuntime hook of crun works for root only.*\n {2}hint: without root, use runc/,
    );
    expect(config('--for', 'oci', '--allow-unverified')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^note: .*; runc does not\n/),
    });
    // Rootless Podman calls the hook as root of a user namespace.
    expect(config('--runtime', 'crun')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^note: .* without --allow-unverified, containers of other users do not start\n[^;]*$/,
      ),
    });
    const precreate = config('--runtime', 'crun', '--stage', 'precreate');
    expect(precreate.status).toBe(0);
    expect(precreate.stderr).not.toContain('note:');
  });
});
