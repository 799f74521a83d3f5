/**
 * `record --container`: what it sees of containers of runc, crun and Podman, compared with strace(1) of the same
 * program; that the profile in force still denies; what is left when the recorder is killed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp, program } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { makeShortFolder } from '../support/short-folder.ts';
import { removeCgroups, runtimeCommand, until } from './support/gates.ts';
import { hostileScript } from './support/hostile-script.ts';
import { helperPath } from './support/native.ts';
import { openPodman, type Podman } from './support/podman.ts';
import { type Bundle, type Kind, openRecordedBundles, sh } from './support/recorded-bundles.ts';
import { describeWith } from './support/require.ts';

const { folder, temporary, rootfs, env, bundleOf, words, hasState } = openRecordedBundles('record-container');
const kinds: readonly Kind[] = ['runc', 'crun'];
/** Programs of its own start, a pipe between two processes, a sleep, a call that the profile denies. */
const SCRIPT =
  'busybox uname -s; busybox echo a b | busybox wc -w; busybox sleep 0.01; busybox mkdir /tmp/x 2>&1; exit 7';
const SAID = "Linux\n2\nmkdir: can't create directory '/tmp/x': Numerical argument out of domain\n";
const DENIES = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 }],
};

function recorded(kind: Kind, bundle: Bundle, ...options: readonly string[]) {
  const [command, ...rest] = words(kind, bundle, ...options);
  const outcome = spawnSync(command, rest, { input: '', env, encoding: 'utf8', timeout: HANGS_AFTER });
  removeCgroups(bundle.id);
  return outcome;
}

function namesIn(file: string): readonly string[] {
  const { calls } = JSON.parse(readFileSync(file, 'utf8')) as { readonly calls: readonly { name: string }[] };
  return calls.map(({ name }) => name).sort();
}

