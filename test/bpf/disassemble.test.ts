import { describe, expect, it } from 'vitest';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { assemble } from '../../src/bpf/assemble.ts';
import { decodeInstructions } from '../../src/bpf/decode-instructions.ts';
import { disassemble } from '../../src/bpf/disassemble.ts';
import type { Program } from '../../src/bpf/program.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { type Random, random, randomData, randomProgram } from './support/random.ts';

/** Every opcode of include/uapi/linux/bpf_common.h that seccomp_check_filter() of kernel/seccomp.c lets through. */
const KERNEL_OPCODES: readonly (readonly [code: number, text: string])[] = [
  [0x20, 'ld   [8]'],
  [0x80, 'ld   len {k 0x8}'],
  [0x81, 'ldx  len {k 0x8}'],
  [0x06, 'ret  #0x8'],
  [0x16, 'ret  a {k 0x8}'],
  [0x04, 'add  #0x8'],
  [0x0c, 'add  x {k 0x8}'],
  [0x14, 'sub  #0x8'],
  [0x1c, 'sub  x {k 0x8}'],
  [0x24, 'mul  #0x8'],
  [0x2c, 'mul  x {k 0x8}'],
  [0x34, 'div  #0x8'],
  [0x3c, 'div  x {k 0x8}'],
  [0x54, 'and  #0x8'],
  [0x5c, 'and  x {k 0x8}'],
  [0x44, 'or   #0x8'],
  [0x4c, 'or   x {k 0x8}'],
  [0xa4, 'xor  #0x8'],
  [0xac, 'xor  x {k 0x8}'],
  [0x64, 'lsh  #0x8'],
  [0x6c, 'lsh  x {k 0x8}'],
  [0x74, 'rsh  #0x8'],
  [0x7c, 'rsh  x {k 0x8}'],
  [0x84, 'neg  {k 0x8}'],
  [0x00, 'ld   #0x8'],
  [0x01, 'ldx  #0x8'],
  [0x07, 'tax  {k 0x8}'],
  [0x87, 'txa  {k 0x8}'],
  [0x60, 'ld   M[8]'],
  [0x61, 'ldx  M[8]'],
  [0x02, 'st   M[8]'],
  [0x03, 'stx  M[8]'],
  [0x05, 'ja   9'],
  [0x15, 'jeq  #0x8, 1, 1'],
  [0x1d, 'jeq  x, 1, 1 {k 0x8}'],
  [0x35, 'jge  #0x8, 1, 1'],
  [0x3d, 'jge  x, 1, 1 {k 0x8}'],
  [0x25, 'jgt  #0x8, 1, 1'],
  [0x2d, 'jgt  x, 1, 1 {k 0x8}'],
  [0x45, 'jset #0x8, 1, 1'],
  [0x4d, 'jset x, 1, 1 {k 0x8}'],
  [0xff, '.word 0xff, 0, 0, 0x8'],
];

function firstLine(program: Program, endian: 'little' | 'big' = 'little'): string {
  const lines = disassemble(program, endian).split('\n');
  return lines.find((line) => !line.startsWith('.endian')) ?? '';
}

