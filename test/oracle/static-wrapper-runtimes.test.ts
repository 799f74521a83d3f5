/**
 * The static runtime wrapper in front of runc and crun, with an agent: the filter in force is that of the wrapper in Node,
 * a refusal or a missing agent stops a start and nothing else, and the calls it makes are few.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, type TestAgent } from './support/agent.ts';
import { until } from './support/gates.ts';
import { cli, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { readFilters } from './support/runtime.ts';
import { canonicalText } from './support/stub.ts';
import {
  type Bundle,
  type BundleOptions,
  makeBundle,
  openWrapper,
  programPath,
  type Wrapper,
} from './support/wrapper.ts';

const annotation = 'dev.oci-seccomp.profile';
const needs = ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'built', 'runc', 'crun', 'strace'] as const;

describeWith(needs, 'the static runtime wrapper and its agent', () => {
  let agent: TestAgent;
  beforeAll(async () => {
    agent = await startAgent('--spare', '1');
  });
  afterAll(() => agent.remove());

  describe.each(['runc', 'crun'])('in front of %s', (name) => {
    let wrapper: Wrapper;
    let client = '';
    const bundles: Bundle[] = [];
    const bundle = (options: BundleOptions = {}): Bundle => {
      const made = makeBundle(options);
      bundles.push(made);
      return made;
    };
    beforeAll(() => {
      wrapper = openWrapper({ path: name });
      client = join(agent.folder, name);
      const options = [
        '--client',
        client,
        '--agent',
        agent.socket,
        '--config',
        join(wrapper.folder, 'config.json'),
      ];
      const { stdout, stderr, status } = ociSeccomp('hook', 'wrapper', ...options);
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringContaining('docker-default: proven'),
      });
      expect(stdout).toContain(`then becomes ${programPath({ path: name })}`);
    });
    afterAll(() => {
      for (const each of bundles) each.close();
      wrapper.close();
    });

    /** The filters of a container from create to delete, and of what is executed in it. */
    const filtersBy = async (program: string, options: BundleOptions): Promise<readonly string[]> => {
      const made = bundle(options);
      const created = made.call(program, 'create', '--bundle', made.folder, '--pid-file', 'pid', made.id);
      expect(created).toMatchObject({ status: 0, stderr: '' });
      try {
        expect(made.call(program, 'start', made.id)).toMatchObject({ status: 0, stderr: '' });
        const pid = Number(readFileSync(join(made.folder, 'pid'), 'utf8'));
        await until('the program runs', () =>
          readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('/bin/busybox'),
        );
        const words = ['exec', made.id, '/bin/busybox', 'grep', 'Seccomp_filters', '/proc/self/status'];
        expect(made.call(program, ...words).stdout).toMatch(/Seccomp_filters:\s+1/);
        return readFilters(pid).map(canonicalText);
      } finally {
        expect(made.call(program, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
      }
    };

    it('is a file of less than 4 kB that only root can write', () => {
      const { mode, size, uid } = statSync(client);
      expect({ mode: mode & 0o7777, uid }).toEqual({ mode: 0o755, uid: 0 });
      expect(size).toBeLessThanOrEqual(4096);
    });

    it('gives a container the filter that the wrapper in Node gives it', async () => {
      const options = { capabilities: ['CAP_CHOWN', 'CAP_SYS_CHROOT'] };
      const [byClient, byNode] = [await filtersBy(client, options), await filtersBy(wrapper.path, options)];
      expect(byClient).toEqual(byNode);
      expect(byClient).toHaveLength(1);
      expect(agent.log()).toMatch(
        /container: config="\/.*\/config\.json" wrapper="written" profile="docker-default" ms=\d+/,
      );
    });

    it('hands on exit status, streams, limits and descriptors as they are', () => {
      wrapper.configure({ unconfined: 'leave' });
      try {
        const show = 'grep "open files" /proc/self/limits; echo to stderr >&2; exit 7';
        const prelude = 'ulimit -Sn 777; exec 5</dev/null 6</dev/zero';
        const [direct, wrapped] = [programPath({ path: name }), client].map((program) => {
          const made = bundle({ args: ['sh', '-c', show] });
          return made.callAfter(prelude, program, 'run', '--preserve-fds', '3', made.id);
        });
        expect(direct).toMatchObject({ status: 7, stderr: expect.stringContaining('to stderr') });
        expect(wrapped).toEqual(direct);
      } finally {
        wrapper.configure({ unconfined: undefined });
      }
    });

    it('starts nothing that the agent refuses, and says why as a runtime does', () => {
      const made = bundle({ args: ['true'], annotations: { [annotation]: '../x' } });
      const before = made.configText();
      const log = join(made.folder, 'log');
      const words = ['--log', log, '--log-format', 'json', 'run', made.id];
      const [byClient, byNode] = [client, wrapper.path].map((program) => {
        const { status, stdout, stderr } = made.call(program, ...words);
        const { time: _, ...entry } = JSON.parse(readFileSync(log, 'utf8').trimEnd());
        rmSync(log);
        return { status, stdout, stderr, entry };
      });
      expect(byClient).toEqual(byNode);
      expect(byClient).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining('not allowed in'),
      });
      expect(made.configText()).toBe(before);
      expect(readdirSync(join(made.folder)).filter((each) => each === 'state')).toEqual([]);
    });

    it('starts nothing without the agent, and does everything else', async () => {
      const made = bundle();
      expect(made.call(client, 'create', made.id)).toMatchObject({ status: 0, stderr: '' });
      await agent.end('SIGKILL');
      try {
        const other = bundle({ args: ['true'] });
        const log = join(other.folder, 'log');
        const before = other.configText();
        for (const word of ['create', 'run']) {
          const { status, stderr } = other.call(client, '--log', log, '--log-format=json', word, other.id);
          expect(status).toBe(1);
          expect(stderr).toMatch(
            /^oci-seccomp-runtime: error: the agent of oci-seccomp cannot be reached: .*errno (?:002|111)\n$/,
          );
          const { level, msg } = JSON.parse(readFileSync(log, 'utf8'));
          expect({ level, msg: `${msg}\n` }).toEqual({ level: 'error', msg: stderr });
          rmSync(log);
        }
        expect(other.configText()).toBe(before);
        expect(other.call(programPath({ path: name }), 'state', other.id).status).toBe(1);
        expect(JSON.parse(made.call(client, 'state', made.id).stdout)).toMatchObject({ status: 'created' });
        for (const words of [['start', made.id], ['list'], ['--version'], ['kill', made.id, 'KILL']]) {
          expect(made.call(client, ...words)).toMatchObject({ status: 0, stderr: '' });
        }
        expect(made.call(client, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
      } finally {
        await agent.restart();
      }
    });

    const files: Record<string, (made: Bundle) => string> = {
      "the bundle's": (made) => made.folder,
      'the configuration': () => join(wrapper.folder, 'config.json'),
      'the real runtime': () => programPath({ path: name }),
      'the profile': () => join(wrapper.profilesDir, 'own.json'),
      'the table of choices': () => join(wrapper.folder, 'choices.json'),
    };

    it.each(Object.entries(files))('starts nothing if it sees a mount on %s', (what, pathOf) => {
      const isTable = what === 'the table of choices';
      writeFileSync(join(wrapper.profilesDir, 'own.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
      const choices = join(wrapper.folder, 'choices.json');
      writeFileSync(choices, '{"default":"docker-default","rows":[]}');
      if (isTable) wrapper.configure({ profile: undefined, profilesDir: undefined, choices });
      try {
        const annotations = isTable ? {} : { [annotation]: 'own.json' };
        const [made, other] = [bundle({ args: ['true'], annotations }), bundle({ args: ['true'] })];
        const path = pathOf(made);
        const copy = path === made.folder ? other.folder : join(other.folder, 'copy');
        if (copy !== other.folder) copyFileSync(path, copy);
        const before = [made.configText(), other.configText()];
        const prelude = `mount --bind '${copy}' '${path}'; cd /`;
        const { status, stdout, stderr } = made.callAfter(prelude, client, 'run', '-b', made.folder, made.id);
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toContain(`${what} ${path}`);
        expect(stderr).toContain(`they see different mounts at ${path}`);
        expect([made.configText(), other.configText()]).toEqual(before);
      } finally {
        wrapper.configure({
          choices: undefined,
          profile: 'docker-default',
          profilesDir: wrapper.profilesDir,
        });
      }
    });

    it.each<[string, string, RegExp]>([
      ['is hidden by a mount', 'mount -t tmpfs none . && cd "$PWD"', /working folder of .* is another one/],
      ['was removed', 'mkdir gone && cd gone && rmdir ../gone', /working folder of .* is another one/],
    ])('starts nothing in a folder that %s', (_name, prelude, reason) => {
      const made = bundle({ args: ['true'] });
      const { status, stderr } = made.callAfter(prelude, client, 'run', made.id);
      expect(stderr).toMatch(reason);
      expect(status).toBe(1);
    });

    it.each(['/proc/self/cwd', '/proc/thread-self/cwd', '/dev/fd/9', 'link'])(
      'starts nothing from %s, which is another folder for the agent',
      (path) => {
        const made = bundle({ args: ['true'] });
        symlinkSync('/proc/self/cwd', join(made.folder, 'link'));
        const { status, stderr } = made.callAfter('exec 9<.', client, 'run', '-b', path, made.id);
        expect(stderr).toMatch(/is below \/proc, where paths mean another file for each process/);
        expect(status).toBe(1);
      },
    );

    it('makes few calls before it becomes the runtime', () => {
      const made = bundle({ args: ['true'] });
      const trace = join(made.folder, 'trace');
      // Of the runtime's own calls none, but execve.
      const traced = (...words: readonly string[]): readonly string[] => {
        const script = join(made.folder, 'traced');
        const calls =
          'execve,socket,setsockopt,connect,getsockopt,sendto,recvfrom,writev,openat,read,write,exit_group';
        writeFileSync(
          script,
          `#!/bin/sh\nexec strace -b execve -e trace=${calls} -o ${trace} ${client} "$@"\n`,
          { mode: 0o755 },
        );
        made.call(script, ...words);
        return readFileSync(trace, 'utf8').trimEnd().split('\n');
      };
      const shape = (lines: readonly string[]) =>
        lines.map((line) => line.replace(/\(.*\)\s+=\s/, ' = ').replace(/ +/g, ' '));
      const [first, second, ...rest] = traced('run', made.id);
      expect(shape([first ?? '', second ?? ''])).toEqual(['execve = 0', 'socket = 3']);
      expect(shape(rest).slice(0, 7)).toEqual([
        'setsockopt = 0',
        'setsockopt = 0',
        'connect = 0',
        'getsockopt = 0',
        expect.stringMatching(/^sendto = \d+$/),
        'recvfrom = 1',
        'recvfrom = 0',
      ]);
      expect(second).toContain('AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0');
      expect(rest[7]).toContain(
        `execve("${programPath({ path: name })}", ["${programPath({ path: name })}", "--root"`,
      );
      const alone = traced('--version');
      expect(alone[1]).toContain(`execve("${programPath({ path: name })}"`);
    });
  });

  it.each<[string, Record<string, string>, readonly string[], RegExp]>([
    ['without a file', {}, ['--client', ''], /--client is missing/],
    ['for a runtime without its folder', { runtime: 'runc' }, [], /without its folder/],
    ['in the place of the runtime', {}, ['SELF'], /is the wrapper itself/],
    ['for a runtime that is not there', { runtime: '/nonexistent/runc' }, [], /cannot be found or executed/],
    ['for a profile that is not there', { profile: '/nonexistent/p.json' }, [], /no such file/],
    ['for a broken configuration', { as: 'x' }, [], /is not a configuration/],
    [
      'for a runtime whose interpreter is not there',
      { runtime: 'SCRIPT', behavesAs: 'crun' },
      ['#!/nonexistent\n'],
      /--version failed: no such file or directory/,
    ],
    [
      'for a runtime that writes without end',
      { runtime: 'SCRIPT', behavesAs: 'crun' },
      ['#!/bin/sh\nexec yes\n'],
      /--version wrote more than 1048576 bytes/,
    ],
    [
      'for a runtime that is open for writing',
      { runtime: 'SCRIPT', behavesAs: 'crun' },
      ['BUSY'],
      /script --version failed: text file is busy/,
    ],
    [
      'for a runtime that is no program',
      { runtime: 'SCRIPT', behavesAs: 'crun' },
      ['nothing'],
      /: oci-seccomp-runtime: error: the real runtime cannot be executed: errno 008/,
    ],
    ['without a configuration', {}, ['--config', '/nonexistent/c.json'], /no such file/],
    ['for a socket that is not named whole', {}, ['--agent', 'a.sock'], /named by an absolute path/],
  ])('is not written %s', (_name, keys, options, reason) => {
    const wrapper = openWrapper({ path: 'crun' });
    let busy: number | undefined;
    try {
      const client = join(agent.folder, 'other');
      const script = join(agent.folder, 'script');
      if (keys.runtime === 'SCRIPT') writeFileSync(script, options[0] ?? '', { mode: 0o755 });
      if (options[0] === 'BUSY') busy = openSync(script, 'r+');
      const changed = keys.runtime === 'SCRIPT' ? { ...keys, runtime: script } : keys;
      wrapper.configure(options[0] === 'SELF' ? { runtime: client } : changed);
      if (options[0] === 'SELF') writeFileSync(client, '#!/bin/sh\n', { mode: 0o755 });
      const base = {
        '--client': client,
        '--agent': agent.socket,
        '--config': join(wrapper.folder, 'config.json'),
      };
      const [option = '', value = ''] = options;
      const all = Object.entries(option.startsWith('--') ? { ...base, [option]: value } : base).flat();
      const { status, stdout, stderr } = ociSeccomp('hook', 'wrapper', ...all);
      expect(stderr).toMatch(reason);
      expect([1, 2, 3]).toContain(status);
      expect(stdout).toBe('');
      const isWritten = existsSync(client) && readFileSync(client, 'latin1').startsWith('\x7fELF');
      expect(isWritten).toBe(false);
      rmSync(client, { force: true });
    } finally {
      if (busy !== undefined) closeSync(busy);
      wrapper.close();
    }
  });

  it('is not written if it is interrupted while the real runtime does not answer; nothing is left', async () => {
    const wrapper = openWrapper({ path: 'crun' });
    try {
      const home = join(agent.folder, 'interrupted');
      const [client, waits] = [join(home, 'wrapper'), join(home, 'waits')];
      mkdirSync(home);
      writeFileSync(waits, '#!/bin/sh\nsleep 1000 & echo $! >"$0.pid"\nwait\n', { mode: 0o755 });
      wrapper.configure({ runtime: waits, behavesAs: 'crun' });
      const words = ['--client', client, '--agent', agent.socket, '--config'];
      const child = spawn(process.execPath, [
        cli,
        'hook',
        'wrapper',
        ...words,
        join(wrapper.folder, 'config.json'),
      ]);
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += String(chunk);
      });
      const ended = once(child, 'close');
      await until(
        'the runtime is asked',
        () => existsSync(`${waits}.pid`) && readFileSync(`${waits}.pid`, 'utf8') !== '',
      );
      child.kill('SIGTERM');
      expect(await ended).toEqual([2, null]);
      expect(stderr).toContain(`${waits} --version had not ended when it was interrupted`);
      expect(readdirSync(home).toSorted()).toEqual(['waits', 'waits.pid']);
      const childWords = `/proc/${readFileSync(`${waits}.pid`, 'utf8').trim()}/cmdline`;
      await until(
        'its child has ended',
        () => !existsSync(childWords) || readFileSync(childWords, 'utf8') === '',
      );
    } finally {
      wrapper.close();
    }
  });
});
