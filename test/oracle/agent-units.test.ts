/**
 * The units for systemd: systemd finds no fault in them, and containers get their filter from an agent with the rights
 * that the unit leaves it, on a socket that systemd's own tool hands over.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { askAgent } from '../../src/hook/agent/agent-client.ts';
import { RUNTIME_CALL } from '../../src/hook/agent/agent-protocol.ts';
import { projectRoot } from '../../tools/debian-cache.ts';
import { until } from './support/gates.ts';
import { cli, type HookedRuntime, makeHooked } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { makeBundle, programPath } from './support/wrapper.ts';

const units = join(projectRoot(), 'examples/systemd');
const unit = (kind: 'service' | 'socket'): string =>
  readFileSync(join(units, `oci-seccomp-agent.${kind}`), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-units-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** systemd 252, src/core/execute.c (exec_child): each of these makes systemd load a filter into the service. */
const usesSeccomp =
  /^(?:SystemCall\w+|RestrictAddressFamilies|RestrictNamespaces|RestrictRealtime|RestrictSUIDSGID|LockPersonality|MemoryDenyWriteExecute|PrivateDevices|ProtectClock|ProtectHostname|ProtectKernel\w+)=/m;

describeWith(['systemd-analyze', 'built'], 'the units of the agent', () => {
  const names = (['service', 'socket'] as const).map((kind) => {
    const path = join(folder, `oci-seccomp-agent.${kind}`);
    // Where the program is installed differs; systemd wants it to be there.
    writeFileSync(path, unit(kind).replace('/usr/bin/oci-seccomp ', `${cli} `));
    return path;
  });

  it('are without fault for systemd-analyze verify', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...names], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('are enabled together by the name of the service, and the socket alone by its own', () => {
    const enabled = (name: string): readonly string[] => {
      const root = mkdtempSync(join(folder, 'root-'));
      const system = join(root, 'etc/systemd/system');
      mkdirSync(system, { recursive: true });
      for (const kind of ['service', 'socket'] as const) {
        writeFileSync(join(system, `oci-seccomp-agent.${kind}`), unit(kind));
      }
      // With --root it makes links, and speaks to no systemd.
      const { status } = spawnSync('systemctl', [`--root=${root}`, 'enable', name]);
      expect(status).toBe(0);
      const wants = readdirSync(system).filter((entry) => entry.endsWith('.wants'));
      return wants
        .flatMap((entry) => readdirSync(join(system, entry)).map((each) => `${entry}/${each}`))
        .sort();
    };
    const socket = 'sockets.target.wants/oci-seccomp-agent.socket';
    expect(enabled('oci-seccomp-agent.socket')).toEqual([socket]);
    expect(enabled('oci-seccomp-agent.service')).toEqual([
      'multi-user.target.wants/oci-seccomp-agent.service',
      socket,
    ]);
  });

  it('leave the service as little as it can do with, without a filter', () => {
    expect(unit('service')).not.toMatch(usesSeccomp);
    // What remains are those options, root, and its capabilities: an agent without a line of hardening has 9.6.
    const security = ['security', '--offline=true', '--no-pager', '--threshold=67', names[0] ?? ''];
    const { status, stdout } = spawnSync('systemd-analyze', security, { encoding: 'utf8' });
    expect(stdout).toContain('Overall exposure level');
    expect(status).toBe(0);
  });
});

/**
 * What else the unit says: PrivateNetwork=, PrivateIPC=, ProtectSystem=strict, UMask=, LimitCORE=.
 * The folder of the bundles stays writable, as with ReadWritePaths=: the hooks' logs are there.
 */
const CONFINE = `set -e
mount --bind ${tmpdir()} ${tmpdir()}
mount -o remount,bind,ro / /
umask 0077
ulimit -c 0
if touch /oci-seccomp-written 2>/dev/null; then echo 'the agent could write'; exit 1; fi
exec "$@"`;

describeWith(
  ['root', 'systemd-analyze', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'],
  'an agent as systemd starts it',
  () => {
    const runtimes: readonly HookedRuntime[] = [
      { name: 'runc', family: 'runc', path: 'runc' },
      { name: 'crun', family: 'crun', path: 'crun' },
    ];

    it('gives containers their filter with the rights of the unit', async () => {
      const capabilities = /^CapabilityBoundingSet=(.*)$/m.exec(unit('service'))?.[1]?.split(' ') ?? [];
      expect(capabilities).toHaveLength(6);
      const bounding = ['-all', ...capabilities.map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`)];
      const home = mkdtempSync('/run/oci-seccomp-agent-');
      const [socket, client] = [join(home, 'agent.sock'), join(home, 'client')];
      const rights = ['setpriv', '--bounding-set', bounding.join(','), '--inh-caps=-all', '--no-new-privs'];
      const command = [...rights, process.execPath, cli, 'agent', '--spare', '1'];
      // All of them execute: LISTEN_PID has to stay the agent's.
      const confined = [
        'unshare',
        '--net',
        '--ipc',
        '--mount',
        '--propagation',
        'slave',
        'sh',
        '-c',
        CONFINE,
        'sh',
      ];
      const agent = spawn('systemd-socket-activate', ['-l', socket, ...confined, ...command], {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: '/',
      });
      let log = '';
      agent.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
      try {
        await until('systemd listens', () => log.includes('Listening on'));
        const args = ['/bin/busybox', 'grep', 'Seccomp:', '/proc/self/status'];
        const hook = ['--profile', 'docker-default', '--agent', socket, '--client', client];
        for (const runtime of runtimes) {
          for (const who of [{}, { user: 1000 }, { userNamespace: true }, { capabilities: ['CAP_KILL'] }]) {
            const bundle = makeHooked(runtime, { capabilities: [], args, hook, ...who });
            try {
              expect(await bundle.start(), log).toBe('Seccomp:\t2\n');
            } finally {
              bundle.remove();
            }
          }
        }
        expect(log).toContain(`started: socket="systemd ${socket}"`);
        const rewritten = makeBundle({ args: ['true'] });
        const config = join(rewritten.folder, 'config.json');
        const before = rewritten.configText();
        chownSync(config, 1234, 5678);
        chmodSync(config, 0o640);
        try {
          const runtime = programPath({ path: 'runc' });
          const wrapper = join(home, 'wrapper.json');
          writeFileSync(wrapper, JSON.stringify({ runtime, profile: 'docker-default' }));
          const words = [RUNTIME_CALL, wrapper, runtime, 'create', '-b', rewritten.folder, 'x'];
          const answer = await askAgent(socket, { args: words, state: new Uint8Array() });
          expect(answer).toEqual({ code: 0, text: '' });
          expect(rewritten.configText()).not.toBe(before);
          const { uid, gid, mode } = statSync(config);
          expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 1234, gid: 5678, mode: 0o640 });
        } finally {
          rewritten.close();
        }
      } finally {
        agent.kill();
        await until('the agent ends', () => agent.exitCode !== null || agent.signalCode !== null);
        rmSync(home, { recursive: true, force: true });
      }
    });
  },
);
