/**
 * Whom the agent serves, and what it does with requests that are not requests: it says why not, and goes on.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeAgentRequest } from '../../src/hook/agent/agent-protocol.ts';
import { MAX_CONNECTIONS } from '../../src/hook/agent/serve-agent.ts';
import { root } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { startAgent, startAgentOf, type TestAgent } from './support/agent.ts';
import { until } from './support/gates.ts';
import { cli, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-clients-'));
const profile = join(folder, 'profile.json');
writeFileSync(profile, '{"defaultAction":"SCMP_ACT_ALLOW"}');

describeWith(['root', 'cc', 'ptrace', 'built'], 'clients of the agent', () => {
  let agent: TestAgent;
  beforeAll(async () => {
    agent = await startAgent();
    // The kernel lets nobody else connect; what the agent does itself is asked here.
    chmodSync(agent.folder, 0o755);
    chmodSync(agent.socket, 0o666);
  });
  afterAll(async () => {
    await agent.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const answerTo = (bytes: Uint8Array, end = false): Promise<string> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect(agent.socket);
      socket.on('data', (chunk) => chunks.push(chunk));
      // An agent that refuses without reading on resets the connection, after its answer.
      socket.on('error', () => {});
      socket.once('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
      socket.write(bytes);
      if (end) socket.destroySoon();
    });

  describe('other processes', () => {
    const curl = ['curl', '-s', '--unix-socket'];
    const ask = (...before: readonly string[]): SpawnSyncReturns<string> => {
      const [command = '', ...args] = [...before, ...curl, agent.socket, 'http://localhost/metrics'];
      return spawnSync(command, args, { encoding: 'utf8', timeout: HANGS_AFTER });
    };
    const withoutHttp = (...before: readonly string[]): string => {
      const script = `const s = require('net').connect(${JSON.stringify(agent.socket)}); s.pipe(process.stdout); s.on('error', () => {})`;
      const [command = '', ...args] = [...before, process.execPath, '-e', script];
      return spawnSync(command, args, { encoding: 'utf8', timeout: HANGS_AFTER }).stdout;
    };

    it('root sees what the agent has done', () => {
      expect(ask().stdout).toContain('oci_seccomp_agent_info{version=');
    });

    it.each([
      [
        'a user that is not root',
        ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
        /of user 65534 is not root/,
      ],
      [
        'root without CAP_SYS_PTRACE',
        ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'],
        /lacks CAP_SYS_ADMIN or CAP_SYS_PTRACE/,
      ],
      [
        'root of a user namespace that is root outside, too',
        ['unshare', '--user', '--map-root-user'],
        /in another user namespace/,
      ],
      ['root in another pid namespace', ['unshare', '--pid', '--fork'], /in another pid namespace/],
    ])('%s is not served', (_, before, reason) => {
      expect(withoutHttp(...before)).toMatch(reason);
      expect(agent.log()).toMatch(reason);
    });

    it('root with another root folder is not served', () => {
      // A file system of its own in front of the same folders.
      const root = join(folder, 'root');
      mkdirSync(root);
      // Node can be anywhere.
      const folders = `usr lib lib64 run proc '${dirname(process.execPath).slice(1)}'`;
      const bind = `for d in ${folders}; do mkdir -p "${root}/$d"; mount --rbind "/$d" "${root}/$d"; done`;
      const enter = `mount -t tmpfs none ${root} && ${bind}; exec chroot ${root} "$@"`;
      const stdout = withoutHttp('unshare', '-m', 'sh', '-c', enter, 'sh');
      expect(stdout).toMatch(/has another root folder/);
    });
  });

  it('an agent whose files are replaced answers as before', async () => {
    const home = mkdtempSync('/run/oci-seccomp-replaced-');
    const bin = join(home, 'bin');
    cpSync(dirname(cli), bin, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
    const program = { args: ['sleep', '1000'], cwd: '/', capabilities: {}, noNewPrivileges: true };
    writeFileSync(
      join(home, 'config.json'),
      JSON.stringify({ root: { path: '/' }, linux: {}, process: program }),
    );
    const wrong = join(home, 'wrong.json');
    writeFileSync(wrong, '{"defaultAction":1}');
    const contained = spawn('unshare', ['--mount', 'sleep', '1000'], { stdio: 'ignore' });
    const old = await startAgentOf(join(bin, 'main.cjs'), []);
    try {
      for (const name of readdirSync(bin).filter((each) => each.endsWith('.cjs')))
        writeFileSync(join(bin, name), '(function () { throw new Error("another build"); })');
      const state = { ociVersion: '1.0.2', id: 'x', status: 'created', pid: contained.pid, bundle: home };
      const words = ['hook', 'createRuntime', '--profile', wrong, '--agent', old.socket];
      const { stderr } = spawnSync(process.execPath, [cli, ...words], {
        input: JSON.stringify(state),
        encoding: 'utf8',
      });
      expect(stderr).toContain(`${wrong}:1:18: error: expected the name of an action`);
    } finally {
      contained.kill('SIGKILL');
      await old.remove();
      rmSync(home, { recursive: true });
    }
  });

  describe('requests', () => {
    const state = (change: object = {}): Uint8Array =>
      Buffer.from(
        JSON.stringify({
          ociVersion: '1.0',
          id: 'x',
          status: 'created',
          pid: 4_194_304,
          bundle: '/',
          ...change,
        }),
      );
    const request = (...args: readonly string[]): Uint8Array => encodeAgentRequest({ args, state: state() });
    const good = request('createRuntime', '--profile', profile);
    const head = (argumentsSize: number, stateSize: number): Buffer => {
      const bytes = Buffer.from('OCISECC1........');
      bytes.writeUInt32LE(argumentsSize, 8);
      bytes.writeUInt32LE(stateSize, 12);
      return bytes;
    };

    it.each<[string, Uint8Array, RegExp]>([
      ['something else', Buffer.from('x'.repeat(100)), /^2error: .*a request that it does not know/],
      ['four gigabytes of state', head(10, 0xffff_ffff), /^2error: the container state is longer than/],
      ['four gigabytes of arguments', head(0xffff_ffff, 0), /^2error: the arguments of the hook are longer/],
      ['more than it says', Buffer.concat([good, Buffer.from('x')]), /^2error: .*longer than it says/],
      ['an argument without an end', Buffer.concat([head(1, 1), Buffer.from('xx')]), /^2error: .*has no end/],
      [
        'arguments that are not UTF-8',
        Buffer.concat([head(2, 1), Buffer.from([0xff, 0, 0x7b])]),
        /^2error: .*not UTF-8/,
      ],
      ['no stage', encodeAgentRequest({ args: [], state: state() }), /^2error: '' is not a stage/],
      ['a stage without use', request('poststart', '--profile', profile), /^2error: .*poststart/],
      [
        'a stage that is not served',
        request('precreate', '--profile', profile),
        /^2error: .*does not serve the stage precreate/,
      ],
      ['an unknown option', request('createRuntime', '--nonsense'), /^2error: .*unknown option/],
      ['another agent', request('createRuntime', '--agent', '/x'), /^2error: .*unknown option '--agent'/],
      [
        'a library',
        request('createRuntime', '--profile', profile, '--library', '/x.so'),
        /^2error: the agent loads no libseccomp/,
      ],
      [
        'libseccomp',
        request('createRuntime', '--profile', profile, '--backend', 'libseccomp'),
        /^2error: the agent loads no libseccomp/,
      ],
      ['a process that is not there', good, /^2error: process 4194304 .*there is no such process/],
      [
        'no state',
        encodeAgentRequest({ args: ['createRuntime', '--profile', profile], state: new Uint8Array() }),
        /^2error: .*not JSON/,
      ],
    ])('%s is answered with the reason', async (_, bytes, reason) => {
      expect(await answerTo(bytes)).toMatch(reason);
    });

    it.each<[string, Uint8Array, string]>([
      ['container', good, 'container: id="x" hook="refused" reason="process 4194304 of'],
      [
        'call of a runtime',
        request('runtime', '/nonexistent/config.json', '/bin/true', 'create', '-b', '/run/"x', 'web'),
        'container: call="create -b /run/\\"x web" wrapper="refused" reason="the configuration /nonexist',
      ],
    ])('a %s that is refused is named in the log', async (_, bytes, line) => {
      await answerTo(bytes);
      expect(agent.log()).toContain(line);
    });

    it('a client that goes away half-way leaves nothing behind', async () => {
      const before = agent.metric('turned_away_total{reason="request"}');
      for (const at of [0, 1, 15, 16, 20, good.length - 1]) await answerTo(good.subarray(0, at), true);
      expect(agent.metric('turned_away_total{reason="request"}')).toBe(before + 6);
      expect(agent.metric('connections')).toBe(1);
    });

    /** Clients that say nothing, and what they hear all the same. */
    const connectIdle = (count: number) => {
      const heard: string[] = [];
      const sockets = Array.from({ length: count }, () => {
        const socket = connect(agent.socket);
        let text = '';
        socket.on('data', (chunk) => {
          text += String(chunk);
        });
        return socket.on('error', () => {}).once('close', () => heard.push(text));
      });
      return { heard, close: () => sockets.forEach((socket) => void socket.destroy()) };
    };

    it('a client that comes when no file can be opened hears that, and the next is served', async () => {
      const all: string[] = [];
      const open = new Set(readdirSync(`/proc/${agent.child.pid}/fd`).map(Number));
      const unused = Array.from({ length: 4096 }, (_, fd) => fd).filter((fd) => !open.has(fd));
      // A client takes two descriptors: of two limits, one leaves the last client its connection and nothing more.
      for (const free of [2, 3]) {
        const limit = `--nofile=${unused[free]}:4096`;
        expect(spawnSync('prlimit', [`--pid=${agent.child.pid}`, limit]).status).toBe(0);
        const idle = connectIdle(64);
        try {
          await until('some are turned away', () => idle.heard.length > 0);
        } finally {
          all.push(...idle.heard);
          idle.close();
          spawnSync('prlimit', [`--pid=${agent.child.pid}`, '--nofile=4096:4096']);
        }
      }
      const told = all.filter((text) => text !== '');
      expect(told.length).toBeGreaterThan(0);
      for (const text of told) expect(text).toMatch(/^3error: \/proc cannot be read: too many open files/);
      expect(agent.log()).toMatch(/turned-away: reason="peer" message="[^"]*too many open files/);
      // Those that Node closed without a word have one line for each time that there was no room.
      expect(agent.log().match(/^no-descriptors: reason="EMFILE" .*$/gm)?.length).toBeGreaterThan(0);
      expect(await answerTo(good)).toMatch(/there is no such process/);
    });

    it('clients that say nothing keep others away only while they are connected', async () => {
      const idle = connectIdle(MAX_CONNECTIONS + 20);
      const told = (): readonly string[] =>
        idle.heard.filter((text) => text.startsWith('2error: the agent has 256 clients'));
      try {
        await until('those that are too many are turned away', () => told().length >= 20);
      } finally {
        idle.close();
      }
      let answer = '';
      do answer = await answerTo(good);
      while (answer.includes('256 clients'));
      expect(answer).toMatch(/there is no such process/);
      expect(agent.metric('turned_away_total{reason="busy"}')).toBeGreaterThanOrEqual(20);
      expect(agent.log()).toContain('turned-away: reason="busy" message="the agent has 256 clients');
    });

    it('a page that is not there is answered by HTTP', async () => {
      expect(await answerTo(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))).toMatch(/^HTTP\/1.1 404 /);
      expect(await answerTo(Buffer.from(`GET /${'x'.repeat(10_000)}`))).toMatch(/^2error: .*longer than/);
    });

    it('a process of the caller that is in no container is not touched', async () => {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      try {
        const bytes = encodeAgentRequest({
          args: ['createRuntime', '--profile', profile],
          state: state({ pid: child.pid }),
        });
        expect(await answerTo(bytes)).toMatch(/^2error: .*does not belong to the container/);
      } finally {
        child.kill('SIGKILL');
      }
    });

    it('a log that is a pipe without a reader holds nobody up', async () => {
      const pipe = join(folder, 'pipe');
      spawnSync('mkfifo', [pipe]);
      const bytes = request('createRuntime', '--profile', profile, '--log', pipe);
      expect(await answerTo(bytes)).toMatch(/^2error: /);
    });

    it('requests that came to nothing cost no supervisor', () => {
      expect(agent.metric('supervisors{state="busy"}')).toBe(0);
      expect(agent.metric('filters_total{outcome="killed"}')).toBe(0);
    });
  });

  describe('the client', () => {
    const hook = (...words: readonly string[]) =>
      spawnSync(process.execPath, [cli, 'hook', 'createRuntime', '--profile', profile, ...words], {
        input: '{}',
        encoding: 'utf8',
        env: {},
      });

    it('prints what the agent answers', () => {
      const { status, stderr } = hook('--agent', agent.socket);
      expect(stderr).toMatch(
        /^error: in the container state, "ociVersion" must be a string; it is missing \[ERR_HOOK\]\n$/,
      );
      expect(status).toBe(2);
    });

    it.each([
      ['no agent', `/run/oci-seccomp-nobody.sock`, /does not run: there is no such socket/],
      ['a relative path', 'agent.sock', /an absolute path/],
      ['a folder that everybody can write', '/tmp/x.sock', /others can write/],
    ])('fails with %s', (_, socket, reason) => {
      const log = join(folder, 'client.log');
      const { status, stderr } = hook('--agent', socket, '--log', log);
      expect(stderr).toMatch(reason);
      expect(status).toBe(2);
    });

    it('a second agent does not take the socket of one that runs', () => {
      const { status, stderr } = ociSeccomp('agent', '--socket', agent.socket);
      expect(stderr).toContain('another agent listens on');
      expect(status).toBe(2);
    });
  });
});
