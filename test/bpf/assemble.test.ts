import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/bpf/assemble.ts';
import { disassemble } from '../../src/bpf/disassemble.ts';
import { mnemonics, opcodes } from '../../src/bpf/opcodes.ts';
import type { TextProblem } from '../../src/bpf/text-problem.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { samples } from '../support/samples.ts';

const word = fc.record({
  // Half of all words with an operation's code, or nothing but .word would be tried.
  code: fc.oneof(fc.constantFrom(...opcodes.map(({ code }) => code)), fc.integer({ min: 0, max: 0xffff })),
  jt: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
  jf: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
  k: fc.oneof(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 0xffffffff })),
});

function problemsOf(text: string): readonly TextProblem[] {
  try {
    assemble(text, { name: 'x.asm' });
  } catch (error) {
    if (error instanceof OciSeccompError) return error.details.problems as readonly TextProblem[];
    throw error;
  }
  return [];
}

describe('assemble', () => {
  it('undoes disassemble, whatever the words', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), fc.constantFrom('little', 'big'), (program, endian) => {
        expect(assemble(disassemble(program, endian), { name: 'x' })).toEqual(program);
      }),
      { numRuns: samples(3000) },
    );
  });

  it.each([
    ['ld [nr]', [0x20, 0, 0, 0]],
    ['LD [ args[1].hi ]', [0x20, 0, 0, 28]],
    ['ld [instruction_pointer.lo]', [0x20, 0, 0, 8]],
    ['ret ALLOW', [0x06, 0, 0, 0x7fff0000]],
    ['ret ERRNO(EPERM)', [0x06, 0, 0, 0x00050001]],
    ['ret ERRNO(38) ; no such call', [0x06, 0, 0, 0x00050026]],
    ['ret #SECCOMP_RET_TRACE(7)', [0x06, 0, 0, 0x7ff00007]],
    ['ret KILL_PROCESS', [0x06, 0, 0, 0x80000000]],
    ['12 ret #-1', [0x06, 0, 0, 0xffffffff]],
    ['and #0xff', [0x54, 0, 0, 0xff]],
    ['.word 0x123, 1, 2, 0x3', [0x123, 1, 2, 3]],
    ['neg {jt 1, k 0x9}', [0x84, 1, 0, 9]],
  ])('reads %s', (text, [code, jt, jf, k]) => {
    expect(assemble(text, { name: 'x' })).toEqual([{ code, jt, jf, k }]);
  });

  it('takes names of halves in the byte order of the text', () => {
    expect(assemble('.endian big\nld [args[0].hi]', { name: 'x' })[0]?.k).toBe(16);
    expect(assemble('ld [args[0].hi]', { name: 'x', endian: 'big' })[0]?.k).toBe(16);
    expect(assemble('ld [args[0].hi]', { name: 'x' })[0]?.k).toBe(20);
  });

  it('resolves labels and leaves out an else that is the next line', () => {
    const text = `
      ; only getppid is refused
             ld   [nr]
             jeq  #110, no
             jeq  #AUDIT_ARCH_X86_64, no, yes
      yes:   ret  ALLOW
      no:
             ret  ERRNO(EPERM)`;
    expect(assemble(text, { name: 'x' }).map(({ jt, jf }) => [jt, jf])).toEqual([
      [0, 0],
      [2, 0],
      [1, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('keeps the targets of a listing with a line put between', () => {
    const text = '0 ld [0]\n1 jeq #5, 2, 3\n  add #1\n2 ret ALLOW\n3 ret KILL';
    expect(assemble(text, { name: 'x' })[1]).toEqual({ code: 0x15, jt: 1, jf: 2, k: 5 });
  });

  // ERRNO: the kernel returns no larger one than MAX_ERRNO (include/linux/err.h). The others: 16 bits.
  it.each([
    ['ERRNO(4095)', 0x0005_0fff],
    ['ERRNO(4096)', undefined],
    ['TRACE(65535)', 0x7ff0_ffff],
    ['TRACE(65536)', undefined],
    ['TRAP(4096)', 0x0003_1000],
    ['ERRNO(ENOSYS)', 0x0005_0026],
  ])('takes as much data as the action: %s', (action, word) => {
    const text = `ret ${action}`;
    if (word === undefined) expect(problemsOf(text)).toHaveLength(1);
    else expect(assemble(text, { name: 'x' })).toEqual([{ code: 6, jt: 0, jf: 0, k: word }]);
  });

  it('reports all problems with their places', () => {
    const far = 'ja 2\n'.repeat(1);
    const text = `${far}lod [nr]\nldx [args[6].lo]\nld [args[6].lo]\nret ERRNO\na: a: ret ALLOW\njeq #1, b, 0\ntax x\nret #0x100000000`;
    expect(problemsOf(text).map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '2:1 bpf-mnemonic',
      '3:5 bpf-operand',
      '4:4 bpf-operand',
      '5:5 bpf-operand',
      '6:4 bpf-label',
      '7:9 bpf-target',
      '7:12 bpf-target',
      '8:5 bpf-operand',
      '9:5 bpf-operand',
    ]);
    expect(problemsOf('lod [nr]')[0]?.hint).toBe('did you mean ld?');
  });

  it('refuses branches of more than 255 instructions', () => {
    const text = `jeq #1, far, near\nnear: ${'ret ALLOW\n'.repeat(256)}far: ret KILL`;
    expect(problemsOf(text).map(({ message }) => message)).toEqual([
      '257 is 256 instructions away; the limit is 255',
    ]);
  });

  it('ends on any text', () => {
    const line = fc.array(
      fc.oneof(
        fc.constantFrom(...mnemonics, '#', '[', ']', 'x', ',', '{', 'jt', ':', '7', 'M[', ' ', 'a:'),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(fc.array(line.map((words) => words.join(' '))), (lines) => {
        problemsOf(lines.join('\n'));
      }),
      { numRuns: samples(1000) },
    );
  });
});
