/**
 * Traces, audit records and recordings that were damaged: each is read or refused, at a cost that its length explains.
 */
import { describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { readRecording, writeRecording } from '../../src/observe/recording.ts';
import { readTrace } from '../../src/observe/trace-file.ts';
import { xorshift32 } from '../support/xorshift.ts';

const traces = [
  '1234 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3\n1234 <... read resumed>"\\177ELF", 832) = 832\n[pid 77] clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 78\n',
  '     0.048 ( 0.013 ms): true/16318 brk(brk: 0x55d) = 0\n  0.00    0.000000           0        79         3 read\n',
  'type=SECCOMP msg=audit(1700000000.123:45): auid=0 uid=0 pid=1 comm="x" exe="/x" sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f code=0x50000\n',
  'strace: [ Process PID=5 runs in 32 bit mode. ]\n5 syscall_0x1c3(0x1, {a=[1, 2], "x\\"y"}, /* c */ 3 <unfinished ...>\n',
  'read\nwrite\n165\n',
];
const recordings = [
  writeRecording({
    runs: [
      {
        ...{ command: ['a', 'b'], method: 'notification', started: '2026-01-01T00:00:00.000Z' },
        ...{ ended: '2026-01-01T00:00:01.000Z', exitCode: 0, arch: 'x86_64', kernel: '6.1', calls: 5 },
      },
    ],
    calls: [
      {
        ...{ arch: 'x86_64', name: 'socket', nr: 41, count: 5, runs: 1, arguments: [0], unkept: 0 },
        ...{ first: '2026-01-01T00:00:00.000Z', last: '2026-01-01T00:00:00.000Z' },
        values: [{ values: [2n ** 64n - 1n], count: 5 }],
      },
    ],
  }),
];

/** The same numbers in each run (xorshift32). */
function numbers(seed: number): (below: number) => number {
  const next = xorshift32(seed);
  return (below) => next() % below;
}

const pieces = [
  '(',
  ')',
  '[',
  '{',
  '"',
  '\\',
  '/*',
  '/* ',
  '*/',
  '<',
  '|',
  ',',
  ' ',
  '\n',
  '\r',
  '\0',
  '0',
  '-',
  '9'.repeat(40),
  'type=SECCOMP ',
  '[pid ',
  '<unfinished',
  '\u{1f600}',
  'null',
  ':',
  'e99',
];

function mutate(text: string, draw: (below: number) => number): string {
  let result = text;
  for (let i = 1 + draw(6); i > 0; i--) {
    const at = draw(result.length + 1);
    const kind = draw(4);
    const piece = pieces[draw(pieces.length)] ?? '';
    if (kind === 0) result = result.slice(0, at) + piece.repeat(1 + draw(40)) + result.slice(at);
    else if (kind === 1) result = result.slice(0, at) + result.slice(at + 1 + draw(20));
    else if (kind === 2) result = result.slice(0, at);
    else result = result.slice(0, at) + result.slice(draw(result.length + 1));
    if (result.length > 4000) result = result.slice(0, 4000);
  }
  return result;
}

const COUNT = 10_000;
/** Milliseconds of CPU a thousand characters; a regular expression that tries again and again takes seconds. */
const LIMIT_MS = 40;
/** The same for a long line, where a first use of the code costs nothing. */
const LONG_LIMIT_MS = 10;

describe('damaged input', () => {
  it.each([1, 77, 4711])('of traces is read at a cost that its length explains (seed %s)', (seed) => {
    const draw = numbers(seed);
    let calls = 0;
    let worst = 0;
    for (let i = 0; i < COUNT; i++) {
      const text = mutate(traces[draw(traces.length)] ?? '', draw);
      const before = process.cpuUsage();
      const trace = readTrace(text);
      const { user, system } = process.cpuUsage(before);
      worst = Math.max(worst, (user + system) / 1000 / Math.max(1, text.length / 1000));
      calls += trace.calls.length;
      // A line with audit records can hold several, each with its code.
      const records = text.split('code=').length - 1;
      const lines = text.split(/\r?\n/).length;
      expect(trace.calls.length + trace.unread.length).toBeLessThanOrEqual(lines + records);
    }
    expect(calls).toBeGreaterThan(COUNT / 2);
    expect(worst).toBeLessThan(LIMIT_MS);
  });

  it('of long lines is read in time that grows as they do', () => {
    for (const piece of pieces) {
      for (const start of [
        'read(',
        '',
        '  0.048 (',
        '  0.048 ( 0.013 ms): ',
        'type=SECCOMP arch=c000003e ',
      ]) {
        const before = process.cpuUsage();
        readTrace(start + piece.repeat(100_000 / piece.length));
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1000, `${start}${piece}…`).toBeLessThan(100 * LONG_LIMIT_MS);
      }
    }
  });

  it.each([
    '  0.00    0.000000           0  9007199254740993         3 read',
    '   read    9007199254740993    0    0.057    0.010    0.011    0.013    4.77%',
    '   9,007,199,254,740,993      syscalls:sys_enter_read',
  ])('of counts that no number holds exactly is not read: %s', (line) => {
    expect(readTrace(line)).toEqual({ calls: [], unread: [1] });
    expect(readTrace(line.replace('93', '91')).calls).toMatchObject([{ name: 'read', count: 2 ** 53 - 1 }]);
  });

  it('of recordings is refused with a reason, or read', () => {
    const draw = numbers(9);
    let refused = 0;
    for (let i = 0; i < COUNT; i++) {
      const text = mutate(recordings[0] ?? '', draw);
      try {
        readRecording(text, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(OciSeccompError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(COUNT / 2);
  });

  it('is what was written, where nothing was damaged', () => {
    for (const text of recordings) expect(writeRecording(readRecording(text, 'x'))).toBe(text);
  });
});
