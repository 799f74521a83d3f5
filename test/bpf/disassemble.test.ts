import { describe, expect, it } from 'vitest';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { disassemble } from '../../src/bpf/disassemble.ts';
import type { Program } from '../../src/bpf/program.ts';

/** Every opcode of include/uapi/linux/bpf_common.h that seccomp_check_filter() of kernel/seccomp.c lets through. */
const KERNEL_OPCODES: readonly (readonly [code: number, text: string])[] = [
  [0x20, 'ld   [8]'],
  [0x80, 'ld   len'],
  [0x81, 'ldx  len'],
  [0x06, 'ret  #0x8'],
  [0x16, 'ret  a'],
  [0x04, 'add  #0x8'],
  [0x0c, 'add  x'],
  [0x14, 'sub  #0x8'],
  [0x1c, 'sub  x'],
  [0x24, 'mul  #0x8'],
  [0x2c, 'mul  x'],
  [0x34, 'div  #0x8'],
  [0x3c, 'div  x'],
  [0x54, 'and  #0x8'],
  [0x5c, 'and  x'],
  [0x44, 'or   #0x8'],
  [0x4c, 'or   x'],
  [0xa4, 'xor  #0x8'],
  [0xac, 'xor  x'],
  [0x64, 'lsh  #0x8'],
  [0x6c, 'lsh  x'],
  [0x74, 'rsh  #0x8'],
  [0x7c, 'rsh  x'],
  [0x84, 'neg'],
  [0x00, 'ld   #0x8'],
  [0x01, 'ldx  #0x8'],
  [0x07, 'tax'],
  [0x87, 'txa'],
  [0x60, 'ld   M[8]'],
  [0x61, 'ldx  M[8]'],
  [0x02, 'st   M[8]'],
  [0x03, 'stx  M[8]'],
  [0x05, 'ja   9'],
  [0x15, 'jeq  #0x8, 2, 3'],
  [0x1d, 'jeq  x, 2, 3'],
  [0x35, 'jge  #0x8, 2, 3'],
  [0x3d, 'jge  x, 2, 3'],
  [0x25, 'jgt  #0x8, 2, 3'],
  [0x2d, 'jgt  x, 2, 3'],
  [0x45, 'jset #0x8, 2, 3'],
  [0x4d, 'jset x, 2, 3'],
  [0xff, '.word 0xff, 1, 2, 0x8'],
];

function firstLine(program: Program, endian: 'little' | 'big' = 'little'): string {
  return disassemble(program, endian).split('\n')[0] ?? '';
}

describe('disassemble', () => {
  it.each(KERNEL_OPCODES)('writes opcode 0x%s', (code, text) => {
    expect(
      firstLine([{ code, jt: 1, jf: 2, k: 8 }])
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
    expect(listing[1]).toContain('AUDIT_ARCH_X86');
    // On any other architecture number 3 could be anything; on x86 it is read (asm/unistd_32.h).
    expect(listing[3]).not.toContain(';');
    expect(listing[5]).toMatch(/; read$/);
    expect(listing[8]).toMatch(/; never reached$/);
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
    [0x12340000, '0x12340000, unknown: the kernel kills the process'],
  ])('0x%s is %s', (word, text) => {
    expect(formatReturnWord(word)).toBe(text);
  });
});
