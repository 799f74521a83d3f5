/**
 * The last stage of the Containerfile, built on a base of this machine's own Node with the package as npm packs it, and lint in it. The
 * usual base and npm's copy of the package come from a network.
 */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-image-'));
const places = ['root', 'runroot', 'tmpdir'].map((name) => `--${name}=${join(folder, name)}`);
const global = [
  ...places,
  ...['--storage-driver=vfs', '--events-backend=none', '--cgroup-manager=cgroupfs', '--runtime=runc'],
];
const options: ExecFileSyncOptionsWithStringEncoding = {
  encoding: 'utf8',
  timeout: HANGS_AFTER,
  stdio: ['ignore', 'pipe', 'pipe'],
};
const podman = (...words: string[]): string => execFileSync('podman', [...global, ...words], options).trim();

/** A root with Node, what it is linked with, and busybox. */
function makeBase(): void {
  const base = join(folder, 'base');
  const libraries = execFileSync('ldd', [process.execPath], options).match(/\/\S+(?= \(0x)/g) ?? [];
  const files: readonly (readonly [from: string, to: string])[] = [
    [process.execPath, '/usr/bin/node'],
    ['/bin/busybox', '/bin/busybox'],
    ...libraries.map((library) => [library, library] as const),
  ];
  for (const [from, to] of files) {
    mkdirSync(dirname(join(base, to)), { recursive: true });
    copyFileSync(from, join(base, to));
  }
  mkdirSync(join(base, 'tmp'));
  execFileSync('tar', ['-C', base, '-cf', join(folder, 'base.tar'), '.'], options);
  podman('import', join(folder, 'base.tar'), 'base-of-here');
}

/** What the first stage would have installed, without asking npm for it. */
function makePackage(): void {
  const modules = join(folder, 'package/package/node_modules');
  mkdirSync(modules, { recursive: true });
  const packed = execFileSync('npm', ['pack', root, '--ignore-scripts', '--json'], {
    ...options,
    cwd: folder,
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  mkdirSync(join(modules, 'oci-seccomp'));
  const tarball = join(folder, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'oci-seccomp'), '--strip-components=1'], options);
  const needed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { ...options, cwd: root });
  for (const path of needed.trim().split('\n').slice(1)) {
    cpSync(path, join(modules, relative(join(root, 'node_modules'), path)), { recursive: true });
  }
}

function run(...words: readonly string[]) {
  const limits = ['--network=none', '--ulimit=nofile=1024:1024', '--ulimit=nproc=100:100'];
  const closed = ['--read-only', '--cap-drop=all', '--security-opt=no-new-privileges'];
  const volume = `${join(folder, 'project')}:/work:ro`;
  return spawnSync(
    'podman',
    [...global, 'run', '--rm', ...limits, ...closed, '-v', volume, ...words],
    options,
  );
}

describeWith(['root', 'podman', 'runc', 'busybox', 'built'], 'the image of the Containerfile', () => {
  beforeAll(() => {
    makeBase();
    makePackage();
    mkdirSync(join(folder, 'project'));
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'project/bad.json'), '{"defaultAction": "SCMP_ACT_NOPE"}\n');
    podman(
      ...['build', '--isolation=chroot', '--target=image', '--tag=oci-seccomp-of-here'],
      ...['--build-arg=BASE=localhost/base-of-here', `--build-context=package=${join(folder, 'package')}`],
      ...[`--file=${join(root, 'Containerfile')}`, join(folder, 'empty')],
    );
  });
  afterAll(() => {
    spawnSync('podman', [...global, 'rmi', '--all', '--force'], options);
    rmSync(folder, { recursive: true, force: true });
  });

  it('lints what is mounted, without rights and without writing', () => {
    const { stdout, stderr, status } = run('oci-seccomp-of-here', 'lint', '.');
    expect(stdout).toContain('bad.json:1:19: error: "SCMP_ACT_NOPE" is not a known action');
    expect([status, stderr]).toEqual([1, expect.stringContaining('1 profile: 1 error')]);
  });

  it('is not root, and is small beside its base', () => {
    expect(run('--entrypoint=/bin/busybox', 'oci-seccomp-of-here', 'id', '-u').stdout.trim()).toBe('65532');
    const size = (name: string): number => Number(podman('image', 'inspect', '--format={{.Size}}', name));
    // 18 MB on 2026-11-29.
    expect(size('oci-seccomp-of-here') - size('base-of-here')).toBeLessThan(40_000_000);
  });
});
