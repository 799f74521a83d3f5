/**
 * Filters of live processes: what is read is what was attached, and the process is left as it was found.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeProgram } from '../../src/bpf/program.ts';
import { OciSeccompError } from '../../src/errors.ts';
import {
  groupThreads,
  type ProcessFilter,
  readProcessFilters,
  readThreadFilters,
} from '../../src/kernel/process-filters.ts';
import { helperPath, toHex } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { readFilters } from '../oracle/support/runtime.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import {
  allows,
  childOf,
  countsOn,
  denies,
  endTargets,
  pause,
  startTarget,
  statusLine,
} from './support/target.ts';

const SECCOMP_FILTER_FLAG_LOG = 2;
/** acct, swapon, swapoff on x86_64: no target makes them. */
const three = [denies(163), denies(167), denies(168)];

function bytesOf(filters: readonly ProcessFilter[]): string[] {
  return filters.map(({ program, endian }) => toHex(encodeProgram(program, endian)));
}

function failure(work: () => unknown): OciSeccompError {
  try {
    work();
  } catch (error) {
    if (error instanceof OciSeccompError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

afterEach(endTargets);

describeWith(['ptrace', 'cc', 'x86_64'], 'readProcessFilters', () => {
  it.each([
    ['no filter', []],
    ['one filter', [denies(163)]],
    ['three filters, oldest first', three],
    ['the shortest and the longest program', [allows(1), allows(4096)]],
  ])('reads %s', async (_, filters) => {
    const { pid } = await startTarget(['count'], { filters });
    const read = readProcessFilters(pid);
    expect(bytesOf(read)).toEqual(filters.map(toHex));
    expect(bytesOf(read)).toEqual(readFilters(pid).map(toHex));
    expect(read.map(({ endian, flags }) => ({ endian, flags }))).toEqual(
      filters.map(() => ({ endian: 'little', flags: 0 })),
    );
  });

  it('tells which filter was attached with SECCOMP_FILTER_FLAG_LOG', async () => {
    const { pid } = await startTarget(['count'], { filters: three.slice(0, 1), logged: three.slice(1, 2) });
    expect(readProcessFilters(pid).map(({ flags }) => flags)).toEqual([0, SECCOMP_FILTER_FLAG_LOG]);
  });

  it('leaves a running process running', async () => {
    const target = await startTarget(['count'], { filters: three });
    expect(await countsOn(target)).toBe(true);
    readProcessFilters(target.pid);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    expect(await countsOn(target)).toBe(true);
    expect(await target.end()).toEqual({ code: 7, signal: null });
  });

  it('leaves a stopped process stopped, and SIGCONT still wakes it', async () => {
    const target = await startTarget(['count'], { filters: three });
    process.kill(target.pid, 'SIGSTOP');
    while (!statusLine(target.pid, 'State').startsWith('T (stopped)')) await pause(1);
    const before = target.rounds();
    for (let i = 0; i < 20; i++) expect(readProcessFilters(target.pid)).toHaveLength(3);
    await pause(30);
    expect(statusLine(target.pid, 'State')).toBe('T (stopped)');
    expect(target.rounds()).toBe(before);
    process.kill(target.pid, 'SIGCONT');
    expect(await countsOn(target)).toBe(true);
  });

  it('takes no signal away from the process', async () => {
    const target = await startTarget(['count'], { filters: three });
    const SIGRTMIN = 34; // as glibc has it: the first two are its own
    const bombard = `for i in $(seq 4000); do kill -${SIGRTMIN} ${target.pid}; done`;
    let reads = 0;
    let rounds = 0;
    for (; reads < 300; rounds++) {
      let sent = false;
      spawn('bash', ['-c', bombard]).once('exit', () => {
        sent = true;
      });
      while (!sent) {
        for (let i = 0; i < 20; i++, reads++) expect(readProcessFilters(target.pid)).toHaveLength(3);
        await pause(0);
      }
      // Beyond RLIMIT_SIGPENDING, which all processes of a user share, kill(2) loses signals and reports success: no more
      // than one round may be pending.
      await expect.poll(target.signals, { timeout: HANGS_AFTER }).toBeGreaterThanOrEqual((rounds + 1) * 4000);
    }
    expect(target.signals()).toBe(rounds * 4000);
  });

  it('leaves no tracer, descriptor or zombie behind in 200 reads, and the exit status to Node', async () => {
    const target = await startTarget(['count'], { filters: three });
    readProcessFilters(target.pid);
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const children = (): string => readFileSync('/proc/thread-self/children', 'utf8');
    const before = { descriptors: descriptors(), children: children() };
    for (let i = 0; i < 200; i++) expect(readProcessFilters(target.pid)).toHaveLength(3);
    expect({ descriptors: descriptors(), children: children() }).toEqual(before);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    expect(await countsOn(target)).toBe(true);
    expect(await target.end()).toEqual({ code: 7, signal: null });
  });

  it('survives processes that end while they are read, and their parents hear of it', async () => {
    const target = await startTarget(['brood', '1'], { filters: [denies(163)] });
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 300; i++) {
      target.send('one more');
      const pid = Number((await target.line()).replace('born ', ''));
      let outcome = 'read';
      try {
        // Again and again, so that its end falls on any of the steps.
        for (;;) expect(readProcessFilters(pid)).toHaveLength(1);
      } catch (error) {
        if (!(error instanceof OciSeccompError)) throw error;
        expect(error.code).toBe('ERR_KERNEL');
        outcome = error.message.replace(/\d+( \(.*?\))?/, 'N');
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      expect(await target.line()).toBe(`reaped ${pid}`);
    }
    const known = [
      'there is no process N',
      'process N ended while its filters were read',
      'process N has ended and only waits to be reaped: it has no filter any more',
    ];
    expect([...outcomes.keys()].filter((each) => !known.includes(each))).toEqual([]);
  });

  describeWith(['32-bit programs'], 'a 32-bit process', () => {
    it('reads a 32-bit process', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-32-'));
      // pause(2), number 29 on i386, for ever.
      const source = 'void _start(void) { for (;;) __asm__ volatile("int $0x80" : : "a"(29)); }';
      writeFileSync(`${folder}/pause.c`, source);
      const flags = ['-m32', '-nostdlib', '-static', '-no-pie', '-fno-pic', '-o', `${folder}/pause`];
      const cc = spawnSync('cc', [...flags, `${folder}/pause.c`], { encoding: 'utf8' });
      expect(cc.status, cc.stderr).toBe(0);
      const child = spawn(helperPath('filter-target'), ['exec', `${folder}/pause`]);
      try {
        child.stdin.write(`${three.map((each) => `filter ${toHex(each)}\n`).join('')}go\n`);
        const pid = child.pid ?? 0;
        await expect.poll(() => statusLine(pid, 'Name'), { timeout: HANGS_AFTER }).toBe('pause');
        expect(bytesOf(readProcessFilters(pid))).toEqual(three.map(toHex));
      } finally {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true });
      }
    });
  });
});

