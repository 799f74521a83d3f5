/**
 * Constants in C arrays against the C compiler's own value, where C defines one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, tokenize } from '../../src/bpf/c-expression.ts';
import { describeWith } from '../oracle/support/require.ts';

const expressions = [
  '1U << 31',
  '1U << 0 | 1U << 4',
  '0x7fff0000U >> 16 & 0xffU',
  '2U + 3U * 4U << 1U',
  '6U ^ 3U & 1U | 8U',
  '(6U ^ 3U) & 1U',
  '10U - 3U - 2U',
  'SECCOMP_RET_ERRNO | 38U & SECCOMP_RET_DATA',
  'BPF_JMP + BPF_JEQ + BPF_K',
  'AUDIT_ARCH_X86_64',
  '__X32_SYSCALL_BIT',
];

const read = (text: string): unknown => evaluate(tokenize(text));

describeWith(['cc'], 'expressions of C', () => {
  it('have the value that the compiler gives them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-c-'));
    try {
      const source = join(folder, 'values.c');
      const headers = [
        '<stdio.h>',
        '<linux/filter.h>',
        '<linux/seccomp.h>',
        '<linux/audit.h>',
        '<asm/unistd.h>',
      ];
      const prints = expressions.map((text) => `printf("%u\\n", (unsigned)(${text}));`);
      const includes = headers.map((name) => `#include ${name}`).join('\n');
      writeFileSync(source, `${includes}\nint main(void) {\n${prints.join('\n')}\n}\n`);
      execFileSync('cc', ['-o', join(folder, 'values'), source]);
      const values = execFileSync(join(folder, 'values'), { encoding: 'utf8' }).trim().split('\n');
      expect(expressions.map(read)).toEqual(values.map((value) => ({ value: Number(value) })));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a shift beyond the word', () => {
  // C leaves it undefined; JavaScript would shift by the low five bits, and 1 << 33 would be 2.
  it.each(['1 << 32', '1 << 33', '4 >> 32', '4 >> 33'])('%s is 0', (text) => {
    expect(read(text)).toEqual({ value: 0 });
  });
});
