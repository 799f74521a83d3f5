/**
 * Filters put into live processes at their exec; every fault ends the process before its program runs.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readStartTime } from '../../src/kernel/process-status.ts';
import { toHex } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { buildTracer, endAll, removeTracer, startExecTarget, startTracer } from './support/inject.ts';
import type { InjectProgramOptions } from './support/inject-program.ts';
import { allows, pause, programBytes, statusLine } from './support/target.ts';

const RET = 0x06;
const ALLOW = 0x7fff0000;
const MKDIR = 83;

/** What the kernel answers to one call, everything else being allowed. */
function judges(nr: number, verdict: number): Uint8Array {
  return programBytes([0x20, 0, 0, 0], [0x15, 0, 1, nr], [RET, 0, 0, verdict], [RET, 0, 0, ALLOW]);
}
const errno = (nr: number): number => 0x00050000 | nr;
const KILL = 0x80000000;
const NOTIFY = 0x7fc00000;
/** Nobody's errno for mkdir of a path that is not there. */
const filtering = judges(MKDIR, errno(77));
const filter = toHex(filtering);
/** What exec-probe prints under it: errno 77, clean registers, no descriptor above 2. */
const FILTERED = '4d 0 0 0 0 0';
const UNFILTERED = '2 0 0 0 0 0';

async function inject(
  targetOptions: readonly string[],
  options: Partial<InjectProgramOptions> = {},
  program?: readonly string[],
) {
  const target = await startExecTarget(targetOptions, program);
  const tracer = await startTracer({ pid: target.pid, program: filter, ...options });
  target.go();
  return { ...(await target.ended), result: await tracer.result, threads: tracer.threads };
}

const I386_EXIT = '__asm__(".globl _start\\n_start: mov $1, %eax\\n mov $7, %ebx\\n int $0x80\\n");';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-inject-'));

