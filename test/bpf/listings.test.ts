/**
 * Listings that other tools print, against the bytes of the programs: what fixtures/listings/README.md says they are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeProgram } from '../../src/bpf/program.ts';
import { readProgram, readPrograms } from '../../src/bpf/read-program.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { detectFile } from '../../src/oci/file-kind.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const text = (file: string): string => readFileSync(join(fixtures, 'listings', file), 'utf8');
const base64 = (path: string): readonly string[] =>
  readFileSync(join(fixtures, path), 'utf8')
    .trim()
    .split(path.startsWith('listings/firejail') ? '\n' : '\0')
    .map((each) => each.replace(/\s/g, ''));

/** The programs of a text, as base64 of their bytes. */
function read(input: string): readonly string[] {
  const programs = readPrograms(new TextEncoder().encode(input), { name: 'x' });
  return programs.map(({ program, endian }) =>
    Buffer.from(encodeProgram(program, endian)).toString('base64'),
  );
}

interface Shown {
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

function problems(input: string): readonly Shown[] {
  try {
    readPrograms(new TextEncoder().encode(input), { name: 'x' });
  } catch (error) {
    if (error instanceof OciSeccompError && Array.isArray(error.details.problems)) {
      return error.details.problems as readonly Shown[];
    }
    throw error;
  }
  return [];
}

const places = (input: string): readonly string[] =>
  problems(input).map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('listings of other tools', () => {
  it.each([
    ['openssh-preauth.seccomp-tools.txt', 'columns', 'programs/openssh-preauth.b64'],
    ['lxc.seccomp-tools.txt', 'columns', 'programs/lxc.b64'],
    ['openssh-preauth.firejail.txt', 'columns', 'programs/openssh-preauth.b64'],
    ['strace.txt', 'strace', 'listings/strace.b64'],
    ['strace-raw.txt', 'strace', 'listings/strace.b64'],
    ['strace-verbose.txt', 'strace', 'listings/strace.b64'],
  ])('%s is read as the bytes that were given', (file, form, bytes) => {
    expect(read(text(file))).toEqual(base64(bytes));
    expect(readProgram(Buffer.from(text(file)), { name: 'x' }).form).toBe(form);
    expect(detectFile(text(file))).toEqual({ kind: 'program', form: 'text', sure: true });
  });

  it('a log of firejail --debug holds both filters of the process', () => {
    const filters = base64('listings/firejail-debug.b64');
    expect(filters).toHaveLength(2);
    expect([...read(text('firejail-debug.txt'))].sort()).toEqual([...filters].sort());
    expect(() => readProgram(Buffer.from(text('firejail-debug.txt')), { name: 'x' })).toThrow(
      'x shows 2 programs, which begin in the lines 11, 67',
    );
    expect(detectFile(text('firejail-debug.txt'))).toMatchObject({ kind: 'program', sure: true });
  });

  it('the decimal form means what the rows of C mean', () => {
    const decimal = text('tcpdump-ddd.txt');
    expect(read(decimal)).toEqual(read(text('tcpdump-dd.txt')));
    // bpf_asm and nfbpf_compile join the same rows with commas; iptables wants them in quotes.
    const joined = decimal.trim().split('\n').join(',');
    for (const form of [joined, `${joined},\n`, `load bpf ${joined}`, `'${joined}'`]) {
      expect(read(form), form.slice(0, 20)).toEqual(read(decimal));
      expect(detectFile(form)).toMatchObject({ kind: 'program', sure: true });
    }
    expect(places(decimal.replace(/\n[^\n]*\n$/, '\n'))).toEqual(['1:1 bpf-gap']);
    expect(places(decimal.replace('40 0 0 12', '40 0 0 4294967296'))).toEqual(['2:1 bpf-operand']);
    expect(places(decimal.replace('21 0 6 34525', '21 0 6'))[0]).toBe('3:1 bpf-syntax');
  });
});

describe.each(['openssh-preauth.seccomp-tools.txt', 'openssh-preauth.firejail.txt'])('%s', (file) => {
  const lines = text(file).trimEnd().split('\n');
  const rows = lines.flatMap((line, index) => (/^ \d[\da-f]{3}:/.test(line) ? [index] : []));
  const without = (from: number, to: number): string =>
    lines.filter((_, index) => index < from || index >= to).join('\n');

  it('is an error when a row is missing, wherever it is', () => {
    expect(rows).toHaveLength(99);
    for (const row of rows) {
      const found = places(without(row, row + 1));
      expect(found.length, lines[row]).toBeGreaterThan(0);
      expect(found[0], lines[row]).toMatch(/^\d+:2 bpf-gap$/);
    }
  });

  it('is an error when its end is missing, wherever it was cut', () => {
    for (const row of rows.slice(1)) expect(places(without(row, lines.length)), lines[row]).not.toEqual([]);
    expect(problems(without(rows[50] ?? 0, lines.length)).map(({ message }) => message)).toEqual([
      expect.stringContaining('its end is missing'),
    ]);
  });

  it('is an error when a row was cut or wrapped', () => {
    const broken = lines.map((line, index) => (index === rows[7] ? line.slice(0, 20) : line)).join('\n');
    expect(places(broken)[0]).toBe(`${(rows[7] ?? 0) + 1}:2 bpf-syntax`);
  });

  it('is an error when a column no longer says what the text says', () => {
    let changed = 0;
    for (const row of rows) {
      const line = lines[row] ?? '';
      const isJump = /\bif \(|\bj(?:eq|ge|gt|set)\b/.test(line);
      if (!isJump && !/\b(?:return|ret)\b/.test(line)) continue;
      const columns = [...line.matchAll(/(?<=[ x])(?:[0-9a-f]{8}|[0-9a-f]{2})(?= )/g)].slice(0, 4);
      for (const [i, { 0: digits, index }] of columns.entries()) {
        if (!isJump && (i === 1 || i === 2)) continue;
        // The last digit, but the highest of KILL_PROCESS and KILL_THREAD that firejail does not tell apart.
        const last = digits.endsWith('0') ? '4' : '0';
        const other = `${line.slice(0, index)}${digits.slice(0, -1)}${last}${line.slice(index + digits.length)}`;
        if (/return KILL|ret KILL|ALLOW/.test(line) && i === 3) continue;
        const found = places(lines.map((each, at) => (at === row ? other : each)).join('\n'));
        expect(found, other).not.toEqual([]);
        changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(200);
  });
});

describe('what the text beside columns says', () => {
  const head = ' 0000: 0x20 0x00 0x00 0x00000004  A = arch\n';
  const rest = ' 0003: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n';
  const row = (columns: string, said: string): string =>
    `${head} 0001: ${columns}  ${said}\n 0002: 0x06 0x00 0x00 0x00000000  return KILL\n${rest}`;

  it.each([
    ['0x15 0x01 0x00 0xc000003e', 'if (A == ARCH_X86_64) goto 0003'],
    ['0x15 0x00 0x01 0xc000003e', 'if (A != ARCH_X86_64) goto 0003'],
    ['0x15 0x00 0x01 0x0000003b', 'if (A != execve) goto 0003'],
    ['0x45 0x00 0x01 0x00000005', 'if (!(A & 5)) goto 0003'],
    ['0x1d 0x01 0x00 0x00000000', 'if (A == X) goto 0003'],
    ['0x20 0x00 0x00 0x00000014', 'A = args[0] >> 32'],
    ['0x20 0x00 0x00 0x00000014', 'A = fd >> 32 # write(fd, buf, count)'],
    ['0x54 0x00 0x00 0x000000ff', 'A &= 0xff'],
    ['0x05 0x00 0x00 0x00000001', 'goto 0003'],
    ['0x06 0x00 0x00 0x00050026', 'return ERRNO(38)'],
    ['0x02 0x00 0x00 0x00000003', 'mem[3] = A'],
    // A name that tables of other tools give to another number.
    ['0x15 0x01 0x00 0x0000011b', 'if (A == timerfd) goto 0003'],
    ['0x15 0x01 0x00 0x00000168', 'if (A == i386.socketpair) goto 0003'],
  ])('%s is %s', (columns, said) => {
    expect(places(row(columns, said))).toEqual([]);
  });

  it.each([
    ['0x15 0x00 0x01 0xc000003e', 'if (A == ARCH_X86_64) goto 0003', 'the jump leads to line 2'],
    ['0x15 0x01 0x00 0x40000003', 'if (A == ARCH_X86_64) goto 0003', 'K is 0x40000003'],
    ['0x15 0x01 0x00 0x0000003c', 'if (A == execve) goto 0003', 'K is 0x0000003c'],
    ['0x25 0x01 0x00 0x0000003b', 'if (A == execve) goto 0003', 'the code is 0x25 (jgt)'],
    ['0x20 0x00 0x00 0x00000010', 'A = args[0] >> 32', 'K is 0x00000010'],
    ['0x54 0x00 0x00 0x000000fe', 'A &= 0xff', 'K is 0x000000fe'],
    ['0x05 0x00 0x00 0x00000000', 'goto 0003', 'the jump leads to line 2'],
    ['0x06 0x00 0x00 0x00050001', 'return ERRNO(38)', 'K is 0x00050001'],
    ['0x06 0x00 0x00 0x7fff0000', 'return KILL', 'K is 0x7fff0000'],
    ['0x15 0x01 0x00 0x00000169', 'if (A == i386.socketpair) goto 0003', 'K is 0x00000169'],
  ])('%s is not %s', (columns, said, reason) => {
    const found = problems(row(columns, said));
    expect(found.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '2:35 bpf-contradiction',
    ]);
    expect(found[0]?.message).toBe(`"${said}" contradicts the columns beside it: ${reason}`);
  });

  it('says that columns are missing where seccomp-tools was told not to print them', () => {
    const bare = '0000: A = arch\n0001: return ALLOW\n';
    expect(problems(bare)).toMatchObject([
      { line: 1, code: 'bpf-syntax', hint: expect.stringContaining('--no-bpf') },
      { line: 2 },
    ]);
  });
});

describe('traces', () => {
  const trace = text('strace.txt');

  it('say when strace showed an address only', () => {
    expect(problems(text('strace-short.txt'))).toMatchObject([
      { line: 2, column: 37, code: 'bpf-gap', hint: expect.stringContaining('strace -f -v') },
    ]);
  });

  it.each([
    ['entries left out', trace.replace(/, BPF_STMT\(BPF_RET\|BPF_K, SECCOMP_RET_ALLOW\)/, ', ...')],
    ['an entry missing', trace.replace(/BPF_STMT\(BPF_LD\|BPF_W\|BPF_ABS, 0x4\), /, '')],
    ['another length', trace.replace('len=29', 'len=30')],
    ['a line that ends early', trace.slice(0, trace.indexOf('SECCOMP_RET_ALLOW'))],
  ])('are an error with %s', (_, damaged) => {
    expect(damaged).not.toBe(trace);
    expect(places(damaged).map((place) => place.replace(/:\d+/, ''))).toEqual(['2 bpf-gap']);
  });

  it('are an error where numbers and names of -X verbose differ', () => {
    const damaged = text('strace-verbose.txt').replace(
      '0x50000 /* SECCOMP_RET_ERRNO',
      '0x30000 /* SECCOMP_RET_ERRNO',
    );
    expect(places(damaged)).toEqual([expect.stringMatching(/^2:\d+ bpf-contradiction$/)]);
  });

  it('leave out what the kernel refused, and tell processes apart', () => {
    const [, call = ''] = trace.split('\n');
    const refused = call.replace(/= 0$/, '= -1 EINVAL (Invalid argument)').replaceAll('0x53', '0x54');
    expect(read(`${refused}\n${call}\n`)).toEqual(base64('listings/strace.b64'));
    expect(read(`[pid 7] ${call}\n[pid 7] ${call}\n`)).toHaveLength(2);
    expect(problems(`[pid 7] ${call}\n[pid 8] ${call}\n`)).toMatchObject([
      { line: 2, hint: expect.stringContaining('keep the lines of one process') },
    ]);
    const unfinished = call.replace(/\) = 0$/, ' <unfinished ...>');
    const resumed = '[pid 7] <... seccomp resumed>) = -1 EACCES (Permission denied)';
    expect(read(`[pid 7] ${unfinished}\n${resumed}\n[pid 7] ${call}\n`)).toHaveLength(1);
  });
});

describe('arrays of C', () => {
  const array = (rows: string, length = ''): string => `struct sock_filter f[${length}] = {\n${rows}\n};\n`;
  const load = 'BPF_STMT(BPF_LD|BPF_W|BPF_ABS, offsetof(struct seccomp_data, nr)),';
  const allow = 'BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW),';
  const arch = 'BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, AUDIT_ARCH_AARCH64, 0, 1),';

  it.each([
    ['a macro that could be instructions', array(`VALIDATE_ARCHITECTURE,\n${allow}`), ['2:1']],
    ['a macro with arguments', array(`${load}\nALLOW_SYSCALL(read),\n${allow}`), ['3:1']],
    ['rows that the preprocessor chooses', array(`${load}\n#ifdef X\n${arch}\n#endif\n${allow}`), ['3:1']],
    ['fewer rows than its length', array(allow, '2'), ['1:22']],
    ['no end', array(allow).replace('};', ''), ['1:26']],
    [
      'a call of an unknown architecture',
      array(`BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, __NR_read, 0, 1),\n${allow}`),
      ['2:33'],
    ],
  ])('are an error with %s', (_, source, expected) => {
    expect(problems(source).map(({ line, column }) => `${line}:${column}`)).toEqual(expected);
  });

  it('know the calls of the architecture that they compare with', () => {
    const source = array(`${arch}\nBPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, __NR_read, 0, 1),\n${allow}`, '3');
    // arch/arm64/include/uapi: read is 63.
    expect(readProgram(Buffer.from(source), { name: 'x' }).program[1]?.k).toBe(63);
    const one = array(`BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, SYS_read, 0, 1),\n${allow}`);
    expect(readProgram(Buffer.from(one), { name: 'x', arch: 'x86_64' }).program[0]?.k).toBe(0);
  });
});
