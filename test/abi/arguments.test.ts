import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { type ArgumentPlace, argumentField, namedValue } from '../../src/abi/argument-fields.ts';
import { fieldRows } from '../../src/abi/argument-names/fields.ts';
import { argumentName, formatArgument, formatMask, parseArgument } from '../../src/abi/arguments.ts';
import { allSyscallNames, directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { syscallSignature } from '../../src/abi/syscall-signatures.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { projectRoot } from '../../tools/debian-cache.ts';

/** `socket 0`, `socket 0 mips`, `prctl 1 0=38`: the call, the argument, then an architecture and other arguments. */
function place(text: string): ArgumentPlace {
  const [syscall = '', index = '', ...rest] = text.split(' ');
  const arch = rest.find((word) => !word.includes('=')) ?? 'x86_64';
  const others = rest
    .filter((word) => word.includes('='))
    .map((word): [number, bigint] => [Number(word.split('=')[0]), BigInt(word.split('=')[1] ?? 0)]);
  return { syscall, index: Number(index), arch: arch as ArchName, others: new Map(others) };
}

describe('parseArgument and formatArgument agree', () => {
  it.each<[string, string, bigint, string]>([
    ['socket 0', 'AF_VSOCK', 40n, 'AF_VSOCK (40)'],
    ['socket 0', 'AF_UNIX', 1n, 'AF_UNIX (1)'],
    ['socket 0', '99', 99n, '99'],
    ['socket 1', 'SOCK_STREAM|SOCK_CLOEXEC', 0x80001n, 'SOCK_STREAM|SOCK_CLOEXEC (0x80001)'],
    ['socket 1', '526337', 526337n, 'SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC (0x80801)'],
    ['socket 1 mips', 'SOCK_STREAM | SOCK_NONBLOCK', 0x82n, 'SOCK_STREAM|SOCK_NONBLOCK (130)'],
    ['socket 2 0=2', 'IPPROTO_TCP', 6n, 'IPPROTO_TCP (6)'],
    ['socket 2 0=16', '9', 9n, 'NETLINK_AUDIT (9)'],
    ['socket 2', 'NETLINK_AUDIT', 9n, '9'],
    ['socket 2 0=1', '9', 9n, '9'],
    ['clone 0', 'CLONE_NEWUSER|0x11', 0x10000011n, 'SIGCHLD|CLONE_NEWUSER (0x10000011)'],
    ['clone 0', 'CLONE_NEWUSER|CLONE_NEWNS', 0x10020000n, 'CLONE_NEWNS|CLONE_NEWUSER (0x10020000)'],
    ['clone 1 s390x', 'CLONE_NEWUSER', 0x10000000n, 'CLONE_NEWUSER (0x10000000)'],
    ['clone 0 s390x', '0x10000000', 0x10000000n, '0x10000000'],
    ['unshare 0', 'CLONE_NEWTIME', 0x80n, 'CLONE_NEWTIME (128)'],
    ['unshare 0', '0x80000010', 0x80000010n, 'CLONE_IO|16 (0x80000010)'],
    ['personality 0', 'PER_LINUX', 0n, 'PER_LINUX (0)'],
    ['personality 0', '131080', 131080n, 'PER_LINUX32|UNAME26 (0x20008)'],
    ['personality 0', '0x440000', 0x440000n, 'PER_LINUX|ADDR_NO_RANDOMIZE|READ_IMPLIES_EXEC (0x440000)'],
    ['openat 2', 'O_RDONLY', 0n, 'O_RDONLY (0)'],
    ['openat 2', 'O_RDWR|O_CREAT', 0o102n, 'O_RDWR|O_CREAT (66)'],
    ['openat 2', 'O_SYNC', 0o4010000n, 'O_RDONLY|O_SYNC (0x101000)'],
    ['openat 2', 'O_DSYNC', 0o10000n, 'O_RDONLY|O_DSYNC (0x1000)'],
    ['openat 2 aarch64', 'O_DIRECTORY', 0o40000n, 'O_RDONLY|O_DIRECTORY (0x4000)'],
    ['openat 0', 'AT_FDCWD', 0xffffff9cn, 'AT_FDCWD (0xffffff9c)'],
    ['openat 0', '-100', 0xffffffffffffff9cn, 'AT_FDCWD (0xffffffffffffff9c)'],
    ['mmap 2', 'PROT_NONE', 0n, 'PROT_NONE (0)'],
    ['mmap 2', 'PROT_WRITE|PROT_EXEC', 6n, 'PROT_WRITE|PROT_EXEC (6)'],
    ['mmap 3', 'MAP_PRIVATE|MAP_ANONYMOUS', 0x22n, 'MAP_PRIVATE|MAP_ANONYMOUS (34)'],
    ['mmap 3 mips64', 'MAP_PRIVATE|MAP_ANONYMOUS', 0x802n, 'MAP_PRIVATE|MAP_ANONYMOUS (2050)'],
    ['mmap 3 s390x', '2', 2n, '2'],
    ['chmod 1', 'S_ISUID|0o755', 0o4755n, 'S_ISUID|0o755 (0o4755)'],
    ['chmod 1', '0o644', 0o644n, '0o644'],
    ['mknod 1', 'S_IFBLK|0o600', 0o60600n, 'S_IFBLK|0o600 (0o60600)'],
    ['ioctl 1', 'TIOCSTI', 0x5412n, 'TIOCSTI (0x5412)'],
    ['ioctl 1 mips', 'TIOCSTI', 0x5472n, 'TIOCSTI (0x5472)'],
    ['ioctl 1', '21522', 0x5412n, 'TIOCSTI (0x5412)'],
    ['access 1', 'F_OK', 0n, 'F_OK (0)'],
    ['access 1', 'R_OK|W_OK', 6n, 'W_OK|R_OK (6)'],
    ['prctl 0', '35', 35n, 'PR_SET_MM (35)'],
    ['prctl 1 0=22', 'SECCOMP_MODE_FILTER', 2n, 'SECCOMP_MODE_FILTER (2)'],
    ['prctl 1 0=24', 'CAP_SYS_ADMIN', 21n, 'CAP_SYS_ADMIN (21)'],
    ['prctl 1', 'CAP_SYS_ADMIN', 21n, '21'],
    ['prctl 1 0=38', '1', 1n, '1'],
    ['fcntl 2 1=4', 'O_NONBLOCK', 0o4000n, 'O_RDONLY|O_NONBLOCK (2048)'],
    ['setsockopt 2 1=1', 'SO_REUSEADDR', 2n, 'SO_REUSEADDR (2)'],
    ['setsockopt 2 1=0xffff mips', 'SO_REUSEADDR', 4n, 'SO_REUSEADDR (4)'],
    ['setsockopt 2 1=41', '26', 26n, 'IPV6_V6ONLY (26)'],
    ['kill 1', 'SIGKILL', 9n, 'SIGKILL (9)'],
    ['kill 1 mips', 'SIGCHLD', 18n, 'SIGCHLD (18)'],
    ['futex 1', 'FUTEX_WAKE|FUTEX_PRIVATE_FLAG', 129n, 'FUTEX_WAKE|FUTEX_PRIVATE_FLAG (129)'],
    ['quotactl 0', 'Q_GETQUOTA|GRPQUOTA', 0x80000701n, 'Q_GETQUOTA|GRPQUOTA (0x80000701)'],
    [
      'keyctl 1',
      'KEY_SPEC_SESSION_KEYRING',
      0xfffffffffffffffdn,
      'KEY_SPEC_SESSION_KEYRING (0xfffffffffffffffd)',
    ],
    ['shmctl 1', 'IPC_RMID', 0n, 'IPC_RMID (0)'],
    ['reboot 2', 'LINUX_REBOOT_CMD_KEXEC', 0x45584543n, 'LINUX_REBOOT_CMD_KEXEC (0x45584543)'],
    ['read 2', '4096', 4096n, '0x1000'],
    ['read 2', '0b11', 3n, '3'],
    ['no_such_call 5', '-1', 0xffffffffffffffffn, '0xffffffffffffffff'],
  ])('%s: %s', (where, text, value, shown) => {
    expect(parseArgument(text, place(where))).toBe(value);
    expect(formatArgument(value, place(where))).toBe(shown);
  });

  it.each<[string, bigint, string]>([
    // The kernel takes it for AF_VSOCK, a filter that compares 64 bits does not: it is not called so.
    ['socket 0', 0x100000028n, '0x100000028'],
    ['socket 0', 0xffffffff00000028n, '0xffffffff00000028'],
    ['socket 1', 0x100000001n, 'SOCK_STREAM|0x100000000 (0x100000001)'],
    ['unshare 0', 0xffffffff80000000n, 'CLONE_IO|0xffffffff00000000 (0xffffffff80000000)'],
    ['clone 0', 0xffffffff80000000n, 'CLONE_IO (0xffffffff80000000)'],
    ['personality 0', 0xc000000dn, '0xc000000d'],
    ['socket 1', 0xfn, '15'],
    ['kill 1 parisc', 17n, 'SIGUSR2 (17)'],
    ['kill 1 mips', 16n, 'SIGUSR1 (16)'],
  ])('prints %s %d', (where, value, shown) => {
    expect(formatArgument(value, place(where))).toBe(shown);
  });

  it('makes the names of an argument once, whatever the other arguments are', () => {
    const others = (value: bigint) => new Map([[0, value]]);
    const first = argumentField('ioctl', 1, 'x86_64', others(1n));
    expect(first).toBeDefined();
    expect(argumentField('ioctl', 1, 'x86_64', others(2n))).toBe(first);
    expect(argumentField('ioctl', 1, 'mips', others(2n))).not.toBe(first);
  });

  it('finds one name as among all', () => {
    for (const { syscalls, index } of fieldRows()) {
      for (const arch of ['x86_64', 'x86', 'mips', 'parisc64', 's390x'] as const) {
        const [syscall = ''] = syscalls;
        const field = argumentField(syscall, index, arch);
        for (const [name, value] of field?.names ?? []) {
          expect(namedValue(name, { syscall, index, arch }), name).toEqual({ kind: field?.kind, value });
        }
        expect(namedValue('SIGSTKFLT_', { syscall, index, arch })).toBeUndefined();
        expect(namedValue('toString', { syscall, index, arch })).toBeUndefined();
      }
    }
    const stackFault = { syscall: 'kill', index: 1 };
    expect(namedValue('SIGSTKFLT', { ...stackFault, arch: 'x86_64' })?.value).toBe(16n);
    expect(namedValue('SIGSTKFLT', { ...stackFault, arch: 'mips' })).toBeUndefined();
  });

  it('reads what it prints, whatever the value', () => {
    const values = [0n, 1n, 3n, 0x11n, 0xffn, 0o4755n, 0x80801n, 0x7e020000n, 0xffffffffn, 2n ** 64n - 1n];
    for (const { syscalls, index } of fieldRows()) {
      for (const syscall of syscalls) {
        for (const arch of ['x86_64', 'mips', 'parisc64', 's390x', 'ppc'] as const) {
          for (const value of values) {
            const at = { syscall, index, arch };
            const [, names, number] = /^(.*) \((\S+)\)$/.exec(formatArgument(value, at)) ?? [];
            const text = number ?? formatArgument(value, at);
            expect(parseArgument(text, at), `${syscall} ${index} ${text}`).toBe(value);
            // Names of a sign-extended int stand for its lower half.
            if (names !== undefined)
              expect(BigInt.asUintN(32, parseArgument(names, at))).toBe(BigInt.asUintN(32, value));
          }
        }
      }
    }
  });
});

describe('parseArgument refuses', () => {
  it.each<[string, string, string, string]>([
    [
      'socket 0',
      'AF_INTE',
      'AF_INTE is not a value of argument 0 (domain) of socket',
      'did you mean AF_INET?',
    ],
    [
      'socket 0',
      'af_inet',
      'af_inet is not a value of argument 0 (domain) of socket',
      'did you mean AF_INET?',
    ],
    [
      'socket 0',
      'QWERTZ',
      'QWERTZ is not a value of argument 0 (domain) of socket',
      'its names are AF_UNSPEC, AF_UNIX,',
    ],
    [
      'socket 0',
      'AF_INET|AF_INET6',
      'AF_INET and AF_INET6 exclude each other in argument 0 (domain) of socket',
      'one of them',
    ],
    ['openat 2', 'O_RDWR|O_WRONLY', 'O_RDWR and O_WRONLY exclude each other', 'one of them'],
    ['clone3 0', 'CLONE_NEWUSER', 'argument 0 (uargs) of clone3 has no named values', 'it is a pointer'],
    ['read 2', 'O_RDONLY', 'argument 2 (count) of read has no named values', 'give a number'],
    [
      'kill 1 mips',
      'SIGSTKFLT',
      'SIGSTKFLT has no value for argument 1 (sig) of kill on mips',
      'give the number',
    ],
    ['mmap 3 s390x', 'MAP_SHARED', 'argument 3 of mmap has no named values', 'give a number'],
    ['socket 0', '', 'argument 0 (domain) of socket is empty', 'give a number'],
    ['unshare 0', 'CLONE_NEWNS|', 'has nothing on one side of a |', 'joined by |'],
    ['chmod 1', '0755', '0755 could be octal or decimal', 'write 0o755'],
    ['read 0', '12abc', '12abc is not a number', '0x28'],
    ['read 0', '18446744073709551616', 'does not fit into 64 bits', '2^64-1'],
    ['read 0', '-9223372036854775809', 'does not fit into 64 bits', '2^64-1'],
    [
      'unshare 0',
      '~CLONE_NEWNS',
      '~CLONE_NEWNS is not a value of argument 0 (flags) of unshare',
      'CLONE_NEWNS',
    ],
  ])('%s: %s', (where, text, message, hint) => {
    let thrown: unknown;
    try {
      parseArgument(text, place(where));
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof OciSeccompError)) throw new Error(`no error: ${String(thrown)}`);
    expect(thrown.code).toBe('ERR_USAGE');
    expect(thrown.message).toContain(message);
    expect(thrown.hint).toContain(hint);
  });
});

