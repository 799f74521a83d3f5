/**
 * One record in every form that people have it in. The forms are those of the programs' own documentation and output;
 * test/oracle/audit-kernel.test.ts reads records that this machine's kernel wrote.
 */
import { describe, expect, it } from 'vitest';
import { readAuditLine } from '../../src/observe/audit-line.ts';
import type { AuditRecord } from '../../src/observe/audit-record.ts';

const MOUNT =
  'auid=4294967295 uid=0 gid=0 ses=4294967295 pid=4711 comm="mount" exe="/usr/bin/mount" sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f1122334455 code=0x50000';
const SECONDS = '1795938683.915';
const TIME = 1_795_938_683_915;

/** What every form of this record says; times and serials are asked for apart. */
const expected = {
  program: '/usr/bin/mount',
  task: 'mount',
  pid: 4711,
  arch: 'x86_64',
  nr: 165,
  syscall: 'mount',
  action: 'errno',
};

function brief({ program, task, pid, arch, nr, syscall, action }: AuditRecord) {
  return { program, task, pid, arch, nr, syscall, action: action?.kind };
}

const escaped = MOUNT.replaceAll('"', '\\"');
const cri = '2026-11-29T08:00:00.000000000Z stdout F ';

const forms: readonly (readonly [form: string, line: string])[] = [
  ['audit.log', `type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`],
  ['audit.log with CRLF', `type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}\r`],
  [
    'audit.log, enriched',
    `type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}\u001dAUID="unset" UID="root" GID="root" ARCH=x86_64 SYSCALL=mount`,
  ],
  ['audit.log of several nodes', `node=web1 type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`],
  ['dmesg', `[52415.110609] audit: type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  ['dmesg -T', `[Sun Nov 29 08:00:00 2026] audit: type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  ['dmesg of old kernels', `[52415.110609] type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  ['/dev/kmsg', `5,1234,52415110609,-;audit: type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  ['syslog', `Nov 29 08:00:00 host kernel: [52415.11] audit: type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  ['syslog of auditd', `Nov 29 08:00:00 host audisp-syslog: type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`],
  ['the journal', `Nov 29 08:00:00 host audit[4711]: SECCOMP ${MOUNT}`],
  ['the journal, with times', `2026-11-29T08:00:00+0000 host audit[4711]: SECCOMP ${MOUNT}`],
  ['a container log', `${cri}[52415.11] audit: type=1326 audit(${SECONDS}:42): ${MOUNT}`],
  [
    'a container log of Docker',
    `{"log":"[52415.11] audit: type=1326 audit(${SECONDS}:42): ${escaped}\\n","stream":"stdout","time":"2026-11-29T08:00:00.1Z"}`,
  ],
  ['a container log that was cut', `{"log":"audit: type=1326 audit(${SECONDS}:42): ${escaped}\\n","stre`],
  [
    'journalctl -o json',
    `{"MESSAGE":"SECCOMP ${escaped}","_TRANSPORT":"audit","__REALTIME_TIMESTAMP":"1795938683915000"}`,
  ],
  [
    'journalctl -o json of a message that is no text',
    JSON.stringify({
      MESSAGE: [...Buffer.from(`SECCOMP ${MOUNT}\u0007`)],
      __REALTIME_TIMESTAMP: `${TIME}000`,
    }),
  ],
  [
    'go-audit',
    `{"sequence":42,"timestamp":"${SECONDS}","messages":[{"type":1326,"data":"${escaped}"}],"uid_map":{"0":"root"}}`,
  ],
  [
    'laurel',
    `{"ID":"${SECONDS}:42","SECCOMP":{"auid":4294967295,"pid":4711,"comm":"mount","exe":"/usr/bin/mount","sig":0,"arch":"0xc000003e","syscall":165,"code":"0x50000"}}`,
  ],
  ['ausearch --raw', `type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`],
  [
    'ausearch -i',
    'type=SECCOMP msg=audit(11/29/2026 08:00:00.915:42) : auid=unset uid=root gid=root ses=unset pid=4711 comm=mount exe=/usr/bin/mount sig=none arch=x86_64 syscall=mount compat=0 ip=0x7f1122334455 code=errno ',
  ],
];

describe('a record is read', () => {
  it.each(forms)('in the form of %s', (_, line) => {
    expect(readAuditLine(line).map(brief)).toEqual([expected]);
  });

  it('with the time of the kernel, else that of the log', () => {
    const [exact] = readAuditLine(`type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`);
    expect(exact).toMatchObject({ time: TIME, id: `${SECONDS}:42` });
    const [docker] = readAuditLine(forms.find(([form]) => form.endsWith('Docker'))?.[1] ?? '');
    expect(docker).toMatchObject({ time: TIME });
    const [journal] = readAuditLine(forms.find(([form]) => form.endsWith('json'))?.[1] ?? '');
    expect(journal).toMatchObject({ time: TIME, id: undefined });
    const [iso] = readAuditLine(`2026-11-29T08:00:00+0100 host audit[4711]: SECCOMP ${MOUNT}`);
    expect(iso?.time).toBe(Date.UTC(2026, 10, 29, 7));
    const [noYear] = readAuditLine(`Nov 29 08:00:00 host audit[4711]: SECCOMP ${MOUNT}`);
    expect(noYear?.time).toBe(undefined);
  });

  it('where a line holds several', () => {
    const kill = MOUNT.replace('165', '59').replace('0x50000', '0x80000000').replace('"mount"', '"sh"');
    const line = `type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT} type=SECCOMP msg=audit(${SECONDS}:43): ${kill}`;
    expect(readAuditLine(line).map(({ syscall, action, id }) => [syscall, action?.kind, id])).toEqual([
      ['mount', 'errno', `${SECONDS}:42`],
      ['execve', 'killProcess', `${SECONDS}:43`],
    ]);
  });

  it('where a line holds several without a head', () => {
    const other = MOUNT.replace('4711', '4712').replace('165', '272');
    const found = readAuditLine(`host audit[1]: SECCOMP ${MOUNT} host audit[2]: SECCOMP ${other}`);
    expect(found.map(({ pid, syscall }) => [pid, syscall])).toEqual([
      [4711, 'mount'],
      [4712, 'unshare'],
    ]);
  });

  it('but no record of other kinds', () => {
    const syscall = `type=SYSCALL msg=audit(${SECONDS}:41): arch=c000003e syscall=165 success=no exit=-1 a0=1 a1=2 a2=3 a3=4 items=0 ppid=1 pid=2 comm="mount" exe="/usr/bin/mount" key=(null)`;
    const avc = `type=AVC msg=audit(${SECONDS}:41): avc: denied { read } for pid=1 comm="x" code=7`;
    expect(readAuditLine(syscall)).toEqual([]);
    expect(readAuditLine(avc)).toEqual([]);
    // Beside one of seccomp, fields of the other do not get into it.
    const both = readAuditLine(`${syscall} type=SECCOMP msg=audit(${SECONDS}:42): ${MOUNT}`);
    expect(both.map(brief)).toEqual([expected]);
  });

  it.each([
    `x' type=1326 audit(${SECONDS}:42): ${MOUNT}`,
    '--- SIGSYS {si_signo=SIGSYS, si_syscall=__NR_mount, si_arch=AUDIT_ARCH_X86_64} ---',
  ])('nor what root of a container has the kernel write (AUDIT_USER_AVC, as Linux 6.18 does): %s', (sent) => {
    const line = `audit: type=1107 audit(${SECONDS}:1202): pid=17907 uid=0 auid=4294967295 ses=4294967295 msg='${sent}'`;
    expect(readAuditLine(line)).toEqual([]);
  });
});

describe('numbers become names', () => {
  const of = (arch: string, nr: number, code = '0x0') =>
    readAuditLine(`audit(${SECONDS}:1): arch=${arch} syscall=${nr} ip=0x1 code=${code}`).map(
      ({ arch: name, syscall }) => `${name} ${syscall}`,
    );
  it.each([
    ['c000003e', 165, 'x86_64 mount'],
    ['c000003e', 0x40000000 + 165, 'x32 mount'],
    ['40000003', 102, 'x86 socketcall'],
    ['40000003', 21, 'x86 mount'],
    ['c00000b7', 40, 'aarch64 mount'],
    ['40000028', 21, 'arm mount'],
    ['80000016', 21, 's390x mount'],
    // The kernel writes no leading zeros.
    ['14', 21, 'ppc mount'],
    ['c000003e', 9999, 'x86_64 system call 9999'],
    ['c000003e', -1, 'x86_64 system call -1 (0xffffffff)'],
    ['c0000032', 1043, 'undefined system call 1043'],
    // No number of 32 bits: no kernel writes it.
    ['c000003e', 2 ** 32 + 165, 'x86_64 4294967461'],
    ['c000003e', -(2 ** 32) + 165, 'x86_64 -4294967131'],
  ])('of %s %i', (arch, nr, name) => expect(of(arch, nr)).toEqual([name]));

  it.each([
    ['0x0', 'killThread'],
    ['0x80000000', 'killProcess'],
    ['0x30000', 'trap'],
    ['0x50000', 'errno'],
    ['0x7fc00000', 'notify'],
    ['0x7ff00000', 'trace'],
    ['0x7ffc0000', 'log'],
    ['0x12340000', undefined],
    ['kill-process', 'killProcess'],
    ['user-notif', 'notify'],
    ['user-notify', 'notify'],
  ])('of the code %s', (code, kind) => {
    const [record] = readAuditLine(`type=SECCOMP arch=c000003e syscall=1 ip=0x1 code=${code}`);
    expect(record?.action?.kind).toBe(kind);
  });

  it('but a prefix alone stays, and a name that is cut has no quote', () => {
    const [record] = readAuditLine(
      `type=SECCOMP arch=c000003e syscall=__NR_ ip=0x1 code=0x50000 comm="${'a'.repeat(10_000)}"`,
    );
    expect(record).toMatchObject({ syscall: '__NR_', task: `${'a'.repeat(4096)}…` });
  });

  it('where old kernels write no architecture, or no code', () => {
    const [record] = readAuditLine(
      `type=1326 audit(${SECONDS}:1): pid=7 comm="x" sig=31 syscall=2 compat=0 ip=0x7f`,
    );
    expect(record).toMatchObject({
      arch: undefined,
      syscall: 'system call 2',
      action: { kind: 'killThread' },
    });
  });
});

describe('names of programs', () => {
  const named = (fields: string) => {
    const [record] = readAuditLine(`type=SECCOMP ${fields} sig=0 arch=c000003e syscall=1 code=0x50000`);
    return [record?.task, record?.program];
  };
  it.each([
    ['in quotes', 'comm="a b" exe="/x"', ['a b', '/x']],
    ['in hexadecimal', 'comm=6D792070726F67 exe=2F746D702F612062', ['my prog', '/tmp/a b']],
    ['of bytes that are no text', 'comm=FF exe="/x"', ['\ufffd', '/x']],
    ['that look like hexadecimal in quotes', 'comm="ABCD" exe="/x"', ['ABCD', '/x']],
    ['that are not there', 'comm=(null) exe=(null)', [undefined, undefined]],
  ])('%s', (_, fields, expectedNames) => expect(named(fields)).toEqual(expectedNames));

  it.each([
    'code=0x7fff0000',
    'syscall=0',
    'type=1326',
    'msg=audit(1.2:3)',
    'audit(1:2)',
    'pid=1',
    'arch=40000003',
    'comm=',
    'SECCOMP',
    '--- SIGSYS {',
  ])('that read like fields change nothing: %s', (name) => {
    const fields = (task: string, path: string) =>
      `type=SECCOMP msg=audit(${SECONDS}:42): pid=7 comm="${task}" exe="${path}" sig=0 arch=c000003e syscall=165 code=0x50000`;
    const [plain] = readAuditLine(fields('x', '/x'));
    const task = name.slice(0, 15);
    expect(readAuditLine(fields(task, `/${name}/${name}`))).toEqual([
      { ...plain, task, program: `/${name}/${name}` },
    ]);
  });

  it('as ausearch -i decodes them', () => {
    const [record] = readAuditLine(
      'type=SECCOMP msg=audit(11/29/26 08:00:00.123:4) : pid=1 comm=my prog exe=/tmp/DEAD BEEF sig=SIGSYS arch=x86_64 syscall=mount code=kill',
    );
    expect(record).toMatchObject({
      task: 'my prog',
      program: '/tmp/DEAD BEEF',
      action: { kind: 'killThread' },
    });
  });
});

describe('dumps of SIGSYS', () => {
  it.each([
    [
      'strace',
      '[pid  4711] --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f11, si_syscall=__NR_mount, si_arch=AUDIT_ARCH_X86_64} ---',
      ['x86_64', 'mount', 4711],
    ],
    [
      'gdb',
      '  _sigsys = {_call_addr = 0x7f1122334455, _syscall = 165, _arch = 3221225534}}',
      ['x86_64', 'mount', undefined],
    ],
    [
      'Chromium',
      '../../sandbox/linux/seccomp-bpf-helpers/sigsys_handlers.cc:**CRASHING**:seccomp-bpf failure in syscall 0165',
      [undefined, 'system call 165', undefined],
    ],
  ])('of %s', (_, line, found) => {
    expect(readAuditLine(line).map(({ arch, syscall, pid }) => [arch, syscall, pid])).toEqual([found]);
  });
});