describeWith(['ptrace', 'cc', 'x86_64'], 'readThreadFilters', () => {
  it('reads each thread, and groupThreads tells those apart that differ', async () => {
    const [shared = denies(0), one = denies(0), two = denies(0)] = three;
    const target = await startTarget(['count'], { filters: [shared], threads: [one, two, one] });
    const rows = readThreadFilters(target.pid);
    expect(rows.map(({ tid, filters }) => [tid === target.pid, ...bytesOf(filters)])).toEqual([
      [true, toHex(shared)],
      [false, toHex(shared), toHex(one)],
      [false, toHex(shared), toHex(two)],
      [false, toHex(shared), toHex(one)],
    ]);
    expect(groupThreads(rows).map(({ tids }) => tids)).toEqual([
      [target.pid],
      [rows[1]?.tid, rows[3]?.tid],
      [rows[2]?.tid],
    ]);
    // A thread is read by its own number, and stands for its process.
    const tid = rows[2]?.tid ?? 0;
    expect(bytesOf(readProcessFilters(tid))).toEqual([toHex(shared), toHex(two)]);
    expect(readThreadFilters(tid)).toEqual(rows);
    expect(await countsOn(target)).toBe(true);
  });

  it('reads the threads that outlive the first', async () => {
    const target = await startTarget(['leaderless'], { filters: three });
    while (!statusLine(target.pid, 'State').startsWith('Z')) await pause(1);
    const [, tid] =
      /^its other threads go on: (\d+)$/.exec(failure(() => readProcessFilters(target.pid)).hint ?? '') ?? [];
    const rows = readThreadFilters(target.pid);
    expect(rows.map((row) => [row.tid, ...bytesOf(row.filters)])).toEqual([
      [Number(tid), ...three.map(toHex)],
    ]);
  });
});