describe('disassemble', () => {
  it.each(KERNEL_OPCODES)('writes opcode 0x%s', (code, text) => {
    expect(
      firstLine([{ code, jt: 0, jf: 0, k: 8 }])
        .replace(/\s*;.*/, '')
        .slice(3),
    ).toBe(text);
  });

  it('names the fields of struct seccomp_data by byte order', () => {
    const field = (k: number, endian: 'little' | 'big') =>
      firstLine([{ code: 0x20, jt: 0, jf: 0, k }], endian).split('; ')[1];
    expect([0, 4, 8, 16, 20, 60].map((k) => field(k, 'little'))).toEqual([
      'nr',
      'arch',
      'instruction_pointer.lo',
      'args[0].lo',
      'args[0].hi',
      'args[5].hi',
    ]);
    expect([8, 16, 20, 60].map((k) => field(k, 'big'))).toEqual([
      'instruction_pointer.hi',
      'args[0].hi',
      'args[0].lo',
      'args[5].lo',
    ]);
  });

  it('names system calls of the architecture that the path is in', () => {
    const listing = disassemble(
      [
        { code: 0x20, jt: 0, jf: 0, k: 4 },
        { code: 0x15, jt: 2, jf: 0, k: 0x40000003 },
        { code: 0x20, jt: 0, jf: 0, k: 0 },
        { code: 0x15, jt: 2, jf: 3, k: 3 },
        { code: 0x20, jt: 0, jf: 0, k: 0 },
        { code: 0x15, jt: 0, jf: 1, k: 3 },
        { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
        { code: 0x06, jt: 0, jf: 0, k: 0x00050001 },
        { code: 0x06, jt: 0, jf: 0, k: 0 },
      ],
      'little',
    ).split('\n');
    expect(listing[1]).toContain('AUDIT_ARCH_I386');
    // On any other architecture number 3 could be anything; on x86 it is read (asm/unistd_32.h).
    expect(listing[3]).not.toContain(';');
    expect(listing[5]).toMatch(/; read$/);
    expect(listing[8]).toMatch(/; never reached$/);
  });
});

/** The comments of the lines of a program in assembly, by label. */
function comments(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const decoded = decodeInstructions(assemble(text, { name: 'x' }), 'little');
  const named = lines.flatMap((line, i) => {
    const label = /^\s*(\w+):/.exec(line)?.[1];
    const row = decoded[i];
    if (label === undefined || row === undefined) return [];
    return [[label, row.reachable ? (row.comment ?? '') : 'never reached'] as const];
  });
  return Object.fromEntries(named);
}

describe('names of system calls', () => {
  // Numbers: asm/unistd_32.h, unistd_64.h, unistd_x32.h, arm's asm/unistd.h (__ARM_NR_BASE), mips' (__NR_Linux).
  it.each([
    ['AUDIT_ARCH_I386', 102, 'socketcall'],
    ['AUDIT_ARCH_X86_64', 102, 'getuid'],
    ['AUDIT_ARCH_X86_64', 0x40000000 + 514, 'ioctl'],
    ['AUDIT_ARCH_AARCH64', 56, 'openat'],
    ['AUDIT_ARCH_ARM', 322, 'openat'],
    ['AUDIT_ARCH_ARM', 0x0f0002, 'cacheflush'],
    ['AUDIT_ARCH_MIPS', 4003, 'read'],
    ['AUDIT_ARCH_MIPSEL64', 5000, 'read'],
    ['AUDIT_ARCH_MIPS64N32', 6000, 'read'],
    ['AUDIT_ARCH_S390X', 288, 'openat'],
    ['AUDIT_ARCH_X86_64', 99999, ''],
  ])('%s %i is %s', (arch, nr, name) => {
    expect(
      comments(`ld [arch]
        jeq #${arch}, yes, no
        yes: ld [nr]
        call: jeq #${nr}, no, no
        no: ret ALLOW`).call,
    ).toBe(name);
  });

  // arch/mips/include/uapi/asm/errno.h has 89 as ENOSYS, the generic errno.h as EDESTADDRREQ, and PA-RISC's not at all.
  it.each([
    ['AUDIT_ARCH_MIPS', 'AUDIT_ARCH_MIPSEL64', 'ERRNO ENOSYS (89)', 'ERRNO ENOSYS (89)'],
    ['AUDIT_ARCH_S390X', 'AUDIT_ARCH_I386', 'ERRNO EDESTADDRREQ (89)', 'ERRNO EDESTADDRREQ (89)'],
    ['AUDIT_ARCH_MIPS', 'AUDIT_ARCH_PARISC', 'ERRNO ENOSYS (89)', 'ERRNO ENOSYS (89) or ERRNO 89'],
  ])('errors have the names of %s and %s', (arch, other, own, shared) => {
    const found = comments(`ld [arch]
      jeq #${arch}, first, more
      more: jeq #${other}, second, no
      first: ld [nr]
      jeq #5, one, all
      second: ld [nr]
      jeq #5, no, all
      one: ret ERRNO(89)
      all: ret ERRNO(89)
      no: ret ALLOW`);
    expect([found.one, found.all]).toEqual([own, shared]);
  });

  it.each([
    ['a binary tree of architectures', 'jge #0x40000003, up, kill\nup: jgt #0x40000003, kill, yes'],
    ['jumps alone', 'jeq #AUDIT_ARCH_I386, hop, kill\nhop: ja yes'],
    ['a negative test', 'jeq #AUDIT_ARCH_ARM, kill, on\non: jeq #AUDIT_ARCH_I386, yes, kill'],
    ['a copy in X', 'tax\nld #0\ntxa\njeq #AUDIT_ARCH_I386, yes, kill'],
    ['a copy in scratch memory', 'st M[3]\nld [nr]\nld M[3]\njeq #AUDIT_ARCH_I386, yes, kill'],
  ])('are known after %s', (_name, test) => {
    const text = `ld [arch]\n${test}\nkill: ret KILL\nyes: ld [nr]\ncall: jeq #3, kill2, kill2\nkill2: ret ALLOW`;
    // A tree's interval holds no other architecture that is known but cannot rule unknown ones out.
    const expected = test.startsWith('jge') ? '' : 'read';
    expect(comments(text).call).toBe(expected);
  });

  const x32 = (test: string): string => `ld [arch]
    jeq #AUDIT_ARCH_X86_64, ok, kill
    ok: ld [nr]
    ${test}
    old: jeq #0x40000208, kill, kill
    new: jeq #1, kill, kill
    kill: ret KILL`;

  it.each([
    ['jset', 'bit: jset #0x40000000, old, new', { bit: 'x32 bit', old: 'ptrace', new: 'write' }],
    ['jge', 'bit: jge #0x40000000, old, new', { bit: 'x32 bit', old: 'ptrace', new: 'write' }],
    [
      'and',
      'and #0x40000000\njeq #0, back, old\nback: ld [nr]\njeq #0x40000208, no, new\nno: ret KILL',
      { no: 'never reached', new: 'write' },
    ],
    ['a mask that hides the bit', 'and #0xbfffffff\nja new', { new: 'write' }],
  ])('see x32 by %s', (_name, test, expected) => {
    const { ...found } = comments(x32(test));
    // ptrace is 521 there, 0x208 is 520: waitid.
    expect({ ...found }).toMatchObject({ ...expected, ...('old' in expected ? { old: found.old } : {}) });
  });

  it('are given for each architecture where ways meet, and not for too many', () => {
    const merge = (nr: number, arches: readonly string[]): string =>
      [
        'ld [arch]',
        ...arches.map((arch, i) => `jeq #AUDIT_ARCH_${arch}, yes, n${i}\nn${i}: ld [arch]`),
        'ret KILL',
        'yes: ld [nr]',
        `call: jeq #${nr}, end, end`,
        'end: ret ALLOW',
      ].join('\n');
    const call = (nr: number, ...arches: string[]) => comments(merge(nr, arches)).call;
    expect(call(3, 'X86_64', 'I386')).toBe('read (x86), close (x86_64)');
    expect(call(3, 'ARM', 'I386')).toBe('read');
    expect(call(291, 'X86_64', 'I386', 'AARCH64', 'S390X', 'PPC64LE', 'MIPS')).toBe('');
  });
});

describe('never reached', () => {
  it.each([
    [
      'a second test of the same architecture',
      'ld [arch]\njeq #AUDIT_ARCH_ARM, a, b\na: jeq #AUDIT_ARCH_ARM, b, dead\ndead: ret #1\nb: ret ALLOW',
    ],
    [
      'an architecture after another',
      'ld [arch]\njeq #AUDIT_ARCH_ARM, a, b\na: jeq #AUDIT_ARCH_I386, dead, b\ndead: ret #1\nb: ret ALLOW',
    ],
    [
      'a number out of its interval',
      'ld [nr]\njgt #10, b, a\na: jeq #11, dead, b\ndead: ret #1\nb: ret ALLOW',
    ],
    ['a number tested twice', 'ld [nr]\njeq #7, a, b\na: jge #7, b, dead\ndead: ret #1\nb: ret ALLOW'],
    ['a constant', 'ld #5\nadd #1\njeq #6, b, dead\ndead: ret #1\nb: ret ALLOW'],
    ['the length', 'ld len\njgt #63, b, dead\ndead: ret #1\nb: ret ALLOW'],
    ['an instruction after a return', 'ret ALLOW\ndead: ret #1'],
  ])('%s', (_name, text) => {
    expect(comments(text).dead).toBe('never reached');
  });

  it('marks no instruction that a call gets to', () => {
    const r = random(99);
    let marked = 0;
    for (let i = 0; i < 400; i++) {
      const program = randomProgram(r, [0, 0, 4, 16]);
      const reachable = decodeInstructions(program, 'little').map((each) => each.reachable);
      marked += reachable.filter((each) => !each).length;
      const { trace } = prepareProgram(program);
      for (let call = 0; call < 100; call++) {
        const hidden = trace(randomData(r)).path.find(({ index }) => reachable[index] !== true);
        if (hidden !== undefined) expect([program, hidden.index]).toBe('reachable');
      }
    }
    expect(marked).toBeGreaterThan(200);
  });
});

/** Programs that do little but compare nr and arch with neighbouring constants, where off by one shows. */
function comparisons(r: Random): Program {
  const words = [0, 1, 2, 3, 4, 0x40000000, 0x40000001, 0x3fffffff, 0xc000003e, 0x40000003];
  const body = Array.from({ length: 14 }, () => {
    const [jt, jf] = [r.below(3), r.below(3)];
    const code = r.pick([0x20, 0x20, 0x54, 0x15, 0x25, 0x35, 0x45, 0x15, 0x25, 0x35, 0x06, 0x07, 0x87, 0x02]);
    if (code === 0x20) return { code, jt: 0, jf: 0, k: r.pick([0, 0, 4]) };
    if (code === 0x54) return { code, jt: 0, jf: 0, k: r.pick([0x40000000, 0xbfffffff, 0xffffffff]) };
    if (code === 0x02) return { code, jt: 0, jf: 0, k: 1 };
    return { code, jt, jf, k: r.pick(words) };
  });
  const end = { code: 0x06, jt: 0, jf: 0, k: 0 };
  return [{ code: 0x20, jt: 0, jf: 0, k: 0 }, ...body, end, end, end];
}

describe('facts about nr and arch', () => {
  it('are true of every call', () => {
    const r = random(2718);
    const nrs = [0, 1, 2, 3, 4, 5, 0x3fffffff, 0x40000000, 0x40000001, 0x40000002, -1];
    let marked = 0;
    for (let i = 0; i < 3000; i++) {
      const program = comparisons(r);
      const reachable = decodeInstructions(program, 'little').map((each) => each.reachable);
      marked += reachable.filter((each) => !each).length;
      const { trace } = prepareProgram(program);
      for (const nr of nrs) {
        for (const arch of [0xc000003e, 0x40000003, 0x12345]) {
          const { path } = trace({ nr, arch, instructionPointer: 0n, args: [] });
          for (const { index } of path)
            if (reachable[index] !== true) expect([program, nr, arch]).toEqual(index);
        }
      }
    }
    expect(marked).toBeGreaterThan(3000);
  });
});

describe('formatReturnWord', () => {
  // SECCOMP_RET_* of include/uapi/linux/seccomp.h.
  it.each([
    [0x80000000, 'KILL_PROCESS'],
    [0x00000000, 'KILL_THREAD'],
    [0x00030000, 'TRAP'],
    [0x00050000, 'ERRNO 0 (success)'],
    [0x0005000d, 'ERRNO EACCES (13)'],
    [0x7fc00000, 'USER_NOTIF'],
    [0x7ff00007, 'TRACE 7'],
    [0x7ffc0000, 'LOG'],
    [0x7fff0000, 'ALLOW'],
    [0x12340000, '0x12340000, unknown: kills the process, unless another filter wins'],
  ])('0x%s is %s', (word, text) => {
    expect(formatReturnWord(word)).toBe(text);
  });
});
