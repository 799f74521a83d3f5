/**
 * Processes that wait for their exec in unusual ways get their filter there, and nothing that they wait for ends early
 * or otherwise than it would have. What cannot be done is refused, and then the process does not go on.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { toHex } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { buildTracer, endAll, removeTracer, startExecTarget, startTracer } from './support/inject.ts';
import { pause, programBytes, statusLine } from './support/target.ts';

const RET = 0x06;
const ALLOW = 0x7fff0000;
const MKDIR = 83;
const PRCTL = 157;
const judges = (nr: number, verdict: number): string =>
  toHex(programBytes([0x20, 0, 0, 0], [0x15, 0, 1, nr], [RET, 0, 0, verdict], [RET, 0, 0, ALLOW]));
const filter = judges(MKDIR, 0x0005004d);
/** What exec-probe prints under it, see inject.test.ts. */
const FILTERED = '4d 0 0 0 0 0';

beforeAll(buildTracer);
afterAll(removeTracer);
afterEach(endAll);

/** @returns what came of a process that waits as `options` say */
async function injected(options: readonly string[]) {
  const target = await startExecTarget(options);
  const tracer = await startTracer({ pid: target.pid, program: filter });
  target.go();
  return { ...(await target.ended), result: await tracer.result };
}

describeWith(['ptrace', 'cc', 'x86_64'], 'injectAtExec, on a process that waits', () => {
  it.each([
    ['in nanosleep(2), which is restarted with the time that is left', ['wait=nanosleep']],
    ['in poll(2) with a limit', ['wait=poll']],
    ['in ppoll(2) with a signal mask for its duration', ['wait=ppoll']],
    ['in futex(2) with a limit', ['wait=futex']],
    ['for a line while signals arrive that it handles', ['alarms']],
    ['under syscall user dispatch that lets its calls through', ['dispatch=open']],
    ['with a thread that never enters the kernel, and one that does', ['threads=1', 'spin']],
  ])('%s: filters it, and it notices nothing', async (_, options) => {
    const { output, code, result } = await injected(options);
    expect(result?.message).toBeUndefined();
    expect([output, code]).toEqual([FILTERED, 0]);
  });

  // As that of a container around a container engine may be.
  it.each([
    ['answers EPERM to', 0x00050001],
    ['kills for', 0x80000000],
    ['asks a tracer about', 0x7ff00000],
  ])('under a filter that %s prctl(2): filters it', async (_, verdict) => {
    const { output, result } = await injected([`early=${judges(PRCTL, verdict)}`]);
    expect(result?.message).toBeUndefined();
    expect(result).toMatchObject({ kind: 'installed', filters: 2 });
    expect(output).toBe(FILTERED);
  });

  it('stopped by a signal when we come: filters it once it is woken', async () => {
    const target = await startExecTarget([]);
    process.kill(target.pid, 'SIGSTOP');
    while (!statusLine(target.pid, 'State').startsWith('T')) await pause(1);
    const tracer = startTracer({ pid: target.pid, program: filter });
    while (statusLine(target.pid, 'TracerPid') === '0') await pause(1);
    process.kill(target.pid, 'SIGCONT');
    const { result } = await tracer;
    target.go();
    expect(await result).toMatchObject({ kind: 'installed' });
    expect((await target.ended).output).toBe(FILTERED);
  });

  it('stopped by a signal, and never woken: refuses it, and it ends without a step', async () => {
    const target = await startExecTarget([]);
    process.kill(target.pid, 'SIGSTOP');
    target.go();
    const tracer = await startTracer({ pid: target.pid, program: filter });
    expect(await tracer.result).toMatchObject({
      code: 'ERR_KERNEL',
      message: expect.stringMatching(/a signal has stopped it, and nothing wakes it/),
    });
    expect(await target.ended).toMatchObject({ output: '', signal: 'SIGKILL' });
  });

  it('under syscall user dispatch that lets none of its calls through: refuses it, and it ends', async () => {
    const target = await startExecTarget(['dispatch=closed']);
    await pause(60);
    const tracer = await startTracer({ pid: target.pid, program: filter });
    expect(await tracer.result).toMatchObject({
      code: 'ERR_KERNEL',
      message: expect.stringMatching(/cannot be closed to others while it waits/),
    });
    expect(await target.ended).toMatchObject({ output: '' });
  });
});
