/**
 * What runs as root where hooks and the runtime wrapper do: what others can write of it is refused, and told.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findUntrusted, ownFiles } from '../../src/hook/own-files.ts';
import { trustWalk } from '../../src/hook/trusted-path.ts';
import { projectRoot } from '../../tools/debian-cache.ts';
import { describeWith } from '../oracle/support/require.ts';

const root = projectRoot();
const program = join(root, 'dist/bin/main.cjs');

describeWith(['built'], 'the list of own files', () => {
  const listed = new Set(ownFiles(program).map(({ path }) => realpathSync(path)));
  /** What Node itself says it has loaded for the given code, and what the kernel has mapped. */
  const loaded = (code: string): readonly string[] => {
    const script = `${code};const maps=require('fs').readFileSync('/proc/self/maps','utf8');
      const native=[...maps.matchAll(/(\\/.*\\.node)$/gm)].map(([path])=>path);
      process.stdout.write('\\n'+JSON.stringify([process.execPath,...Object.keys(require.cache),...native]))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
    return JSON.parse(stdout.split('\n').at(-1) ?? '[]');
  };

  it('has all that koffi loads', () => {
    const files = loaded("require('koffi').load('libc.so.6')");
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((path) => !listed.has(path))).toEqual([]);
  });

  it('has all bundles', () => {
    for (const name of ['main.cjs', 'attach.cjs', 'supervisor.cjs', 'runtime.cjs', 'child.js'])
      expect(listed).toContain(join(root, 'dist/bin', name));
    expect(listed).toContain(join(root, 'package.json'));
  });

  it('has a library that is named by a path', () => {
    const paths = (library: string): readonly string[] => ownFiles(program, library).map(({ path }) => path);
    expect(paths('/opt/libseccomp.so.2')).toContain('/opt/libseccomp.so.2');
    expect(paths('libseccomp.so.2')).not.toContain('libseccomp.so.2');
  });
});

describeWith(['root', 'built'], 'a program that others can write', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-own-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, 'copy');
  const log = join(folder, 'log');
  const library = join(folder, 'libseccomp.so.2');
  const koffi = dirname(createRequire(join(root, 'package.json')).resolve('koffi'));
  for (const path of ['dist/bin', 'package.json', 'node_modules/koffi', 'node_modules/@koromix'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  const maps = spawnSync(
    process.execPath,
    [
      '-e',
      "require('koffi').load('libseccomp.so.2');process.stdout.write(require('fs').readFileSync('/proc/self/maps'))",
    ],
    { cwd: koffi, encoding: 'utf8' },
  );
  copyFileSync(/(\/\S*libseccomp\S*)$/m.exec(maps.stdout)?.[1] ?? '', library);
  chmodSync(library, 0o644);
  const main = join(copy, 'dist/bin/main.cjs');
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', input: '{}', timeout: 60_000 });

  it('is a program like others if they cannot', () => {
    expect(run('hook', 'config', '--profile', 'docker-default', '--library', library)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^docker-default: proven.*\n$/),
    });
    expect(run('doctor').stdout).toContain('nobody but root can write');
    expect(JSON.parse(run('doctor', '--json').stdout).untrusted).toEqual([]);
  });

  const cases: readonly [string, string, (path: string) => void, RegExp][] = [
    [
      'its folder',
      'copy/dist/bin',
      (path) => chmodSync(path, 0o777),
      /oci-seccomp cannot be trusted: others can write \S*bin/,
    ],
    [
      'a bundle',
      'copy/dist/bin/attach.cjs',
      (path) => chmodSync(path, 0o664),
      /oci-seccomp .*attach\.cjs \(mode 0664\)/,
    ],
    [
      'the supervisor',
      'copy/dist/bin/supervisor.cjs',
      (path) => chownSync(path, 1234, 0),
      /oci-seccomp .*supervisor\.cjs belongs to user 1234/,
    ],
    [
      'its package.json',
      'copy/package.json',
      (path) => chmodSync(path, 0o666),
      /oci-seccomp .*package\.json/,
    ],
    [
      'koffi',
      'copy/node_modules/koffi/src/koffi/index.cjs',
      (path) => chmodSync(path, 0o666),
      /koffi .*index\.cjs/,
    ],
    ["koffi's folder", 'copy/node_modules', (path) => chmodSync(path, 0o777), /koffi .*node_modules/],
    [
      "koffi's native part",
      `copy/node_modules/@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`,
      (path) => chmodSync(path, 0o666),
      /koffi .*koffi\.node/,
    ],
    ['libseccomp', 'libseccomp.so.2', (path) => chmodSync(path, 0o666), /libseccomp .*libseccomp\.so\.2/],
  ];
  it.each(cases)('is refused by hook config and hooks, and told by doctor: %s', (_, name, spoil, message) => {
    const path = join(folder, name);
    const { mode, uid, gid } = statSync(path);
    spoil(path);
    try {
      const options = ['--profile', 'docker-default', '--library', library];
      const config = run('hook', 'config', ...options);
      expect(config.stdout).toBe('');
      expect(config.status).not.toBe(0);
      expect(config.stderr).toMatch(message);
      for (const stage of ['createRuntime', 'precreate']) {
        rmSync(log, { force: true });
        const hook = run('hook', stage, ...options, '--log', log);
        expect(hook.status).not.toBe(0);
        expect(hook.stderr).toMatch(message);
        expect(readFileSync(log, 'utf8')).toMatch(/ error .*refused: .*cannot be trusted/);
      }
      const doctor = run('doctor', '--library', library);
      expect(doctor.stdout).toMatch(message);
      // It would give root a folder of a user, such as a home.
      expect(doctor.stdout).not.toContain('chown');
    } finally {
      chownSync(path, uid, gid);
      chmodSync(path, mode & 0o7777);
    }
  });

  it('is one that is called through a link in a folder that others can write', () => {
    const links = join(folder, 'links');
    mkdirSync(links);
    chmodSync(links, 0o777);
    const link = join(links, 'oci-seccomp');
    symlinkSync(main, link);
    const untrusted = (path: string) =>
      findUntrusted(ownFiles(path), trustWalk()).map(({ message }) => message);
    expect(untrusted(main)).toEqual([]);
    expect(untrusted(link)).toEqual([expect.stringMatching(/others can write \S*links /)]);
  });

  it('is refused by the runtime wrapper, and so is a runtime that others can write', () => {
    const runtime = join(folder, 'runc');
    const ran = join(folder, 'ran');
    writeFileSync(runtime, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    const config = join(folder, 'wrapper.json');
    writeFileSync(config, JSON.stringify({ runtime, behavesAs: 'runc@1.1.5', profile: 'docker-default' }));
    const bundle = join(folder, 'bundle');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), '{"linux":{}}');
    const create = () =>
      spawnSync(join(copy, 'dist/bin/runtime.cjs'), ['create', '--bundle', bundle, 'x'], {
        encoding: 'utf8',
        env: { ...process.env, OCI_SECCOMP_CONFIG: config },
      });
    const refused = (path: string, message: RegExp): void => {
      chmodSync(path, 0o777);
      const { status, stderr } = create();
      chmodSync(path, 0o755);
      expect(status).toBe(1);
      expect(stderr).toMatch(message);
      expect(existsSync(ran)).toBe(false);
    };
    refused(runtime, /the real runtime cannot be trusted: others can write \S*runc/);
    refused(join(copy, 'dist/bin/runtime-core.cjs'), /oci-seccomp cannot be trusted: .*runtime-core/);
    expect(create()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(ran)).toBe(true);
  });
});
