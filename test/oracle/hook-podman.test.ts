/**
 * Podman with the hook in a hooks directory, as `oci-seccomp hook config` prints it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually, leftBehind, ociSeccomp } from './support/hook-bundle.ts';
import { openPodman, type Podman } from './support/podman.ts';
import { describeWith } from './support/require.ts';

const ask = [
  '/bin/busybox',
  'sh',
  '-c',
  'busybox mkdir /x; busybox grep -E "Seccomp_f|NoNew" /proc/self/status',
];
/** Podman's containers have hexadecimal ids. */
const IDS = '[0-9a-f]{64}';
const DENIED = 'Numerical argument out of domain';
const status = (filters: number, noNewPrivs: number): string =>
  `NoNewPrivs:\t${noNewPrivs}\nSeccomp_filters:\t${filters}\n`;

describeWith(['root', 'podman', 'runc', 'busybox', 'ptrace', 'built'], 'podman with the hook', () => {
  let podman: Podman;
  let [hooks, log, profiles, profile] = ['', '', '', ''];
  beforeAll(() => {
    podman = openPodman();
    [hooks, log, profiles] = ['hooks', 'hook.log', 'profiles'].map((name) => join(podman.folder, name)) as [
      string,
      string,
      string,
    ];
    profile = join(profiles, 'deny.json');
    mkdirSync(profiles);
    const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));
  });
  afterAll(() => {
    podman?.close();
    expect(eventually(() => leftBehind(IDS).length === 0) ? [] : leftBehind(IDS)).toEqual([]);
  });
  beforeEach(() => {
    rmSync(hooks, { recursive: true, force: true });
    rmSync(log, { force: true });
  });

  const install = (...words: readonly string[]): void => {
    const file = join(hooks, 'oci-seccomp.json');
    const { stdout, stderr, status: code } = ociSeccomp('hook', 'config', ...words, '--log', log, '-o', file);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^(?:\S+: proven|$)/),
    });
  };
  const logged = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');

  it.each([
    ['createRuntime', [], status(2, 1)],
    ['prestart', [], status(2, 1)],
    ['createRuntime', ['--security-opt=seccomp=unconfined'], status(1, 1)],
    ['createRuntime', ['--privileged'], status(1, 0)],
    ['createRuntime', ['--user=1000', '--read-only'], status(2, 1)],
    ['precreate', [], status(1, 0)],
    ['precreate', ['--security-opt=seccomp=unconfined'], status(1, 0)],
    ['precreate', ['--privileged'], status(1, 0)],
  ])('filters at %s with %j', (stage, flags, expected) => {
    install('--stage', stage, '--profile', profile);
    const { stdout, stderr } = podman.run(hooks, flags, ask);
    expect(stderr).toContain(DENIED);
    expect(stdout).toBe(expected);
    expect(logged()).toMatch(
      stage === 'precreate' ? /rewritten: profile=/ : /attached: profile=.*\n.*has its filter/,
    );
  });

  it('calls the hook for containers that name a profile', () => {
    install('--profiles-dir', profiles);
    expect(podman.run(hooks, [], ask).stdout).toBe(status(1, 0));
    expect(logged()).toBe('');
    const named = podman.run(hooks, ['--annotation=dev.oci-seccomp.profile=deny.json'], ask);
    expect(named.stdout).toBe(status(2, 1));
  });

  it.each([
    ['empty', ''],
    ['cut off', '{"version":"1.0.0","hook":{"path":'],
  ])(
    'starts no container at all if a file of the folder is %s, which is why the file is written whole',
    (_, text) => {
      mkdirSync(hooks);
      writeFileSync(join(hooks, 'oci-seccomp.json'), text);
      const { status: code, stdout, stderr } = podman.run(hooks, [], ask);
      expect([code, stdout]).toEqual([126, '']);
      expect(stderr).toContain('oci-seccomp.json');
    },
  );

  it.each([
    ['a name without .json', 'oci-seccomp', undefined],
    ['a link that leads nowhere', 'oci-seccomp.json', 'nowhere.json'],
  ])('passes over %s without a word, which is why hook config refuses it', (_, name, target) => {
    install('--profile', profile);
    const text = readFileSync(join(hooks, 'oci-seccomp.json'), 'utf8');
    rmSync(join(hooks, 'oci-seccomp.json'));
    const file = join(hooks, name);
    if (target === undefined) writeFileSync(file, text);
    else symlinkSync(target, file);
    const { status: code, stdout, stderr } = podman.run(hooks, ['--security-opt=seccomp=unconfined'], ask);
    expect([code, stdout]).toEqual([0, status(0, 0)]);
    expect(stderr).not.toContain('oci-seccomp');
    const refused = ociSeccomp('hook', 'config', '--profile', profile, '-o', file);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/Podman (?:ignores|starts containers without the hook)/);
  });

  it('starts no container if two hooks attach a filter each', () => {
    install('--profile', profile);
    writeFileSync(join(hooks, 'second.json'), readFileSync(join(hooks, 'oci-seccomp.json')));
    const { status: code, stdout, stderr } = podman.run(hooks, [], ask);
    expect([code, stdout]).toEqual([126, '']);
    expect(stderr).toContain('traced by process');
    expect(logged()).not.toContain('has its filter');
  });

  // Another runtime knows nothing of the annotation with the program, and would start the container unfiltered.
  it('starts no container with another runtime than crun if the program is for crun', () => {
    install('--stage', 'precreate', '--crun-bpf', '--profile', profile);
    const { status: code, stdout, stderr } = podman.run(hooks, [], ask);
    expect([code, stdout]).toEqual([126, '']);
    expect(stderr).toContain('only crun may run this container');
    expect(logged()).toContain('rewritten');
  });

  it('is not disturbed by the temporary file of a configuration that is being written', () => {
    install('--profile', profile);
    writeFileSync(join(hooks, '.oci-seccomp-1.tmp'), '');
    expect(podman.run(hooks, [], ask).stdout).toBe(status(2, 1));
  });

  it.each(['createRuntime', 'precreate'])(
    'starts no container whose annotation leads out, at %s',
    (stage) => {
      install('--stage', stage, '--profiles-dir', profiles, '--default', profile);
      const {
        stdout,
        stderr,
        status: code,
      } = podman.run(hooks, ['--annotation=dev.oci-seccomp.profile=../hook.log'], ask);
      expect(stdout).toBe('');
      expect(code).toBe(126);
      expect(logged()).toContain('refused');
      // What a precreate hook prints, Podman keeps to itself.
      expect(stderr).toContain(stage === 'precreate' ? 'exit status 2' : 'a name that is not allowed');
    },
  );
});