/** What strace sees of the same program in the same files; without what leads there, and without what is denied. */
function stracedNames(script: string): readonly string[] {
  const log = join(folder, 'strace.txt');
  const inRoot = ['chroot', rootfs, '/bin/busybox', 'sh', '-c', script];
  spawnSync('strace', ['-f', '-qq', '-o', log, ...inRoot], {
    input: '',
    env: { PATH: '/bin:/usr/bin:/usr/sbin' },
  });
  const text = readFileSync(log, 'utf8').replace(/^[\s\S]*?(?=^.*execve\("\/bin\/busybox")/m, '');
  const names = text.matchAll(/^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[( ]/gm);
  rmSync(join(rootfs, 'tmp/x'), { recursive: true, force: true });
  return [...new Set([...names].map(([, name = '']) => name))].filter((name) => name !== 'mkdir').sort();
}

describeWith(
  ['root', 'x86_64', 'runc', 'crun', 'busybox', 'cc', 'strace', 'ptrace', 'built'],
  'record of a container',
  () => {
    it.each(kinds)('sees what strace sees, and the profile in force denies: %s', (kind) => {
      const profile = join(folder, `${kind}.json`);
      const bundle = bundleOf(sh(SCRIPT), DENIES);
      const before = readFileSync(join(bundle.path, 'config.json'), 'utf8');
      const { stdout, stderr, status } = recorded(kind, bundle, '-o', profile);
      expect({ stdout, status }, stderr).toEqual({ stdout: SAID, status: 7 });
      expect(stderr).toMatch(/^proven: all \d+ recorded calls get through/m);
      expect(namesIn(join(folder, `${kind}.recording.json`))).toEqual(stracedNames(SCRIPT));
      expect(readFileSync(join(bundle.path, 'config.json'), 'utf8')).toBe(before);
      // The profile that was written lets the container do the same, and denies what it was denied.
      const resolved = JSON.parse(ociSeccomp(['resolve', profile, '-q']).stdout);
      const again = bundleOf(sh(SCRIPT), resolved);
      const [command = '', ...rest] = runtimeCommand(kind, again.path, [
        'run',
        '--bundle',
        again.path,
        again.id,
      ]);
      const second = spawnSync(command, rest, { input: '', env, encoding: 'utf8', timeout: HANGS_AFTER });
      removeCgroups(again.id);
      expect(second, second.stderr).toMatchObject({
        stdout: SAID.replace('Numerical argument out of domain', 'Operation not permitted'),
        status: 7,
      });
    });

    it.each(kinds)(
      'lets programs do what a recorder may not expect, and says what went otherwise: %s',
      (kind) => {
        copyFileSync(helperPath('hostile-program'), join(rootfs, 'bin/hostile'));
        const script = hostileScript('/bin/hostile');
        const alone = bundleOf(sh(script));
        const [command = '', ...rest] = runtimeCommand(kind, alone.path, ['run', '-b', alone.path, alone.id]);
        const plain = spawnSync(command, rest, { input: '', env, encoding: 'utf8', timeout: HANGS_AFTER });
        removeCgroups(alone.id);
        expect(plain.stdout).toMatch(/^strict$/m);
        const list = join(folder, `hostile-${kind}`);
        const made = recorded(kind, bundleOf(sh(script)), '--list', '-o', list);
        const otherwise = plain.stdout
          .replace('strict\n', 'Invalid argument\n')
          .replace('\ntraced\n', '\nnot traced\n')
          .replace(/\n33\n10\n33\n10\n/, '\n33\n10\nDevice or resource busy\n10\n');
        expect(made.stdout, made.stderr).toBe(otherwise);
        expect(made.stderr.replace(/\s+/g, ' ')).toMatch(
          /io_uring_setup.* a listener of its own .* a filter of its own.* strict mode .* CLONE_UNTRACED, which have no guard.* asked to trace /,
        );
        expect(readFileSync(list, 'utf8').split('\n')).toEqual(
          expect.arrayContaining(['vfork', 'chroot', 'unshare', 'getpgid', 'close_range']) as string[],
        );
      },
    );

    it.each(kinds)('does not start where the profile in force leaves calls to a tracer: %s', (kind) => {
      const rule = { names: ['mkdir'], action: 'SCMP_ACT_TRACE' };
      const bundle = bundleOf(sh('busybox mkdir /tmp/x; echo ran'), {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [rule],
      });
      const { stdout, stderr, status } = recorded(kind, bundle, '-o', join(folder, 'trace.json'));
      expect(stdout).toBe('');
      expect(status).not.toBe(0);
      expect(stderr.replace(/\s+/g, ' ')).toContain(
        'no container was recorded: container ' +
          bundle.id +
          ': killed: the profile in force leaves calls to a tracer',
      );
    });

    it('adds runs, and keeps within a profile, as for a command', () => {
      const file = join(folder, 'runs.json');
      for (const more of [[], ['--append']]) {
        const { stderr } = recorded(
          'runc',
          bundleOf(sh('exit 0'), DENIES),
          '-o',
          file,
          ...more,
          '--within',
          'docker-default',
        );
        expect(stderr).toContain('proven: it allows nothing that docker-default denies');
      }
      const { runs } = JSON.parse(readFileSync(join(folder, 'runs.recording.json'), 'utf8'));
      expect(runs).toMatchObject([{ method: 'notification' }, { method: 'notification' }]);
    });

    it.each(kinds)(
      'ends a container that computes, when the recorder is killed, and keeps what it saw: %s',
      async (kind) => {
        const file = join(folder, `killed-${kind}.json`);
        const recording = join(folder, `killed-${kind}.recording.json`);
        const bundle = bundleOf(sh('busybox uname; read line; while :; do :; done'), DENIES);
        const [command, ...rest] = words(kind, bundle, '-q', '-o', file);
        const recorder = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'inherit'] });
        await new Promise((resolve) => recorder.stdout.once('data', resolve));
        // It saves each second what came since: after this all calls up to read(2) are in the file, and none comes.
        await until(
          'the recorder has saved',
          () => existsSync(recording) && namesIn(recording).includes('uname'),
        );
        recorder.stdin.end('x\n');
        recorder.kill('SIGKILL');
        // The pipe closes when the container's program and its runtime have ended.
        await new Promise((resolve) => recorder.stdout.once('close', resolve));
        await until('the runtime has removed the container', () => !hasState(bundle));
        removeCgroups(bundle.id);
        const profile = ociSeccomp(['record', '--recording', recording, '-o', file]);
        expect(profile, profile.stderr).toMatchObject({ status: 0 });
        expect(profile.stderr).toMatch(/^proven: all \d+ recorded calls get through/m);
      },
    );

    it.each([
      ['the hook is not called yet', () => readdirSync(temporary).length > 0],
      ['the bundle is ready', () => hasMade('bundle')],
      ['the hook has logged', () => hasMade('log')],
    ])('ends what it has begun, if it is killed when %s', async (_, condition) => {
      const bundle = bundleOf(sh('while :; do busybox true; done'), DENIES);
      const [command, ...rest] = words('runc', bundle, '-q', '-o', join(folder, 'early.json'));
      const recorder = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      const closed = new Promise((resolve) => recorder.stdout.once('close', resolve).resume());
      await until('the recorder is that far', condition);
      recorder.kill('SIGKILL');
      await closed;
      await until('the runtime has removed the container', () => !hasState(bundle));
      removeCgroups(bundle.id);
    });

    it('stops a container whose profile has a listener already, and says why', async () => {
      const sockets = makeShortFolder();
      const listenerPath = join(sockets, 'agent');
      const agent = spawn(helperPath('notify-agent'), [listenerPath], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const agentEnded = new Promise((resolve) => agent.once('close', resolve));
      await new Promise((resolve) => agent.stdout.once('data', resolve));
      const rule = { names: ['personality'], action: 'SCMP_ACT_NOTIFY' };
      const bundle = bundleOf(sh('echo ran'), {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [rule],
        listenerPath,
      });
      const [command, ...rest] = words('runc', bundle, '-o', join(folder, 'busy.json'));
      const recorder = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const said = await outputOf(recorder);
      await agentEnded;
      rmSync(sockets, { recursive: true });
      removeCgroups(bundle.id);
      expect(said.stdout).toBe('');
      expect(said.status).not.toBe(0);
      expect(said.stderr.replace(/\s+/g, ' ')).toContain(
        `no container was recorded: container ${bundle.id}: killed: seccomp in process`,
      );
      expect(said.stderr).toContain('EBUSY');
    });
  },
);

