/**
 * Wherever a command takes an architecture or a call, it takes the spellings of the kernel's log, of strace and of gdb:
 * the answer is the one for our own names.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { parseQuestion } from '../../src/cli/operands/call-question.ts';
import { parseArch } from '../../src/cli/operands/host-options.ts';
import { readWrittenCall } from '../../src/cli/operands/written-call.ts';
import { formatCall } from '../../src/decision/format-call.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-spellings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const profile = join(folder, 'profile.json');
writeFileSync(
  profile,
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: ['read', 'getcpu'], action: 'SCMP_ACT_ALLOW' }],
  }),
);
const list = join(folder, 'list');
writeFileSync(list, 'read\n');

const record =
  'type=SECCOMP msg=audit(1795951570.524:83326): auid=1000 pid=2556 comm="app" sig=0 arch=c000003e syscall=139 compat=0 ip=0x7f0 code=0x50000';
/** Each is sysfs(2) of x86_64. */
const calls: readonly (readonly string[])[] = [
  ['arch=c000003e', 'syscall=139'],
  [record],
  ['--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_syscall=__NR_sysfs, si_arch=AUDIT_ARCH_X86_64} ---'],
  ['_sigsys = {_call_addr = 0x7f, _syscall = 139, _arch = 3221225534}'],
];

const answer = (words: readonly string[], input = '') => {
  const { stdout, stderr, status } = ociSeccomp(words, { input });
  return { stdout, stderr, status };
};

