import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disassemble } from '../../src/bpf/disassemble.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { MAX_TEXT_SIZE, readProgram } from '../../src/bpf/read-program.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { samples } from '../support/samples.ts';
import { random, randomProgram } from './support/random.ts';

/** Processor time; below a second is usual. */
const MOST_CPU_SECONDS = 30;

const program: Program = [
  { code: 0x20, jt: 0, jf: 0, k: 0 },
  { code: 0x15, jt: 0, jf: 1, k: 110 },
  { code: 0x06, jt: 0, jf: 0, k: 0x00050001 },
  { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
];
const little = Buffer.from(encodeProgram(program, 'little'));
const big = Buffer.from(encodeProgram(program, 'big'));
const hex = little.toString('hex');
const pairs = hex.match(/../g) ?? [];

const read = (input: string | Uint8Array) =>
  readProgram(typeof input === 'string' ? Buffer.from(input) : input, { name: 'x' });

function failure(input: string | Uint8Array, endian?: 'little' | 'big'): OciSeccompError {
  try {
    readProgram(typeof input === 'string' ? Buffer.from(input) : input, {
      name: 'x',
      ...(endian === undefined ? {} : { endian }),
    });
  } catch (error) {
    if (error instanceof OciSeccompError) return error;
    throw error;
  }
  throw new Error('no error');
}

const rows = '{ 0x20, 0, 0, 0 }, { 0x15, 0, 1, 110 }, { 6, 0, 0, 0x00050001u }, { 0x06, 0, 0, 0x7fff0000 },';
const macros = `/* refuses { getppid } */
#include <linux/filter.h>
#define OTHER 7
static const struct sock_filter filter[] = {
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offsetof(struct seccomp_data, nr))), // nr
  BPF_JUMP(BPF_JMP + BPF_JEQ + BPF_K, 110, 0, 1),
  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA)),
  { .code = BPF_RET, .k = SECCOMP_RET_ALLOW, .jt = 0, .jf = 0 },
};
static struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };
int main(void) { return load(&prog, "{ 1, 2, 3, 4 }"); }`;

describe('readProgram', () => {
  it.each([
    ['raw, little', little, 'raw', 'little'],
    ['raw, big', big, 'raw', 'big'],
    ['base64', little.toString('base64'), 'base64', 'little'],
    ['base64 in lines', `${little.toString('base64').replace(/.{10}/g, '$&\n')}\n`, 'base64', 'little'],
    ['base64url without padding', big.toString('base64url'), 'base64', 'big'],
    ['hex', hex, 'hex', 'little'],
    ['hex in odd lines', hex.replace(/.{7}/g, '$&\n'), 'hex', 'little'],
    ['hex of big-endian', big.toString('hex').toUpperCase(), 'hex', 'big'],
    ['hex in pairs', pairs.join(' '), 'hex', 'little'],
    ['0x bytes', pairs.map((byte) => `0x${byte}`).join(', '), 'hex', 'little'],
    ['\\x bytes in quotes', `"${pairs.map((byte) => `\\x${byte}`).join('')}"`, 'hex', 'little'],
    ['rows of C', rows, 'c', 'little'],
    ['rows of C in braces', `{ ${rows} }`, 'c', 'little'],
    ['an array of macros', macros, 'c', 'little'],
    ['JSON', JSON.stringify({ endian: 'big', instructions: program }), 'json', 'big'],
    ['a JSON array', ` ${JSON.stringify(program)}`, 'json', 'little'],
    ['a listing', disassemble(program, 'little'), 'asm', 'little'],
    ['a listing of big-endian', `; comment\n\n${disassemble(program, 'big')}`, 'asm', 'big'],
  ])('reads %s', (_name, input, form, endian) => {
    expect(read(input)).toMatchObject({ program, form, endian });
  });

  it('reads the byte order of a C array from its architectures', () => {
    const s390x = '{ 0x20, 0, 0, 4 }, { 0x15, 0, 1, AUDIT_ARCH_S390X }, { 6, 0, 0, 0 }, { 6, 0, 0, 0 }';
    expect(read(s390x).endian).toBe('big');
  });

  it.each([
    ['nothing', '', 'x is empty'],
    ['blanks', ' \n', 'x is blank'],
    ['half an instruction', little.subarray(0, 12), 'after byte 8 come 4 bytes'],
    ['zeros', new Uint8Array(16), 'byte order of x is not clear'],
    [
      'both orders',
      Buffer.concat([little, big]),
      'byte order of x is not clear: 4 instructions look little-endian, 4',
    ],
    ['noise', Uint8Array.from({ length: 80 }, (_, i) => (i * 197 + 3) & 0xff), 'is not a BPF program'],
    ['too much', new Uint8Array(70_000), 'too long'],
    ['far too much', new Uint8Array(MAX_TEXT_SIZE + 1).fill(0x41), 'far too long'],
    ['a profile', '{"defaultAction": "SCMP_ACT_ALLOW"}', 'is a seccomp profile'],
    [
      'JSON with a field out of range',
      '[{"code":6,"jt":0,"jf":256,"k":0}]',
      'instructions[0].jf must be an integer in 0..255',
    ],
    ['broken JSON', '{"instructions": [', 'no valid JSON'],
    ['prose', 'hello world', 'read as base64'],
  ])('refuses %s', (_name, input, message) => {
    const error = failure(input);
    expect(error.code).toBe('ERR_BPF_INVALID');
    expect(error.message).toContain(message);
  });

  it('believes --endian', () => {
    const zeros = new Uint8Array(8);
    expect(readProgram(zeros, { name: 'x', endian: 'big' }).endian).toBe('big');
    expect(readProgram(little, { name: 'x', endian: 'big' }).program[0]?.code).toBe(0x2000);
  });

  it('names the place of every problem in C', () => {
    const text =
      'struct sock_filter f[] = {\n  BPF_STMT(BPF_LDD, 0),\n  { 1, 2, 3 },\n  BPF_STMT(BPF_RET, __NR_read),\n  { 6, 256, 0, (1 },\n};';
    const problems = failure(text).details.problems as {
      line: number;
      column: number;
      message: string;
      hint?: string;
    }[];
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual(['2:12', '3:3', '4:21', '5:8']);
    expect(problems[0]).toMatchObject({ message: 'unknown name BPF_LDD', hint: 'did you mean BPF_LD?' });
  });

  it('ends with a program or an error of its own on any input', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      'BPF_STMT',
      'sock_filter',
      '=',
      ',',
      '0x20',
      '~',
      '-',
      '"',
      '[',
      'ret',
      '\\x',
      '\n',
      '/*',
      ' ',
    );
    const inputs = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.array(pieces, { maxLength: 60 }).map((words) => Buffer.from(words.join(''))),
    );
    fc.assert(
      fc.property(inputs, (bytes) => {
        try {
          readProgram(bytes, { name: 'x' });
        } catch (error) {
          if (!(error instanceof OciSeccompError)) throw error;
          expect(error.code).toBe('ERR_BPF_INVALID');
        }
      }),
      { numRuns: samples(5000) },
    );
  });

  it.each(['(', '{', '~', '[', '/*', 'BPF_STMT(', '{"instructions":['])(
    'does not go over the text again and again for many %s',
    (piece) => {
      const spent = cpuClock();
      failure(`{ 0x20, ${piece.repeat(200_000)}`);
      failure(piece.repeat(200_000));
      expect(spent()).toBeLessThan(MOST_CPU_SECONDS);
    },
  );

  it('reads every form of random programs back', () => {
    const r = random(5);
    for (let i = 0; i < 200; i++) {
      const each = randomProgram(r, [0, 4, 16]);
      const bytes = Buffer.from(encodeProgram(each, 'big'));
      for (const input of [
        bytes,
        bytes.toString('hex'),
        bytes.toString('base64'),
        disassemble(each, 'big'),
      ]) {
        expect(read(input)).toMatchObject({ program: each, endian: 'big' });
      }
    }
  });
});

describe('a text with faults in every line', () => {
  it.each([
    ['as an assembly text', 'ld [nr]\n', 'lod [nr]\n', ''],
    ['as C', 'struct sock_filter f[] = {\n', '{ 0x20, 0, 0, 99999999999 },\n', '};\n'],
    ['as strace prints it', '[', 'BPF_STMT(BPF_LDX|BPF_NONE, 0), ', 'BPF_STMT(BPF_RET|BPF_K, 0)]'],
  ])('is told 100 of them: %s', (_, start, line, end) => {
    const { details } = failure(start + line.repeat(300) + end);
    expect(details.problems).toHaveLength(100);
  });
});
