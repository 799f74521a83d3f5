import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/cli/run/trace-values.ts';
import { readTrace } from '../../src/observe/trace-file.ts';
import { ociSeccomp } from './run.ts';

const read = (text: string) => readTrace(text).calls.map(({ name, args, count }) => [name, args, count]);

it('reads audit records', () => {
  // From public reports; the third is x32's: bit 30 is set.
  const text = [
    'type=SECCOMP msg=audit(1730231818.492:264): auid=4294967295 uid=1 gid=1 ses=1 pid=1814 comm="e" exe="/e" sig=31 arch=c000003e syscall=448 compat=0 ip=0x7f4b8f30713d code=0x80000000',
    '[1.5] audit: type=1326 audit(1622229872.180:55): auid=1 uid=0 subj=docker-default pid=7645 comm="mount" exe="/m" sig=0 arch=40000003 syscall=21 compat=1 ip=0x1 code=0x50000',
    'audit: type=1326 audit(1.1:5): comm="x" sig=0 arch=c000003e syscall=1073741824 compat=0 ip=0x1 code=0x50000',
  ].join('\n');
  const { calls, unread } = readTrace(text);
  expect(unread).toEqual([]);
  expect(calls.map(({ name, arch, args }) => [name, arch, args])).toEqual([
    ['448', 'x86_64', undefined],
    ['21', 'x86', undefined],
    ['1073741824', 'x32', undefined],
  ]);
});