describe('a call in the spelling of a log', () => {
  it.each(['explain', 'allow', 'deny'])('is taken by %s', (command) => {
    const expected = answer([command, profile, 'sysfs', '--arch', 'x86_64']);
    expect(expected.status).toBe(0);
    for (const words of calls)
      expect(answer([command, profile, ...words]), words.join(' ')).toEqual(expected);
  });

  it.each([
    [
      ['socket', 'AF_VSOCK', 'SOCK_STREAM', '0'],
      'socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)',
    ],
    [['socket', 'AF_VSOCK', 'SOCK_STREAM', '0'], '[pid  4711] socket(AF_VSOCK, SOCK_STREAM, 0) = 3'],
    [['socket', 'AF_VSOCK'], 'socket(AF_VSOCK (40), type, protocol)'],
    [
      ['openat', 'AT_FDCWD', '_', 'O_RDONLY|O_CLOEXEC'],
      '4711 openat(AT_FDCWD</srv>, "/etc/pass,wd(", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>',
    ],
    [['clone', 'CLONE_NEWUSER|SIGCHLD', '0'], 'clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD)'],
    [['mount'], 'mount(dev_name, dir_name, type, mountflags, data): ERRNO EPERM (1)'],
    [['mount', '0x7f'], '__x64_sys_mount(0x7f, {a=1}'],
    [['read'], 'read()'],
    [['0xffffffff', '1'], 'syscall_0xffffffffffffffff(0x1) = -1 ENOSYS (Function not implemented)'],
    [['0xffffffff'], 'arch=c000003e syscall=-1 compat=0'],
    [['0xffffffff'], '-1'],
    [['0xffffffff'], 'system call -1 (0xffffffff)'],
    [['0xffffffff', '0', '1'], 'call: x86_64 syscall 0xffffffff(0, 1) gets ALLOW; meant: ERRNO EPERM (1)'],
    [['9999'], 'x86_64 system call 9999: ERRNO ENOSYS (38)'],
    [['openat', '0xffffffffffffff9c', '0'], 'openat(AT_FDCWD (0xffffffffffffff9c), 0)'],
    [['chmod', '_', '0o400'], 'chmod(pathname, S_IRUSR (0o400))'],
  ] as const)('as strace or this program writes it, is %j', (words, line) => {
    const given = answer(['explain', 'docker-default', ...words, '--arch', 'x86_64']);
    expect(given.status).toBe(0);
    expect(answer(['explain', 'docker-default', line, '--arch', 'x86_64'])).toEqual(given);
  });

  it.each([
    ['read(3, "x", 1) = -1 EPERM (Operation not permitted)', 'EPERM'],
    ['[pid 7] read(3, ") = -1 ENOSYS", 1) = -1 EIO (Input/output error) <0.000010>', 'EIO'],
    ['read(3, ") = -1 EPERM", 1) = 0', undefined],
    ['mount("a", "b", "c", 0, NULL) = -1 EPERM (Operation not permitted)', undefined],
    // With some flags, the filter denies it.
    ['clone(flags) = -1 EPERM (Operation not permitted)', undefined],
  ])('of a call that gets through, an error is not of the filter: %s', (line, error) => {
    const { stdout } = ociSeccomp(['explain', 'docker-default', line, '--arch', 'x86_64']);
    const said = / {2}(\w+) came from the kernel itself or another filter, if the process had this one\n$/;
    expect(said.exec(stdout)?.[1]).toBe(error);
  });

  it('has the architecture that stands before it', () => {
    const given = answer(['explain', 'docker-default', 'openat', '0', '--arch', 'aarch64']);
    expect(given.status).toBe(0);
    expect(answer(['explain', 'docker-default', 'aarch64 openat(0)'])).toEqual(given);
  });

  it('is the same call again when a witness is pasted, also a negative int of 64 bits that has a name', () => {
    const names = [
      'openat',
      'personality',
      'mmap',
      'clone',
      'ioctl',
      'socket',
      'chmod',
      'prctl',
      'kill',
      'fcntl',
    ];
    const values = [0n, 1n, 9n, 38n, 0x1a4n, 0x5421n, 0x7e020011n, 0x80000000n].flatMap((value) => [
      value,
      BigInt.asUintN(32, -value - 1n),
      BigInt.asUintN(64, -value - 1n),
    ]);
    values.push(0xffff_ff9cn, 0xffff_ffff_ffff_ff9cn);
    for (const arch of ['x86_64', 'aarch64', 's390x', 'x86', 'arm'] as const) {
      const numbers = [...names.map((name) => directSyscallNumber(name, arch)), 9999, 0xffff_ffff];
      for (const nr of numbers.filter((each) => each !== undefined)) {
        for (const [at, value] of values.entries()) {
          const args = [value, values[(at + 5) % values.length] ?? 0n, 1n];
          const { auditArch } = architectures[arch];
          const text = formatCall({ nr, arch: auditArch, instructionPointer: 0n, args });
          const read = readWrittenCall(text, undefined);
          const [word = '', ...rest] = read?.words ?? [];
          // -1 has the bit of x32.
          const own = parseArch(read?.arch ?? '');
          const call = parseQuestion(word, rest, own);
          const seen = [architectures[own].auditArch, call.nr, ...call.args.slice(0, 3)];
          expect(seen, text).toEqual([auditArch, nr, ...args]);
        }
      }
    }
  });

  it('says which call there is not', () => {
    const { stderr, status } = answer(['explain', 'docker-default', 'mout("/dev/sda", 1)']);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/'mout'.*\n.*did you mean mount/) as string]);
  });

  it('is written as the log has it, and as filters see it, if its number is negative', () => {
    const [log, trace] = [join(folder, 'log'), join(folder, 'trace')];
    writeFileSync(log, `${record.replace('=139', '=-1').replace('c000003e', 'c00000b7')}\n`);
    writeFileSync(trace, 'syscall_0xffffffffffffffff(0x1) = -1 ENOSYS (Function not implemented)\n');
    const [number, asked] = ['-1 (0xffffffff)', ['-1', '--arch', 'x86_64']];
    const said = (...words: readonly string[]): string => {
      const { stdout, stderr } = answer(words);
      return stdout + stderr;
    };
    expect(said('syscalls', ...asked)).toContain(`no system call has the number ${number}`);
    for (const command of ['allow', 'deny'])
      expect(said(command, profile, ...asked)).toContain(`no system call has the number ${number}`);
    expect(said('explain', profile, ...asked)).toContain(`x86_64 system call ${number}: ERRNO EPERM (1)`);
    expect(said('audit', log)).toContain(`aarch64 system call ${number}: once`);
    expect(said('run', '--dry-run', trace)).toContain(`1x  ${number}  `);
    const recorded = said('record', '--list', '--via', `strace:${trace}`, '--via', `audit:${log}`);
    expect(recorded).toContain(`${trace}:1: x86_64 has no system call with the number ${number}`);
    expect(recorded).toContain(`${log}:1: aarch64 has no system call with the number ${number}`);
  });

  it('is no newer call if bit 30 is set where x32 is not in the filter: the stub of runc leaves it to the filter', () => {
    const reason = (nr: string): string => answer(['explain', profile, nr, '--arch', 'x86_64']).stdout;
    expect(reason('-1')).toContain('no rule matches: the default action is ERRNO EPERM (1)');
    expect(reason('0x80000000')).toContain('runc answers ENOSYS to newer calls');
    expect(reason('999')).toContain('runc answers ENOSYS to newer calls');
  });

  it('is taken by simulate', () => {
    const expected = answer(['simulate', profile], 'x86_64 sysfs\n').stdout;
    expect(expected).toMatch(/^x86_64 sysfs\(\): ERRNO/);
    for (const words of calls)
      expect(answer(['simulate', profile], `${words.join(' ')}\n`).stdout).toBe(expected);
  });

  it('is taken by syscalls', () => {
    const expected = answer(['syscalls', '--arch', 'x86_64', 'sysfs']).stdout;
    for (const words of calls)
      expect(answer(['syscalls', ...words]).stdout, words.join(' ')).toContain('sysfs');
    expect(expected).toContain('139');
  });
});

