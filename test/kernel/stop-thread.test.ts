/**
 * Threads that do not stop in time, and work that fails: both are let go as they were found.
 */
import { afterEach, expect, it, vi } from 'vitest';
import type * as status from '../../src/kernel/process-status.ts';
import { withStoppedThread } from '../../src/kernel/stop-thread.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { childOf, countsOn, endTargets, pause, startTarget, statusLine } from './support/target.ts';

// Hides uninterruptible sleeps, so that a thread is seized in one as if it had just fallen asleep.
vi.mock('../../src/kernel/process-status.ts', async (original) => {
  const real = await original<typeof status>();
  return {
    ...real,
    readProcessStatus: (pid: number) => {
      const found = real.readProcessStatus(pid);
      return typeof found === 'string' ? found : { ...found, state: found.state.replace('D', 'S') };
    },
  };
});

afterEach(endTargets);

describeWith(['ptrace', 'cc', 'x86_64'], 'withStoppedThread', () => {
  it('stops the thread while the work is done, and lets it go', async () => {
    const target = await startTarget(['count']);
    const state = withStoppedThread(target.pid, performance.now() + HANGS_AFTER, () => [
      statusLine(target.pid, 'State'),
      statusLine(target.pid, 'TracerPid'),
    ]);
    expect(state).toEqual(['t (tracing stop)', String(process.pid)]);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    expect(await countsOn(target)).toBe(true);
  });

  it('lets it go when the work throws', async () => {
    const target = await startTarget(['count']);
    const work = (): never => {
      throw new RangeError('midway');
    };
    expect(() => withStoppedThread(target.pid, performance.now() + HANGS_AFTER, work)).toThrow(RangeError);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    expect(await countsOn(target)).toBe(true);
  });

  it('lets it go later when it fell asleep after it was seized', async () => {
    const target = await startTarget(['vfork', String(HANGS_AFTER)], { notOurChild: true });
    while (!statusLine(target.pid, 'State').startsWith('D')) await pause(1);
    const work = vi.fn();
    expect(() => withStoppedThread(target.pid, performance.now() + 100, work)).toThrow(
      /did not stop in time/,
    );
    expect(work).not.toHaveBeenCalled();
    // It cannot be let go before it wakes.
    expect(statusLine(target.pid, 'TracerPid')).toBe(String(process.pid));
    process.kill(childOf(target.pid), 'SIGKILL');
    expect(await target.line()).toBe(`ready ${target.pid}`);
    expect(await countsOn(target)).toBe(true);
    expect(statusLine(target.pid, 'TracerPid')).toBe('0');
    expect(await target.end()).toEqual({ code: 7, signal: null });
  });

  it.each([
    ['our own child', false, { code: null, signal: 'SIGKILL' }],
    ["another's child", true, { code: 128 + 9, signal: null }],
  ])('sees the end of a thread that is killed while it is stopped: %s', async (_, notOurChild, end) => {
    const target = await startTarget(['count'], { notOurChild });
    withStoppedThread(target.pid, performance.now() + HANGS_AFTER, () => process.kill(target.pid, 'SIGKILL'));
    expect(await target.end()).toEqual(end);
  });
});