describe('readTrace', () => {
  it.each([
    ['close(3)                                = 0', 'close', ['3']],
    ['1234  read(3, "a, b) \\"c", 832) = 832', 'read', ['3', '"a, b) \\"c"', '832']],
    ['[pid  1234] getpid() = 1', 'getpid', []],
    ['12:34:56 getpid() = 1', 'getpid', []],
    ['12:34:56.789012 getpid() = 1 <0.000012>', 'getpid', []],
    ['1234  12:34:56.789012 getpid() = 1', 'getpid', []],
    ['1234 1700000000.123456 getpid() = 1', 'getpid', []],
    ['     0.000123 getpid() = 1', 'getpid', []],
    [
      '42 clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD <unfinished ...>',
      'clone',
      ['child_stack=NULL', 'flags=CLONE_VM|SIGCHLD'],
    ],
    ['openat(AT_FDCWD</root>, "/x", O_RDONLY) = 3</x>', 'openat', ['AT_FDCWD</root>', '"/x"', 'O_RDONLY']],
    [
      'poll([{fd=3, events=POLLIN}, {fd=4}], 2, -1) = 1',
      'poll',
      ['[{fd=3, events=POLLIN}, {fd=4}]', '2', '-1'],
    ],
    [
      'mmap(NULL, 8192, 0x3 /* PROT_READ, (or) */, 0x22, 0xffffffff, 0) = 0x7f',
      'mmap',
      ['NULL', '8192', '0x3 /* PROT_READ, (or) */', '0x22', '0xffffffff', '0'],
    ],
    ['syscall_0x1c3(0x1, 0x2) = -1 ENOSYS (Function not implemented)', '451', ['0x1', '0x2']],
    ['     0.048 ( 0.013 ms): true/16318 brk()                  = 0x56', 'brk', []],
    [
      '         ? (         ): a b/16 openat(dfd: CWD, flags: RDONLY) = 4',
      'openat',
      ['dfd: CWD', 'flags: RDONLY'],
    ],
    // As strace 6.1 -f -n -i -tt, -f -Y -i and -f -Y -r, and perf trace --no-comm print them.
    ['21289 00:57:13.062829 [  12] [00007f707e925c47] brk(NULL) = 0x5649a1c04000', 'brk', ['NULL']],
    ['[pid 21295<a b>] [00007f7a281fddd4] dup(3) = 4', 'dup', ['3']],
    ['17800<w.sh> getppid() = 21291<strace>', 'getppid', []],
    ['21289      0.000033 [????????????????] getpid() = 1', 'getpid', []],
    ['     0.043 ( 0.033 ms): 22106 brk()                 = 0x55a2c65ff000', 'brk', []],
    ['  socket(40, 1)', 'socket', ['40', '1']],
    ['clone3', 'clone3', undefined],
    ['317', '317', undefined],
  ])('reads %s', (line, name, args) => {
    expect(readTrace(line)).toMatchObject({ calls: [{ line: 1, name, args, count: 1 }], unread: [] });
  });

  it('passes over what is no call', () => {
    const text = `--- SIGCHLD {si_signo=SIGCHLD} ---
1234 +++ exited with 0 +++
1234 <... read resumed>"abc", 832) = 832
strace: Process 1234 attached
 > /usr/lib/libc.so.6(read+0x10) [0xabc]
         ? (         ): true/16318  ... [continued]: execve()) = 0
21300      0.009845 [????????????????] +++ killed by SIGSEGV +++
     0.062 ( 0.000 ms): w.sh/21781 minfault [elf_load+0x28a] => 0x7f08c1fea110 (?k)
# a comment

% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
100.00    0.000001           0        90         3 total`;
    expect(readTrace(text)).toEqual({ calls: [], unread: [] });
  });

  it('counts the rows of strace -c', () => {
    const text =
      '  0.00    0.000000           0        79           read\n 12.50    0.100000         100         3         1 open\n';
    expect(read(text)).toEqual([
      ['read', undefined, 79],
      ['open', undefined, 3],
    ]);
  });

  it('counts calls of strace -C once', () => {
    const text = `7 read(3, "", 1) = 0
7 read(3, "", 1) = 0
% time     seconds  usecs/call     calls    errors syscall
 50.00    0.000001           0         2           read
 50.00    0.000001           0         3           open
`;
    expect(read(text)).toEqual([
      ['read', ['3', '""', '1'], 1],
      ['read', ['3', '""', '1'], 1],
      ['open', undefined, 3],
    ]);
  });

  // As perf 6.1 printed it on Linux 6.18.
  it('counts the rows of perf trace -s', () => {
    const text = `
 Summary of events:

 busybox (4262), 38 events, 90.5%

   syscall            calls  errors  total       min       avg       max       stddev
                                     (msec)    (msec)    (msec)    (msec)        (%)
   --------------- --------  ------ -------- --------- --------- ---------     ------
   brk                    5      0     0.057     0.010     0.011     0.013      4.77%
   readlink               1      0     0.033     0.033     0.033     0.033      0.00%
`;
    expect(read(text)).toEqual([
      ['brk', undefined, 5],
      ['readlink', undefined, 1],
    ]);
    expect(readTrace(text).unread).toEqual([]);
  });

  it('reads events of perf script, and counts of perf stat', () => {
    const text = `         busybox  6431 [001] 65439.503719: raw_syscalls:sys_enter: NR 12 (0, c, 29, ffffffffffffffff, 2, 800)
         busybox  6431 [001] 65439.503720:  raw_syscalls:sys_exit: NR 12 = 424259584
         busybox  6431 [001] 65439.503730: syscalls:sys_enter_newuname: name: 0x7ffd1
 Performance counter stats for 'busybox uname':

             1,234      syscalls:sys_enter_arch_prctl
                 0      syscalls:sys_enter_socket

       0.001122334 seconds time elapsed
`;
    expect(read(text)).toEqual([
      ['12', ['0x0', '0xc', '0x29', '0xffffffffffffffff', '0x2', '0x800'], 1],
      ['uname', undefined, 1],
      ['arch_prctl', undefined, 1234],
    ]);
    expect(readTrace(text).unread).toEqual([]);
  });

  it("reads sysdig's first halves of calls", () => {
    const text = `1 10:11:12.123456789 0 cat (4218) > openat dirfd=-100(AT_FDCWD) name=/x
2 10:11:12.123456799 0 cat (4218) < openat fd=3(<f>/x)
3 10:11:12.123456999 1 a b (4218) > close fd=3(<f>/x)
4 10:11:12.123457000 1 cat (4218) > switch next=0
5 10:11:12.123457001 1 cat (4218) > pread fd=3(<f>/x) size=8 pos=0
`;
    expect(read(text)).toEqual([
      ['openat', undefined, 1],
      ['close', undefined, 1],
      ['pread64', undefined, 1],
    ]);
    expect(readTrace(text).unread).toEqual([]);
  });

  it('names the lines it cannot read', () => {
    expect(readTrace('getpid() = 1\nwhat is this?\nls: cannot access x\n').unread).toEqual([2, 3]);
  });

  it('follows processes that change to 32-bit calls, and back', () => {
    const text = `7 getpid() = 7
[ Process PID=7 runs in 32 bit mode. ]
7 getpid() = 7
8 getpid() = 8
[ Process PID=7 runs in 64 bit mode. ]
7 getpid() = 7`;
    expect(readTrace(text).calls.map(({ mode }) => mode)).toEqual(['native', '32 bit', 'native', 'native']);
  });
});