describe('an architecture in the spelling of a log', () => {
  const program = join(folder, 'program.bpf');
  ociSeccomp(['compile', profile, '--runtime', 'plain', '--backend', 'builtin', '-q', '-o', program]);
  const array = join(folder, 'program.h');
  ociSeccomp(['compile', profile, '--backend', 'builtin', '-q', '-f', 'c', '-o', array]);
  /** What each command needs besides; `undefined`: it needs a network or a machine. */
  const operands: Readonly<Record<string, readonly string[] | undefined>> = {
    allow: [profile, 'write'],
    asm: [join(folder, 'source')],
    audit: [join(folder, 'log')],
    compile: [profile, '--backend', 'builtin', '-q', '-o', '-'],
    convert: [profile, '--to', 'minijail', '--stricter'],
    decompile: [program],
    deny: [profile, 'read'],
    diff: [profile, profile],
    disasm: [array],
    explain: [profile, 'read'],
    intersect: [profile, '--to', 'oci'],
    lint: [profile],
    pull: undefined,
    rebase: undefined,
    record: ['--via', `list:${list}`, '-o', '-'],
    report: undefined,
    resolve: [profile],
    run: undefined,
    simplify: [profile, '--to', 'oci'],
    simulate: [profile],
    subset: [profile, profile],
    syscalls: ['read'],
    union: [profile, '--to', 'oci'],
    validate: [profile],
    verify: [profile, program],
  };
  writeFileSync(join(folder, 'source'), 'ld [0]\nret #0x7fff0000\n');
  writeFileSync(join(folder, 'log'), `${record}\n`);

  const names = Object.keys(commandTable) as (keyof typeof commandTable)[];
  it.each(names)('is taken by %s, if it takes one', async (name) => {
    const { definition } = await commandTable[name].load();
    if (!Object.hasOwn(definition.options, 'arch')) return;
    expect(Object.hasOwn(operands, name), `${name} is missing in this test`).toBe(true);
    const given = operands[name];
    if (given === undefined) return;
    const under = (arch: string) => answer([name, ...given, '--arch', arch], 'x86_64 read\n');
    const expected = under('x86_64');
    expect(expected.status, expected.stderr).toBeLessThan(2);
    for (const arch of ['c000003e', 'AUDIT_ARCH_X86_64']) expect(under(arch), arch).toEqual(expected);
  });
});
