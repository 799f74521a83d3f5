/**
 * `record` when it, the recorded command or its guard is killed: nothing is left, and what is lost is the last second at most.
 *
 * The verdict on that second is no measurement. A recorded program notes when it makes each call. What the recorder has
 * counted and not saved may be as old as it likes while the machine is busy; but once a second is over since it saved last,
 * it saves at its next look at the clock, which comes after a fixed number of calls. So the calls are counted that were made
 * after that and are not in the file.
 *
 * OCI_SECCOMP_KILLS=200 kills as often, at random times; OCI_SECCOMP_SEED says which.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CLOCK_EVERY, TICK_MS } from '../../src/observe/record-notifications.ts';
import { ociSeccomp, program, searchPath } from '../cli/run.ts';
import { until } from './support/gates.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = Number(process.env.OCI_SECCOMP_KILLS ?? 0);
const SEED = Number(process.env.OCI_SECCOMP_SEED ?? 14);
/** What the documentation promises. */
const SECOND = 1e9;
/** The recorder looks at the clock once in so many calls; one more may be in its hands, and one wait for it. */
const CALLS_PER_LOOK = CLOCK_EVERY;
const IN_FLIGHT = 2;
const TICK = TICK_MS * 1e6;

type Victim = 'recorder' | 'command' | 'both' | 'guard';
interface Kill {
  readonly victim: Victim;
  readonly ms: number;
}
const fixed: readonly Kill[] = [
  { victim: 'recorder', ms: 30 },
  { victim: 'recorder', ms: 150 },
  { victim: 'both', ms: 500 },
  { victim: 'command', ms: 900 },
  { victim: 'guard', ms: 1100 },
  { victim: 'recorder', ms: 2300 },
];
const victims: readonly Victim[] = ['recorder', 'command', 'both', 'guard'];
const kills = KILLS > 0 ? randomKills(KILLS) : fixed;

function randomKills(count: number): readonly Kill[] {
  let state = SEED;
  const next = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  return Array.from({ length: count }, () => ({ victim: victims[next(4)] ?? 'both', ms: next(3500) }));
}

interface Running {
  readonly pid: number;
  readonly words: string;
}

/** Everything that has the mark in its environment, and so comes from this recording. */
function running(mark: string): readonly Running[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return [];
        return [{ pid: Number(pid), words: readFileSync(`/proc/${pid}/cmdline`, 'latin1') }];
      } catch {
        return [];
      }
    });
}

const finders: Readonly<Record<Victim, (each: Running) => boolean>> = {
  recorder: ({ words }) => words.includes('\0record\0'),
  command: ({ words }) => words.startsWith(helperPath('counts-calls')),
  both: (each) => finders.recorder(each) || finders.command(each),
  guard: ({ words }) => words.includes('\0recorded-guard\0'),
};

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with the one before.
  }
}

/** Of the program: when it made each getppid, in nanoseconds. */
function timesIn(file: string): readonly number[] {
  if (!existsSync(file)) return [];
  const { buffer, byteOffset, length } = readFileSync(file);
  const all = new BigUint64Array(buffer.slice(byteOffset, byteOffset + length - (length % 8)));
  const end = all.indexOf(0n);
  return [...all.subarray(0, end === -1 ? all.length : end)].map(Number);
}

function savedCalls(recording: string): number {
  if (!existsSync(recording)) return 0;
  const { calls } = JSON.parse(readFileSync(recording, 'utf8')) as {
    readonly calls: readonly { readonly name: string; readonly count: number }[];
  };
  return calls.find(({ name }) => name === 'getppid')?.count ?? 0;
}

/** Calls that are lost though more than a second and a tick is over since the recorder saved. */
function lostTooLate(times: readonly number[], saved: number): number {
  const lost = times.slice(saved);
  // The first one may have waited while the recorder saved; the second was made after that.
  const from = lost[Math.min(1, lost.length - 1)] ?? 0;
  return lost.filter((time) => time > from + SECOND + TICK).length;
}