beforeAll(buildTracer);
afterAll(() => {
  removeTracer();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(endAll);

describeWith(['ptrace', 'cc', 'x86_64', 'busybox'], 'injectAtExec', () => {
  it('filters the first instruction of the program, and leaves no other trace in it', async () => {
    const { output, code, result, threads } = await inject([], { compareMemory: true });
    expect(result?.message).toBeUndefined();
    expect(output).toBe(FILTERED);
    expect(code).toBe(0);
    expect(threads).toBe(1);
    expect(result).toMatchObject({
      kind: 'installed',
      noNewPrivileges: false,
      filters: 1,
      compared: true,
      suspended: true,
    });
    expect(result?.memory).toHaveLength(2);
    expect(result?.memory[0]).toBe(result?.memory[1]);
    expect(result?.steps).toEqual([
      'waiting exec hold',
      'leaving return prepare',
      'planning call enter',
      'entering entry proceed',
      'returning return collect',
      'planning installed release',
    ]);
  });

  it('is what the probe would notice', async () => {
    const target = await startExecTarget([]);
    target.go();
    expect((await target.ended).output).toBe(UNFILTERED);
  });

  const script = join(folder, 'script');
  writeFileSync(script, '#!/bin/busybox sh\nmkdir /nonexistent/x\n');
  chmodSync(script, 0o755);
  it.each([
    ['with threads', ['threads=5'], 6],
    ['with threads that come and go', ['churn=4'], undefined],
    ['by another thread than the first', ['threads=2', 'nonleader'], 3],
    ['after a child that executes the same', ['child'], 1],
    ['after a process made by clone that executes the same', ['clone'], 1],
    ['after an exec that failed', ['failing'], 1],
    ['after a fault that it catches, as programs in Go do', ['faults'], 1],
    ['with a stack of 16 KiB', ['stack=16384'], 1],
  ])('works %s', async (_, options, threads) => {
    const { output, result, code } = await inject(options, { program: toHex(judges(MKDIR, errno(77))) });
    expect(result?.message).toBeUndefined();
    // What a child executes before is not the process, and not filtered.
    const before = options.includes('child') || options.includes('clone') ? `${UNFILTERED}\n` : '';
    expect(output).toBe(before + FILTERED);
    expect(code).toBe(0);
    if (threads !== undefined) expect(result?.kind).toBe('installed');
  });

  it.each([
    [
      'a static program',
      ['/bin/busybox', 'mkdir', '/nonexistent/x'],
      /errno 77|Unknown error 77|File descriptor in bad state/,
    ],
    ['a dynamic program', ['/bin/mkdir', '/nonexistent/x'], /File descriptor in bad state/],
    ['a script', [script], /File descriptor in bad state/],
  ])('filters %s', async (_, program, message) => {
    const { errors, result } = await inject([], {}, program);
    expect(result?.kind).toBe('installed');
    expect(errors).toMatch(message);
  });

  it.each([8, 1000, 4096])(
    'takes a program of %i instructions, with stacks of 8 MiB and of 16 KiB',
    async (length) => {
      for (const options of [[], ['stack=16384']]) {
        const { output, result } = await inject(options, {
          program: toHex(allows(length)),
          compareMemory: true,
        });
        if (options.length > 0 && length === 4096) {
          // The probe is 16 KiB, its stack no more: nothing holds 32 KiB.
          expect([result?.code, output]).toEqual(['ERR_HOOK', '']);
          continue;
        }
        expect(result?.message ?? result?.kind).toBe('installed');
        expect(result).toMatchObject({ filters: 1, compared: true });
        expect(result?.memory[0]).toBe(result?.memory[1]);
        expect(output).toBe(UNFILTERED);
      }
    },
  );

  it.each([
    ['auto', [], false],
    ['auto', ['uid=65534'], true],
    ['always', [], true],
    ['never', [], false],
  ] as const)('no_new_privs %s, options %j: %s', async (noNewPrivileges, options, set) => {
    const { errors, output, result } = await inject([...options], { noNewPrivileges }, [
      '/bin/busybox',
      'grep',
      '-E',
      'NoNewPrivs|Seccomp',
      '/proc/self/status',
    ]);
    expect(errors).toBe('');
    expect(result).toMatchObject({ kind: 'installed', noNewPrivileges: set });
    expect(output).toBe(`NoNewPrivs:\t${set ? 1 : 0}\nSeccomp:\t2\nSeccomp_filters:\t1`);
  });

  it('goes on top of a filter that the process has, even one that forbids more', async () => {
    const own = toHex(judges(317, KILL));
    const { output, result } = await inject([`filter=${own}`]);
    expect(result).toMatchObject({ kind: 'installed', filters: 2, compared: true, suspended: true });
    expect(output).toBe(FILTERED);
  });

  it.each([
    ['SIGUSR1 that was pending and blocked', ['raise=10'], {}, 0, null],
    ['SIGTERM', [], { signalAt: 'waiting exec', signal: 15 }, null, 'SIGTERM'],
    ['SIGTERM during a call', [], { signalAt: 'returning return', signal: 15 }, null, 'SIGTERM'],
    ['SIGKILL', [], { signalAt: 'entering entry', signal: 9 }, null, 'SIGKILL'],
  ])('hands on %s', async (_, options, extra, code, signal) => {
    const done = await inject(options, extra);
    expect([done.code, done.signal]).toEqual([code, signal]);
    expect(done.output).toBe(code === 0 ? FILTERED : '');
  });

  it('leaves a process stopped that was told to stop', async () => {
    const target = await startExecTarget([]);
    const tracer = await startTracer({
      pid: target.pid,
      program: filter,
      signalAt: 'leaving return',
      signal: 19,
    });
    target.go();
    expect(await tracer.result).toMatchObject({ kind: 'installed' });
    while (!statusLine(target.pid, 'State').startsWith('T')) await pause(1);
    expect(statusLine(target.pid, 'State')).toBe('T (stopped)');
    process.kill(target.pid, 'SIGCONT');
    expect((await target.ended).output).toBe(FILTERED);
  });

  it('lets a process stop and go on while it waits', async () => {
    const target = await startExecTarget(['threads=2']);
    const tracer = await startTracer({ pid: target.pid, program: filter });
    process.kill(target.pid, 'SIGSTOP');
    await pause(30);
    process.kill(target.pid, 'SIGCONT');
    target.go();
    expect((await target.ended).output).toBe(FILTERED);
    expect(await tracer.result).toMatchObject({ kind: 'installed' });
  });

  it('ends with a process that never executes anything', async () => {
    const done = await inject(['threads=2', 'exit=5']);
    expect(done.code).toBe(5);
    expect(done.result).toMatchObject({ kind: 'gone', status: 5, bySignal: false });
  });

  it('takes the listener out of the process', async () => {
    const { output, result } = await inject([], { program: toHex(judges(9999, NOTIFY)), listen: true });
    expect(result?.message).toBeUndefined();
    expect(result?.listeners).toEqual(['anon_inode:seccomp notify']);
    expect(output).toBe(UNFILTERED);
  });

  it('takes it even if the filter asks the listener about the call that closes it', async () => {
    const target = await startExecTarget([], ['/bin/busybox', 'sleep', '5']);
    const tracer = await startTracer({ pid: target.pid, program: toHex(judges(3, NOTIFY)), listen: true });
    target.go();
    expect(await tracer.result).toMatchObject({
      kind: 'installed',
      listeners: ['anon_inode:seccomp notify'],
    });
    target.child.kill('SIGKILL');
  });
});

describeWith(['ptrace', 'cc', 'x86_64'], 'injectAtExec, when something fails', () => {
  it.each([
    [
      'the kernel rejects the program',
      [],
      { program: toHex(programBytes([0x20, 0, 0, 0])) },
      /seccomp.*EINVAL/,
    ],
    [
      'it may not go without no_new_privs',
      ['uid=65534'],
      { noNewPrivileges: 'never' as const },
      /seccomp.*EACCES/,
    ],
    ['the flags are unknown', [], { flags: 0x8000 }, /seccomp.*EINVAL/],
    ['there is no program', [], { program: '' }, /seccomp.*EINVAL/],
    ['it is killed meanwhile', [], { signalAt: 'returning return', signal: 9 }, /ended by signal 9/],
  ])('kills the process: %s', async (_, options, extra, message) => {
    const { output, signal, result } = await inject([...options], extra);
    expect(result?.message).toMatch(message);
    expect(result?.code).toBe('ERR_KERNEL');
    expect(result?.steps.at(-1)).toMatch(/ kill$/);
    expect([output, signal]).toEqual(['', 'SIGKILL']);
  });

  // Without the right to suspend filters, as in a user namespace of one's own.
  const unprivileged = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
  it.each([
    ['nothing', [], judges(MKDIR, errno(77)), false, 'installed'],
    ['nothing, and nothing is said about filters that are not read back', [], filtering, false, /read back/],
    [
      'a filter that denies seccomp',
      [`filter=${toHex(judges(317, errno(1)))}`],
      judges(MKDIR, errno(77)),
      false,
      /seccomp.*EPERM/,
    ],
    [
      'a filter that kills for seccomp',
      [`filter=${toHex(judges(317, KILL))}`],
      judges(MKDIR, errno(77)),
      false,
      /seccomp.*skipped/,
    ],
    ['nothing, and close is asked of the listener', [], judges(3, NOTIFY), true, /in time/],
    ['nothing, and close is denied', [], judges(3, errno(1)), true, /close of the listener.*EPERM/],
  ])('without CAP_SYS_ADMIN, on %s', async (_, options, program, listen, expected) => {
    const target = await startExecTarget(options);
    const timeoutMs = String(expected).includes('in time') ? 500 : HANGS_AFTER;
    const tracer = await startTracer(
      { pid: target.pid, program: toHex(program), listen, timeoutMs, allowUnverified: program !== filtering },
      unprivileged,
    );
    target.go();
    const result = await tracer.result;
    const { output, signal } = await target.ended;
    if (typeof expected === 'string') {
      expect(result).toMatchObject({ kind: expected, suspended: false, compared: false });
      expect(output).toBe(FILTERED);
      return;
    }
    expect(result?.message).toMatch(expected);
    expect(output).toBe('');
    expect(signal).toMatch(/SIGKILL|SIGSYS/);
  });

  const states = [
    'waiting exec',
    'leaving return',
    'planning call',
    'entering entry',
    'returning return',
    'planning installed',
  ];
  it.each(states)('kills the process when the tracer is killed at: %s', async (dieAt) => {
    const { output, signal, result } = await inject(['threads=2'], { dieAt });
    expect(result).toBeUndefined();
    expect([output, signal]).toEqual(['', 'SIGKILL']);
  });

  it('kills the process when the tracer waits for a file that nobody serves any more', async () => {
    const { output, signal, result } = await inject([], { stallIn: 'leaving', timeoutMs: 1 });
    expect(result).toBeUndefined();
    expect([output, signal]).toEqual(['', 'SIGKILL']);
  });

  it('kills the process when the tracer is killed while it waits', async () => {
    const target = await startExecTarget(['threads=2']);
    const tracer = await startTracer({ pid: target.pid, program: filter });
    tracer.child.kill('SIGKILL');
    expect(await target.ended).toMatchObject({ output: '', signal: 'SIGKILL' });
  });

  it('refuses a number that has come to mean another process', async () => {
    const target = await startExecTarget([]);
    const tracer = await startTracer({ pid: target.pid, program: filter, startTime: '1' });
    expect(await tracer.result).toMatchObject({
      code: 'ERR_KERNEL',
      message: expect.stringMatching(/now belongs to another process/),
    });
    const right = await startTracer({
      pid: target.pid,
      program: filter,
      startTime: readStartTime(target.pid) ?? '',
    });
    expect(right.threads).toBe(1);
    target.go();
    expect((await target.ended).output).toBe(FILTERED);
  });

  describeWith(['32-bit programs'], 'a 32-bit program', () => {
    it('refuses a 32-bit program', async () => {
      const file = join(folder, 'x86');
      const built = spawnSync('cc', ['-m32', '-static', '-nostdlib', '-o', file, '-x', 'c', '-'], {
        input: I386_EXIT,
        encoding: 'utf8',
      });
      expect(built.stderr).toBe('');
      const { result, signal } = await inject([], {}, [file]);
      expect(result).toMatchObject({
        code: 'ERR_HOOK',
        message: expect.stringMatching(/is a 32-bit one: filters can be put into x86_64 programs only/),
      });
      expect(signal).toBe('SIGKILL');
    });
  });
});