describe('formatMask', () => {
  it.each<[string, bigint, string]>([
    [
      'clone 0',
      0x7e020000n,
      'CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET (0x7e020000)',
    ],
    ['clone 1', 0x7e020000n, '0x7e020000'],
    ['clone 1 s390x', 0x10000000n, 'CLONE_NEWUSER (0x10000000)'],
    ['access 1', 4294967291n, 'all but R_OK (0xfffffffb)'],
    ['mmap 2', 4294967288n, 'all but PROT_READ|PROT_WRITE|PROT_EXEC (0xfffffff8)'],
    ['mmap 2', 0xfffffffffffffffbn, 'all but PROT_EXEC (0xfffffffffffffffb)'],
    ['socket 1', 0xfn, '0xf'],
    ['socket 1', 0x8000fn, 'SOCK_CLOEXEC|0xf (0x8000f)'],
    ['socket 0', 0xffffffffn, 'all bits (0xffffffff)'],
    ['read 2', 3n, '3'],
    ['clone 0', 0n, '0'],
  ])('%s %d', (where, mask, shown) => {
    expect(formatMask(mask, place(where))).toBe(shown);
  });
});

describe('fields', () => {
  it('are of calls and parameters that exist', () => {
    const known = new Set(allSyscallNames());
    for (const { syscalls, index } of fieldRows()) {
      for (const syscall of syscalls) {
        expect(known.has(syscall), syscall).toBe(true);
        const signature = syscallSignature(syscall);
        const parameter = signature?.[index];
        expect(signature === undefined || parameter?.pointer === false, `${syscall} ${index}`).toBe(true);
      }
    }
  });

  it('give one architecture one name for one value of a part', () => {
    for (const arch of ['x86_64', 'mips', 'parisc', 'ppc64le', 'sh'] as const) {
      for (const { syscalls, index, kind } of fieldRows()) {
        if (kind !== 'enum+flags') continue;
        const field = argumentField(syscalls[0] ?? '', index, arch);
        // Flags that lie in the bits of the one name could not be told from it.
        for (const [name, value] of field?.names ?? []) {
          if (field?.enumNames.has(name) === false)
            expect(value & field.enumMask, `${name} on ${arch}`).toBe(0n);
        }
      }
    }
  });

  it.each<[string, number, ArchName | undefined, string | undefined]>([
    ['socket', 0, undefined, 'domain'],
    ['bind', 1, undefined, 'umyaddr'],
    ['clone', 0, 's390x', undefined],
    ['clone', 1, 's390x', 'flags'],
    ['fallocate', 2, 'x86_64', 'offset'],
    ['fallocate', 2, 'arm', undefined],
    ['mmap', 3, 's390x', undefined],
    ['getpid', 0, undefined, undefined],
    ['no_such_call', 0, undefined, undefined],
  ])('%s argument %i on %s is called %s', (syscall, index, arch, name) => {
    expect(argumentName(syscall, index, arch)).toBe(name);
  });
});

