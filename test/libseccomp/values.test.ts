/**
 * The values the binding takes and gives: actions, architectures, operators, attributes.
 */
import { describe, expect, it } from 'vitest';
import {
  type Action,
  actionData,
  actionFromNative,
  actionFromOci,
  actionToNative,
  actionToOci,
  allow,
  apiLevel,
  type ComparisonInput,
  errno,
  Filter,
  findArch,
  formatAction,
  killProcess,
  log,
  nativeArch,
  notify,
  type OperatorSpelling,
  openLibrary,
  resolveSyscall,
  resolveSyscallRewrite,
  setApiLevel,
  systemArch,
  trace,
  trap,
  version,
  withActionData,
} from '../../src/libseccomp/index.ts';

describe('actions', () => {
  it.each([
    [errno('EPERM'), 'ERRNO EPERM (1)', { action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
    [errno(0), 'ERRNO 0 (success)', { action: 'SCMP_ACT_ERRNO', errnoRet: 0 }],
    [trace(7), 'TRACE 7', { action: 'SCMP_ACT_TRACE', errnoRet: 7 }],
    [trap(), 'TRAP', { action: 'SCMP_ACT_TRAP' }],
    [notify(), 'USER_NOTIF', { action: 'SCMP_ACT_NOTIFY' }],
    [log(), 'LOG', { action: 'SCMP_ACT_LOG' }],
    [allow(), 'ALLOW', { action: 'SCMP_ACT_ALLOW' }],
    [killProcess(), 'KILL_PROCESS', { action: 'SCMP_ACT_KILL_PROCESS' }],
  ] as const)('%o is printed, and goes to a profile and back', (action, text, oci) => {
    expect(formatAction(action)).toBe(text);
    expect(actionToOci(action)).toEqual(oci);
    expect(actionFromOci(oci.action, 'errnoRet' in oci ? oci.errnoRet : undefined)).toEqual(action);
  });

  it('take EPERM where a profile names no errno (runtime-spec)', () => {
    expect(actionFromOci('SCMP_ACT_ERRNO')).toEqual(errno('EPERM'));
    expect(actionFromOci('SCMP_ACT_KILL')).toEqual({ kind: 'killThread' });
  });

  it('hold 0 where -0 is given: the two are one number to the kernel', () => {
    for (const action of [trap(-0), trace(-0), errno(-0), withActionData(trace(1), -0)])
      expect(actionData(action)).toBe(0);
  });

  it('give and change their data, as Go’s GetReturnCode and SetReturnCode do', () => {
    expect(actionData(errno(13))).toBe(13);
    expect(actionData(allow())).toBeUndefined();
    expect(withActionData(errno(13), 'ENOENT')).toEqual(errno(2));
    expect(withActionData(trace(1), 9)).toEqual(trace(9));
    expect(() => withActionData(allow(), 1)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });

  it('decode any word, and encode it to the same word', () => {
    for (const word of [0x12345678, 0x7fff0001, 0x0005ffff, 0xffffffff, 0x00030005]) {
      expect(actionToNative(actionFromNative(word))).toBe(word);
    }
    expect(formatAction({ kind: 'raw', word: 0x7fff0001 })).toBe('raw 0x7fff0001');
  });

  it.each([
    () => errno(4095),
    () => errno(-1),
    () => errno('ENONSENSE'),
    () => trace(65536),
    () => trap(1.5),
    () => actionFromOci('ALLOW'),
    () => actionFromOci('SCMP_ACT_ALLOW', 1),
    () => actionFromOci('SCMP_ACT_ERRNO', null as unknown as number),
    () => actionFromOci('SCMP_ACT_TRACE', null as unknown as number),
    () => actionToOci({ kind: 'raw', word: 1 }),
    () => actionToNative({ kind: 'nonsense' } as unknown as Action),
  ])('refuse what libseccomp would mask or mistake: %s', (attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

describe('architectures', () => {
  it.each([
    ['amd64', 'x86_64'],
    ['x86-64', 'x86_64'],
    ['x64', 'x86_64'],
    ['i386', 'x86'],
    ['arm64', 'aarch64'],
    ['ppc64el', 'ppc64le'],
    ['SCMP_ARCH_S390X', 's390x'],
    [0x4000003e, 'x32'],
  ])('%s is %s', (spelling, name) => {
    expect(findArch(spelling)).toBe(name);
  });

  it('have a native one, the same by every way', () => {
    expect(findArch('native')).toBe(nativeArch(openLibrary()));
    expect(findArch(0)).toBe(systemArch());
  });
});

describe('system calls', () => {
  // Numbers of asm/unistd_64.h and unistd_32.h; -101 is __PNR_socket of seccomp-syscalls.h.
  it.each([
    ['openat', 'x86_64', 257],
    ['openat', 'x86', 295],
    ['socket', 'x86', -101],
    ['arch_prctl', 'aarch64', undefined],
    ['nonsense', 'x86_64', undefined],
    ['read\0', 'x86_64', undefined],
  ])('%j on %s is %s', (name, arch, nr) => {
    if (name === 'arch_prctl') expect(resolveSyscall(name, arch)).toBeLessThan(0);
    else expect(resolveSyscall(name, arch)).toBe(nr);
  });

  it('are found by number, and rewritten as rules do', () => {
    expect(resolveSyscall(257, 'x86_64')).toBe('openat');
    expect(resolveSyscall(-101, 'x86')).toBe('socket');
    expect(resolveSyscall(99999, 'x86_64')).toBeUndefined();
    expect(resolveSyscallRewrite('x86', 'socket')).toBe(102);
    expect(resolveSyscallRewrite('x86_64', 'read')).toBe(0);
  });
});

describe('the library', () => {
  it('tells its version and level, and lowers the level', () => {
    const { major, minor } = version();
    expect(major).toBe(2);
    expect(minor).toBeGreaterThanOrEqual(5);
    const level = apiLevel();
    try {
      setApiLevel(1);
      expect(apiLevel()).toBe(1);
    } finally {
      setApiLevel(level);
    }
    expect(() => setApiLevel(8)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

describe('comparisons', () => {
  const program = (comparison: ComparisonInput): string => {
    const filter = new Filter(killProcess());
    try {
      filter.addRule(allow(), 'ioctl', [comparison]);
      return Buffer.from(filter.exportBpf()).toString('hex');
    } finally {
      filter.release();
    }
  };

  it.each([
    ['!=', 'ne', 'SCMP_CMP_NE'],
    ['<', 'lt', 'SCMP_CMP_LT'],
    ['<=', 'le', 'SCMP_CMP_LE'],
    ['==', 'eq', 'SCMP_CMP_EQ'],
    ['>=', 'ge', 'SCMP_CMP_GE'],
    ['>', 'gt', 'SCMP_CMP_GT'],
    ['&=', 'maskedEq', 'SCMP_CMP_MASKED_EQ', 'masked_eq'],
  ] as const)('%s, %s and %s are one operator, and different from the others', (...spellings) => {
    const two = spellings[0] === '&=' ? { valueTwo: 1 } : {};
    const programs = new Set(
      spellings.map((op) => program({ index: 1, op, value: 21505, ...two } as ComparisonInput)),
    );
    expect(programs.size).toBe(1);
    const others = (['!=', '<', '<=', '==', '>=', '>', '&='] as const).filter((op) => op !== spellings[0]);
    const withTwo = (op: OperatorSpelling): object => (op === '&=' ? { valueTwo: 1 } : {});
    for (const op of others) {
      expect(programs).not.toContain(
        program({ index: 1, op, value: 21505, ...withTwo(op) } as ComparisonInput),
      );
    }
  });

  it('take a value as number, bigint and text', () => {
    const values = [4294967297, 4294967297n, '4294967297', '0x100000001'];
    expect(new Set(values.map((value) => program({ index: 0, op: '==', value }))).size).toBe(1);
  });
});