describeWith(['cc', 'ptrace', 'built'], 'a recording that is killed', () => {
  it.each(kills)(
    'leaves nothing, and loses a second at most: $victim after $ms ms',
    async ({ victim, ms }) => {
      const dir = mkdtempSync(join(folder, 'kill-'));
      const mark = `OCI_SECCOMP_TEST_MARK=${dir}`;
      const [times, profile] = [join(dir, 'times'), join(dir, 'p.json')];
      const recording = join(dir, 'p.recording.json');
      const words = [program, 'record', '-q', '-o', profile, '--', helperPath('counts-calls'), times, '500'];
      const env = { PATH: searchPath, OCI_SECCOMP_TEST_MARK: dir };
      const recorder = spawn(process.execPath, words, { stdio: 'ignore', env });
      const ended = new Promise<number | null>((resolve) => recorder.once('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, ms));
      const alive = running(mark);
      // The command starts when its guard holds it. One without a guard would run on.
      const isEarly = victim === 'recorder' || !alive.some(finders.command);
      const wanted = isEarly ? [] : alive.filter(finders[victim]);
      for (const { pid } of wanted) endNow(pid);
      // Without a victim it is too early for it.
      if (victim === 'recorder' || wanted.length === 0) recorder.kill('SIGKILL');
      const code = await ended;
      await until('all processes have ended', () => running(mark).length === 0);
      expect(
        readdirSync(dir).filter((name) => !['times', 'p.json', 'p.recording.json'].includes(name)),
      ).toEqual([]);
      expect(lostTooLate(timesIn(times), savedCalls(recording))).toBeLessThanOrEqual(
        CALLS_PER_LOOK + IN_FLIGHT,
      );
      if (victim === 'command' && wanted.length > 0) {
        // The recorder lives, says so, and has lost nothing.
        expect(code).toBe(137);
        expect(timesIn(times).length - savedCalls(recording)).toBeLessThanOrEqual(1);
      }
      if (!existsSync(recording)) return;
      const read = ociSeccomp(['record', '-q', '--list', '-o', '-', '--via', `recording:${recording}`]);
      // On a busy machine the program had only just started when the recorder saved last.
      const listed = savedCalls(recording) > 0 ? /^getppid$/m : /^execve$/m;
      expect(read).toMatchObject({ status: 0, stdout: expect.stringMatching(listed) });
      const more = ociSeccomp(['record', '-o', profile, '--append', '--', 'true']);
      expect(more).toMatchObject({ status: 0, stderr: expect.stringMatching(/^2 runs: \d+ calls/) });
    },
  );
});

describeWith(['ptrace', 'built'], 'a guard that is killed', () => {
  it('ends the command: record says that the recording is not whole', async () => {
    const dir = mkdtempSync(join(folder, 'guard-'));
    const words = [
      program,
      'record',
      '-o',
      join(dir, 'p.json'),
      '--',
      'sh',
      '-c',
      'echo runs; exec sleep 1000',
    ];
    const env = { PATH: searchPath, OCI_SECCOMP_TEST_MARK: dir };
    const recorder = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      recorder[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
    const ended = new Promise((resolve) => recorder.once('close', resolve));
    await until('the command runs', () => said.stdout !== '');
    const guards = running(`OCI_SECCOMP_TEST_MARK=${dir}`).filter(finders.guard);
    expect(guards).toHaveLength(1);
    for (const { pid } of guards) endNow(pid);
    expect(await ended).toBe(137);
    expect(said.stderr.replace(/\s+/g, ' ')).toMatch(
      /^warning: the guard of the command ended early \(SIGKILL\), .*: the recording is not whole sh -c .* exit code 137/,
    );
  });
});

/** What the recorder starts, without a recorder at the other end of its socket. */
describeWith(['built'], 'the process that becomes the command', () => {
  it.each([
    { method: 'notification', guarded: false, recorder: 1 },
    { method: 'notification', guarded: true, recorder: 1 },
    { method: 'ptrace', recorder: 1 },
    { method: 'notification', guarded: true, recorder: process.pid },
    { method: 'ptrace', recorder: process.pid },
  ])('ends without a word if the recorder has ended: %j', async (how) => {
    const start = { ...how, socket: 3, path: '/bin/true', words: 1, grandparent: process.ppid };
    const words = [program, 'recorded-start', JSON.stringify(start)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    child.stdio[3]?.destroy();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    expect([await ended, said]).toEqual([126, '']);
  });
});
