/**
 * Logs as a stream: memory and work do not grow faster than they may, whatever is in the log.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createAuditReader, MAX_GROUPS, MAX_LINE } from '../../src/observe/audit-groups.ts';
import { random as createRandom } from '../bpf/support/random.ts';
import { cpuClock } from '../support/cpu-time.ts';

const SECONDS = 1_795_938_683;

function line(serial: number, { exe = '/bin/x', nr = 165, code = '0x50000' } = {}): string {
  return `audit: type=1326 audit(${SECONDS + serial}.001:${serial}): pid=${serial} comm="x" exe="${exe}" sig=0 arch=c000003e syscall=${nr} compat=0 ip=0x7f code=${code}\n`;
}

function read(...pieces: readonly string[]) {
  const reader = createAuditReader();
  for (const piece of pieces) reader.add(piece);
  return reader.end();
}

function cut(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    text.slice(i * size, (i + 1) * size),
  );
}

describe('records are grouped', () => {
  it('keep labels apart, by which SELinux tells containers from each other', () => {
    const labelled = (serial: number, label: string): string =>
      line(serial).replace(' pid=', ` subj=${label} pid=`);
    const [one, two] = ['system_u:system_r:container_t:s0:c1,c2', 'system_u:system_r:container_t:s0:c3,c4'];
    const { groups } = read(
      labelled(1, one),
      labelled(2, two),
      labelled(3, one),
      labelled(4, '=unconfined'),
      line(5),
    );
    expect(groups.map(({ sample, count }) => [sample.label, count])).toEqual(
      expect.arrayContaining([
        [one, 2],
        [two, 1],
      ]),
    );
    // Who is not confined has no label that says something.
    expect(groups).toHaveLength(3);
  });

  it('shows the beginning of a record that was cut', () => {
    const cut = 'type=SECCOMP msg=audit(1795938683.915:1): auid=0 pid=1 comm="x" exe="/usr/b';
    expect(read(`${cut}\n`, `${cut}in\n`)).toMatchObject({ records: 0, unreadable: 2, unreadableLine: cut });
    expect(read(`${cut}${'y'.repeat(5000)}\n`).unreadableLine).toHaveLength(160);
  });

  it('by program, architecture, call and action, with first and last time', () => {
    const text = `${line(3)}${line(1)}${line(2)}${line(4, { nr: 59 })}${line(5, { code: '0x7ffc0000' })}${line(6, { exe: '/bin/y' })}`;
    const { groups, records } = read(text);
    expect(records).toBe(6);
    expect(
      groups.map(({ count, sample }) => [sample.program, sample.syscall, sample.action?.kind, count]),
    ).toEqual([
      ['/bin/y', 'mount', 'errno', 1],
      ['/bin/x', 'mount', 'log', 1],
      ['/bin/x', 'execve', 'errno', 1],
      ['/bin/x', 'mount', 'errno', 3],
    ]);
    expect(groups[3]).toMatchObject({
      firstTime: (SECONDS + 1) * 1000 + 1,
      lastTime: (SECONDS + 3) * 1000 + 1,
      pid: 2,
    });
  });

  it('the same wherever the log is cut into pieces', () => {
    const text = Array.from({ length: 40 }, (_, i) => line(i, { nr: i % 3 })).join('');
    const whole = read(text);
    for (const size of [1, 7, 100, 1000]) {
      const pieces = cut(text, size);
      expect(read(...pieces)).toEqual(whole);
    }
  });

  it('once, where a log has them twice', () => {
    expect(read(line(1), line(2), line(1).replace('audit:', 'host kernel: audit:')).records).toBe(2);
    // The journal has the kernel's line, and its own without a serial.
    const own = line(1).replace(/.*audit\([^)]*\):/, 'host audit[1]: SECCOMP');
    expect(read(line(1), own).records).toBe(1);
  });

  it('with what the kernel left out', () => {
    const { lost } = read(line(1), '[1.0] kauditd_printk_skb: 94 callbacks suppressed\n', line(2));
    expect(lost).toBe(94);
  });
});

describe('memory is bounded', () => {
  it('for a log of 100 MB', { timeout: 600_000 }, () => {
    const piece = Array.from({ length: 3000 }, (_, i) =>
      i % 3 === 0
        ? line(i, { nr: i % 300 })
        : `type=SYSCALL msg=audit(1.1:${i}): arch=c000003e syscall=${i} success=yes\n`,
    ).join('');
    const reader = createAuditReader();
    const count = Math.ceil(100e6 / piece.length);
    // What is live after the first pieces is all that there may be after the last.
    let early = 0;
    for (let i = 0; i < count; i++) {
      reader.add(piece);
      if (i === 20) early = liveBytes();
    }
    expect(liveBytes() - early).toBeLessThan(8e6);
    expect(reader.end().groups.length).toBe(100);
  });

  it('for programs without end', () => {
    const reader = createAuditReader();
    for (let i = 0; i < MAX_GROUPS + 50; i++) reader.add(line(i, { exe: `/tmp/${i}` }));
    const { groups, ungrouped, records } = reader.end();
    expect([groups.length, ungrouped, records]).toEqual([MAX_GROUPS, 50, MAX_GROUPS + 50]);
  });

  it('for a line without end, whose records count', () => {
    const records = Array.from({ length: 4000 }, (_, i) => line(i).trimEnd().replace('audit: ', '')).join(
      ' ',
    );
    expect(records.length).toBeGreaterThan(MAX_LINE);
    const pieces = cut(records, 65_536);
    expect(read(...pieces).records).toBe(4000);
    const reader = createAuditReader();
    const early = liveBytes();
    for (let i = 0; i < 400; i++) reader.add('x'.repeat(1 << 16));
    expect(liveBytes() - early).toBeLessThan(8e6);
    expect(reader.end().records).toBe(0);
  });
});

function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('hostile logs', () => {
  it('10,000 mutated logs are read without an error, with work that grows with their length', () => {
    const random = createRandom(20_261_129);
    const seeds = [
      line(1),
      `{"log":"${line(2).trim().replaceAll('"', '\\"')}\\n","time":"2026-11-29T08:00:00Z"}\n`,
      'type=SECCOMP msg=audit(11/29/26 08:00:00.123:4) : pid=1 comm=a exe=/b sig=SIGSYS arch=x86_64 syscall=mount code=kill\n',
      '--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x1, si_syscall=__NR_mount, si_arch=AUDIT_ARCH_X86_64} ---\n',
      '{"ID":"1.1:42","SECCOMP":{"pid":4711,"arch":"0xc000003e","syscall":165,"code":"0x50000"}}\n',
    ];
    const extras = [
      '\0',
      '\n',
      '"',
      '=',
      '(',
      '{',
      '}',
      '[',
      '\\',
      '\u001b[2J',
      'syscall=',
      'code=',
      'audit(',
      '\ud800',
      '999999999999999999999',
    ];
    const seconds = cpuClock();
    for (let i = 0; i < 10_000; i++) {
      let text = Array.from({ length: 1 + random.below(4) }, () => seeds[random.below(seeds.length)]).join(
        '',
      );
      for (let n = random.below(12); n >= 0; n--) {
        const at = random.below(text.length + 1);
        const extra = extras[random.below(extras.length)] ?? '';
        text = text.slice(0, at) + extra.repeat(1 + random.below(3)) + text.slice(at + random.below(9));
      }
      const { records, groups } = read(text);
      expect(records).toBeGreaterThanOrEqual(groups.length);
    }
    // A hang shows in processor time, which a busy machine does not change.
    expect(seconds()).toBeLessThan(60);
  });

  it.each([
    ['letters', 'syscallcode=', 'a'],
    ['quotes', 'syscall=1 code=', '"'],
    ['keys', '', 'syscall=1 code=2 '],
    ['open heads', 'syscall code= ', 'audit('],
    ['braces', '{"code" syscall', '{'],
    ['nested JSON', '{"code":1,"syscall":', '[{"a":'],
    ['escapes', '{"code" syscall', '\\"'],
    ['digits', 'syscall=1 code=', '1'],
    ['SIGSYS', 'syscall code=', '--- SIGSYS {'],
    ['dates', 'syscall code=', '2026-11-29T'],
  ])('a line of many %s takes no work that grows with the square of its length', (_, head, part) => {
    const text = `${head}${part.repeat(MAX_LINE / part.length)}\n`;
    const seconds = cpuClock();
    read(text);
    expect(seconds()).toBeLessThan(10);
  });
});