/** Whether the recorder has made this in its folder. */
function hasMade(name: string): boolean {
  return readdirSync(temporary).some((each) => existsSync(join(temporary, each, name)));
}

async function outputOf(child: ChildProcess) {
  const texts = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts[0] += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts[1] += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { stdout: texts[0] ?? '', stderr: texts[1] ?? '', status };
}

describeWith(
  ['root', 'x86_64', 'podman', 'runc', 'busybox', 'strace', 'ptrace', 'built'],
  "record of Podman's containers",
  () => {
    let podman: Podman;
    beforeAll(() => {
      podman = openPodman();
    });
    afterAll(() => podman?.close());

    it('sees what strace sees, under the profile of Podman', () => {
      const file = join(folder, 'podman.json');
      const script = SCRIPT.replace('busybox mkdir /tmp/x 2>&1', 'busybox swapoff /proc/version 2>&1');
      const call = podman.words(['/bin/busybox', 'sh', '-c', script]);
      const outcome = spawnSync(
        process.execPath,
        [program, 'record', '--container', '-o', file, '--', ...call],
        { input: '', env, encoding: 'utf8', timeout: HANGS_AFTER },
      );
      expect(outcome.stdout, outcome.stderr).toMatch(
        /^Linux\n2\nswapoff: .*(?:not permitted|not implemented)/,
      );
      expect(outcome.status).toBe(7);
      // swapoff is denied by Podman's profile, and so the recorder does not hear of it.
      const names = stracedNames(SCRIPT);
      const seen = namesIn(join(folder, 'podman.recording.json'));
      expect(seen).not.toContain('swapoff');
      expect(seen).toEqual(expect.arrayContaining([...names]));
    });
  },
);

describeWith(['built'], 'record --container', () => {
  const call = (...command: readonly string[]) =>
    ociSeccomp(['record', '--container', '-o', join(folder, 'no.json'), ...command], { env });

  it.each([
    [['--', 'docker', 'run', 'x'], 'knows podman, runc and crun'],
    [['--', 'sudo', 'podman', 'run', 'x'], 'run the recorder itself with sudo'],
    [[], '--container needs the command that starts the container'],
  ])('refuses %j', (command, message) => {
    const { status, stderr } = call(...command);
    if (stderr.includes('cannot run')) return; // The program is not here.
    expect(status).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toContain(message);
  });

  const asRoot = process.getuid?.() === 0;
  it.runIf(asRoot).each(['absent', 'long'.repeat(30)])('needs a temporary folder: %s', (name) => {
    const place = join(folder, name);
    if (name !== 'absent') mkdirSync(place);
    const words = ['record', '--container', '-o', join(folder, 'no.json'), '--', 'runc', 'run', 'x'];
    const { stderr, status } = ociSeccomp(words, { env: { ...env, TMPDIR: place } });
    expect(stderr).toMatch(
      /^error: the temporary folder .* cannot be used: .*\[ERR_IO\]\n {2}hint: .*TMPDIR=\/tmp$/m,
    );
    expect({ status, left: existsSync(place) ? readdirSync(place) : [] }).toEqual({ status: 3, left: [] });
  });
});

describeWith(['root', 'runc', 'built'], 'record --container of a bundle', () => {
  // Each file that is made there takes one: the folder, the socket, the copy of the bundle with its link and its config.json.
  it.each([1, 2, 3, 4, 5])('needs a temporary folder that has room: %i inodes', (inodes) => {
    const [bundle, place] = [join(folder, `of-full-${inodes}`), join(folder, `full-${inodes}`)];
    for (const each of [bundle, join(bundle, 'rootfs'), place]) mkdirSync(each);
    writeFileSync(join(bundle, 'config.json'), '{"ociVersion":"1.0.2","root":{"path":"rootfs"},"linux":{}}');
    const script = `mount -t tmpfs -o nr_inodes=${inodes} none "$0" && { "$@"; code=$?; ls -A "$0"; exit $code; }`;
    const recorder = [process.execPath, program, 'record', '--container', '-o', join(folder, 'no.json')];
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', script, place, ...recorder, '--', 'runc', 'run', '-b', bundle, 'x'],
      { encoding: 'utf8', env: { ...env, TMPDIR: place } },
    );
    expect(stderr).toMatch(
      /^error: the temporary folder .* cannot be used: (?:.*no space|.*ENOSPC).*\[ERR_IO\]$/m,
    );
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  });

  it('names the root of the container that is not there', () => {
    const bundle = join(folder, 'rootless');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), '{"ociVersion":"1.0.2","root":{"path":"rootfs"},"linux":{}}');
    const words = [
      'record',
      '--container',
      '-o',
      join(folder, 'no.json'),
      '--',
      'runc',
      'run',
      '-b',
      bundle,
      'x',
    ];
    const { status, stderr } = ociSeccomp(words, { env });
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `error: ${join(bundle, 'rootfs')} cannot be read: no such file or directory [ERR_IO]\n`,
    });
  });
});