/** What profiles compare without a name existing for it: counts, sizes, descriptors, pointers, and mistakes. */
const nameless = new Set(
  `mmap 1,munmap 1,pread64 2,pwrite64 2,read 0,read 2,recvfrom 2,kill 0,
  clone 1,clone3 0,setns 0,fork 0,vfork 0,socketcall 1`
    .split(',')
    .map((each) => each.trim()),
);

const corpus = join(projectRoot(), '../shared/data/corpus');
describe.skipIf(!existsSync(corpus))('what published profiles compare (needs ../shared/data/corpus)', () => {
  it('has names, or is known to have none', () => {
    const compared = new Set<string>();
    for (const file of readdirSync(corpus).filter((name) => /\.(json|profile)$/.test(name))) {
      collectComparisons(readFileSync(join(corpus, file), 'utf8'), compared);
    }
    expect(compared.size).toBeGreaterThan(20);
    const known = [...compared].filter((text) => {
      const [syscall = '', index = ''] = text.split(' ');
      return fieldRows().some((row) => row.syscalls.includes(syscall) && row.index === Number(index));
    });
    const unnamed = [...compared].filter((text) => !known.includes(text) && !nameless.has(text));
    expect(unnamed).toEqual([]);
  });
});

function collectComparisons(text: string, into: Set<string>): void {
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { name, names, args } = node as { name?: unknown; names?: unknown; args?: unknown };
    if (Array.isArray(args)) {
      const calls = Array.isArray(names) && names.length > 0 ? names : [name];
      for (const arg of args) {
        const index = (arg as { index?: unknown } | null)?.index;
        if (typeof index === 'number') for (const call of calls) into.add(`${String(call)} ${index}`);
      }
    }
    for (const child of Object.values(node)) visit(child);
  };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return; // Some files of the corpus are broken on purpose.
  }
  visit(document);
}

describe('architectures without a field', () => {
  it('arch_prctl exists on x86 only', () => {
    expect(argumentField('arch_prctl', 0, 'x86_64')?.names.get('ARCH_SET_FS')).toBe(0x1002n);
    expect(argumentField('arch_prctl', 0, 'aarch64')).toBeUndefined();
    expect(directSyscallNumber('arch_prctl', 'aarch64')).toBeUndefined();
  });
});