describe('what cannot be read', () => {
  it.each([0, -1, 1.5, Number.NaN, 4194305, '12', undefined])('is %s, which is no process', (pid) => {
    const error = failure(() => readProcessFilters(pid as number));
    expect(error.code).toBe('ERR_USAGE');
    expect(failure(() => readThreadFilters(pid as number)).code).toBe('ERR_USAGE');
  });

  it.each([-1, Number.NaN])('has a limit of %d milliseconds', (timeoutMs) => {
    expect(failure(() => readProcessFilters(process.ppid, { timeoutMs })).code).toBe('ERR_USAGE');
    expect(failure(() => readThreadFilters(process.ppid, { timeoutMs })).code).toBe('ERR_USAGE');
  });

  it('is a process that does not exist', () => {
    const { pid = 0 } = spawnSync('true');
    const error = failure(() => readProcessFilters(pid));
    expect(error).toMatchObject({ code: 'ERR_KERNEL', message: `there is no process ${pid}` });
    expect(error.details).toEqual({ pid, call: 'kill', errno: 3 });
    expect(error.hint).toMatch(/runc state, podman inspect and docker inspect/);
  });
});

describeWith(['ptrace', 'cc', 'x86_64'], 'what cannot be read even by root', () => {
  it.each([
    [
      'in strict mode',
      ['strict'],
      /^process \d+ \(filter-target.*\) runs in seccomp's strict mode/,
      undefined,
    ],
    [
      'ended',
      ['zombie'],
      /^process \d+ \(filter-target.*\) has ended and only waits to be reaped/,
      undefined,
    ],
    ['traced by another', ['traced'], /is already traced by process \d+ \(filter-target.*\)/, 1],
  ] as const)('is a process that is %s', async (_, mode, message, errno) => {
    const filters = mode[0] === 'strict' ? [] : three;
    const { pid } = await startTarget(mode, { filters });
    if (mode[0] === 'strict') while (statusLine(pid, 'Seccomp') !== '1') await pause(1);
    const error = failure(() => readProcessFilters(pid));
    expect(error.code).toBe('ERR_KERNEL');
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ pid });
    expect(error.details.errno).toBe(errno);
  });

  it('is a process that waits for its vfork child, and it is not touched', async () => {
    const target = await startTarget(['vfork', String(HANGS_AFTER)], { filters: three });
    while (!statusLine(target.pid, 'State').startsWith('D')) await pause(1);
    // Somebody sets the clock back meanwhile.
    let looks = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      if (looks++ > 1000) throw new OciSeccompError('ERR_KERNEL', 'it still waits');
      return -looks;
    });
    const error = failure(() => readProcessFilters(target.pid, { timeoutMs: 100 }));
    clock.mockRestore();
    expect(error.message).toMatch(/did not stop in time: it is in an uninterruptible sleep$/);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    // With more time it is waited for.
    spawn('sh', ['-c', `sleep 0.3; kill -KILL ${childOf(target.pid)}`]);
    expect(bytesOf(readProcessFilters(target.pid, { timeoutMs: HANGS_AFTER }))).toEqual(three.map(toHex));
    expect(await target.line()).toBe(`ready ${target.pid}`);
    expect(await countsOn(target)).toBe(true);
  });
});