describe('valuesOf', () => {
  const known = (text: string, arch: 'x86_64' | 'x86' | 's390x' = 'x86_64') => {
    const [call] = readTrace(text).calls;
    if (call === undefined) throw new Error('no call');
    return valuesOf(call, arch).map(({ high, low }) => (low === undefined ? '?' : `${high ?? '?'}:${low}`));
  };

  it.each([
    ['socket(AF_VSOCK, SOCK_STREAM|SOCK_CLOEXEC, 0)', ['0:40', '0:524289', '0:0', '?', '?', '?']],
    ['socket(40, 0x1, 010)', ['0:40', '0:1', '0:8', '?', '?', '?']],
    [
      'clone(child_stack=0x7f0000001000, flags=CLONE_VM|SIGCHLD, child_tidptr=0x1)',
      ['0:273', '32512:4096', '?', '?', '?', '?'],
    ],
    ['close(-1)', ['?:4294967295', '?', '?', '?', '?', '?']],
    ['personality(0xffffffff)', ['?:4294967295', '?', '?', '?', '?', '?']],
    ['write(1</dev/pts/0>, "x", 18446744073709551615)', ['0:1', '?', '?:4294967295', '?', '?', '?']],
    ['ioctl(0, SOMETHING_NEW, {B38400 opost})', ['0:0', '?', '?', '?', '?', '?']],
    ['futex(0x7f0000000010, FUTEX_WAIT_PRIVATE, 2, NULL)', ['32512:16', '?', '0:2', '0:0', '?', '?']],
    ['getpid', ['?', '?', '?', '?', '?', '?']],
  ])('%s', (text, expected) => expect(known(text)).toEqual(expected));

  it('clone takes its stack first on s390x', () => {
    expect(known('clone(child_stack=NULL, flags=SIGCHLD)', 's390x').slice(0, 2)).toEqual(['0:0', '0:17']);
  });

  it('has no high halves on 32-bit architectures', () => {
    expect(known('close(-1)', 'x86')[0]).toBe('0:4294967295');
  });
});

describe('run --dry-run of audit records', () => {
  // The kernel's tables: call 21 is mount on i386 (arch/x86/entry/syscalls/syscall_32.tbl) and access on x86_64.
  it.each([
    ['40000003', 'x86 mount', 1],
    ['c000003e', 'access', 0],
  ] as const)('decides call 21 on the architecture of the record: %s is %s', (arch, call, status) => {
    const record = `type=SECCOMP msg=audit(1.1:1): auid=0 uid=0 pid=1 comm="x" exe="/x" sig=0 arch=${arch} syscall=21 compat=0 ip=0x1 code=0x50000`;
    const words = ['run', '--dry-run', '-', '--arch', 'x86_64', '--json'];
    const outcome = ociSeccomp(words, { input: `${record}\n` });
    const [asked] = JSON.parse(outcome.stdout).calls;
    const name = asked.arch === 'x86_64' ? asked.name : `${asked.arch} ${asked.name}`;
    expect({ name, answer: asked.answer, status: outcome.status }).toEqual({
      name: call,
      answer: status === 0 ? 'allowed' : 'denied',
      status,
    });
  });
});
