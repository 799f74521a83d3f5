/**
 * A container that attacks another one of the same user in the same pid namespace, by writing its memory
 * (support/peer.c), while the supervisor waits at each step of the injection long enough to be hit.
 *
 * The directory /w/made in the victim was made by a process that the filter does not judge.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { programBytes } from '../kernel/support/target.ts';
import {
  buildGates,
  type ContainerFolder,
  containerConfig,
  makeContainerFolder,
  removeCgroups,
  removeGates,
  runQuietly,
  runtimeCommand,
  startGated,
  until,
} from './support/gates.ts';
import { injectionSteps } from './support/injection-steps.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const program = programBytes(
  [0x20, 0, 0, 0],
  [0x15, 0, 1, 83],
  [0x06, 0, 0, 0x0005004d],
  [0x06, 0, 0, 0x7fff0000],
);
const UNFILTERED = /^2 0 0 0 0 0$/m;
/** One round may have begun before the step: after two more, everything was written during it. */
const ROUNDS = 3;

interface Peer extends ContainerFolder {
  readonly pid: number;
  readonly rounds: () => number;
  readonly writes: () => number;
}

const peers: Peer[] = [];

/** @param pidNamespace - to join, as a path; else it has one of its own */
function startPeer(uid: number, pidNamespace?: string): Peer {
  const container = makeContainerFolder();
  const { folder, rootfs, id } = container;
  copyFileSync(helperPath('peer'), join(rootfs, 'bin/peer'));
  chmodSync(join(rootfs, 'bin/peer'), 0o755);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify(containerConfig(uid, ['/bin/peer', '/w/counters'], pidNamespace)),
  );
  const pidFile = join(folder, 'pid');
  const [command = '', ...words] = runtimeCommand('runc', folder, [
    'run',
    '-d',
    '--bundle',
    folder,
    '--pid-file',
    pidFile,
    id,
  ]);
  const { status } = spawnSync(command, words, { stdio: 'ignore', cwd: folder });
  const counter = (at: number): number => {
    const file = join(rootfs, 'w/counters');
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    return bytes.length < 16 ? 0 : Number(bytes.readBigUInt64LE(at));
  };
  const pid = status === 0 ? Number(readFileSync(pidFile, 'utf8')) : -1;
  const peer = { ...container, pid, rounds: () => counter(0), writes: () => counter(8) };
  peers.push(peer);
  if (status !== 0) throw new Error(`runc ended with ${status}`);
  return peer;
}

async function roundsPass(peer: Peer): Promise<void> {
  const before = peer.rounds();
  await until('the peer goes round', () => peer.rounds() >= before + ROUNDS);
}

beforeAll(buildGates);
afterAll(removeGates);
afterEach(() => {
  for (const { folder, id } of peers.splice(0)) {
    runQuietly('runc', folder, ['delete', '--force', id]);
    removeCgroups(id);
    rmSync(folder, { recursive: true, force: true });
  }
});

describeWith(
  ['root', 'x86_64', 'runc', 'cc', 'busybox', 'ptrace', 'built'],
  'a container that shares its pid namespace with one that attacks it',
  () => {
    const attacked = (uid: number, hold: readonly string[]) => {
      const peer = startPeer(uid);
      const pidNamespace = `/proc/${peer.pid}/ns/pid`;
      return { peer, victim: startGated('runc', { uid, program, args: ['/bin/probe'], hold, pidNamespace }) };
    };
    /** The peer joins: a process that joins a pid namespace itself is closed by runc. */
    const created = async (uid: number, bare: boolean) => {
      const victim = startGated('runc', {
        uid,
        program,
        args: ['/bin/probe'],
        hold: [],
        verb: 'create',
        bare,
      });
      await until('it is created', () => victim.runtime.exitCode !== null);
      expect(victim.runtime.exitCode).toBe(0);
      return { peer: startPeer(uid, `/proc/${victim.createdPid()}/ns/pid`), victim };
    };

    it.each([
      ...[0, 1000].map((uid) => [uid, '*'] as const),
      ...injectionSteps.map((step, i) => [i % 2 === 0 ? 0 : 1000, step] as const),
    ])('user %i: runs nothing unfiltered if it is attacked at %s', async (uid, hold) => {
      const { peer, victim } = attacked(uid, [hold]);
      try {
        for (let held = await victim.held(); held !== undefined; held = await victim.held()) {
          await roundsPass(peer);
          victim.go();
        }
        await until('the log tells', () => victim.log() !== '');
        expect(existsSync(join(victim.rootfs, 'w/made'))).toBe(false);
        expect(victim.output()).not.toMatch(UNFILTERED);
        expect(peer.writes()).toBeGreaterThan(0);
        if (hold === '*') expect(victim.log()).toMatch(/killed: .*(a different system call|fault while)/);
      } finally {
        victim.remove();
      }
    });

    it.each([0, 1000])('user %i: cannot be written between create and start', async (uid) => {
      const { peer, victim } = await created(uid, false);
      try {
        await roundsPass(peer);
        expect(peer.writes()).toBe(0);
        victim.start();
        await until('the log tells', () => victim.log() !== '');
        expect(existsSync(join(victim.rootfs, 'w/made'))).toBe(false);
        expect(victim.output()).not.toMatch(UNFILTERED);
      } finally {
        victim.remove();
      }
    });

    it('is what the peer could write in a container of user 0 without our hook', async () => {
      const { peer, victim } = await created(0, true);
      try {
        await roundsPass(peer);
        expect(peer.writes()).toBeGreaterThan(0);
      } finally {
        victim.remove();
      }
    });
  },
);
