import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { libcCalls } from '../../src/abi/libc-calls.ts';
import { nearest, nearestAll, suggestSyscall } from '../../src/abi/nearest-name.ts';
import { allSyscallNames } from '../../src/abi/syscall-numbers.ts';
import { loadKoffi } from '../../src/ffi.ts';
import { skipUnless } from '../oracle/libraries.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { samples } from '../support/samples.ts';

/** The textbook's table without bound or shortcut: optimal string alignment. */
function plainDistance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => i + j),
  );
  const at = (i: number, j: number) => d[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const options = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1])];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        options.push(at(i - 2, j - 2) + 1);
      (d[i] ?? [])[j] = Math.min(...options);
    }
  }
  return at(a.length, b.length);
}

describe('nearest', () => {
  it.each([
    ['opne', 'open', 'swapped neighbours'],
    ['Read', 'read', 'letter case'],
    ['rt-sigreturn', 'rt_sigreturn', 'a dash'],
    ['epol_wait', 'epoll_wait', 'a letter lacks'],
    ['getuidd', 'getuid', 'a letter too many'],
    ['sched_getafinity', 'sched_getaffinity', 'a long word'],
    ['clone4', 'clone', 'nearest by common beginning, then order'],
    ['process_vm_raedv', 'process_vm_readv', 'not its neighbour process_vm_writev'],
  ])('%s is %s: %s', (word, expected) => {
    expect(nearest(word, allSyscallNames())).toBe(expected);
  });

  it.each(['', 'a', 'rd', 'foo', 'banana', 'kubernetes', 'SCMP_ACT_ALLOW', 'x'.repeat(1000)])(
    '%j is near nothing',
    (word) => {
      expect(nearest(word, allSyscallNames())).toBeUndefined();
    },
  );

  it('does not count what all candidates begin with', () => {
    const actions = ['SCMP_ACT_LOG', 'SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'];
    expect(nearest('SCMP_ACT_NOPE', actions)).toBeUndefined();
    expect(nearest('SCMP_ACT_ERNO', actions)).toBe('SCMP_ACT_ERRNO');
    expect(nearest('SCMP_CMP_EQQ', ['SCMP_CMP_EQ', 'SCMP_CMP_NE'])).toBe('SCMP_CMP_EQ');
  });

  it('takes a bound of its own', () => {
    expect(nearest('ab', ['abcd'], 1)).toBeUndefined();
    expect(nearest('ab', ['abcd'], 2)).toBe('abcd');
    expect(nearestAll('ab', ['AB', 'ab', 'ba'], 1)).toEqual(['AB', 'ab', 'ba']);
    expect(nearestAll('ab', ['AB', 'ba'], 0)).toEqual(['AB']);
  });

  it('does not stretch a short candidate to a long word', () => {
    expect(nearestAll('opener', ['open', 'openat'])).toEqual(['openat']);
  });

  it('prefers a common beginning among equally near ones, then the order given', () => {
    expect(nearestAll('dup9', ['cup9', 'dup3', 'dup2'])).toEqual(['dup3', 'dup2', 'cup9']);
  });

  it('finds what the unbounded table finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_'), maxLength: 9 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 4 }), (a, b, max) => {
        expect(nearest(a, [b], max) === b).toBe(plainDistance(a, b) <= max);
      }),
      { numRuns: samples(2000) },
    );
  });

  it('does not fill a table for a word of 16 MiB and all names', () => {
    const spent = cpuClock();
    nearest('x'.repeat(1 << 24), allSyscallNames());
    // Some milliseconds; the whole table has 80,000,000,000 cells.
    expect(spent()).toBeLessThan(10);
  });
});

describe('suggestSyscall', () => {
  it.each([
    ['execvp', ['execve'], 'libc'],
    ['printf', ['write'], 'libc'],
    ['malloc', ['brk', 'mmap'], 'libc'],
    ['pthread_create', ['clone3', 'clone'], 'libc'],
    ['__NR_read', ['read'], 'other-spelling'],
    ['SYS_execve', ['execve'], 'other-spelling'],
    ['__x64_sys_openat', ['openat'], 'other-spelling'],
    ['OPENAT', ['openat'], 'spelling'],
    ['__NR_opneat', ['openat'], 'spelling'],
    ['__x64_sys_opneat', ['openat'], 'spelling'],
    // Linux 6.18 arch/x86/entry/syscalls/*.tbl: the entry point of fstat is sys_newfstat, of umount2 sys_umount.
    ['newfstat', ['fstat'], 'other-spelling'],
    ['newstat', ['stat'], 'other-spelling'],
    ['newlstat', ['lstat'], 'other-spelling'],
    ['newuname', ['uname'], 'other-spelling'],
    ['oldumount', ['umount'], 'other-spelling'],
    ['llseek', ['_llseek'], 'other-spelling'],
    ['sys_read', ['read'], 'other-spelling'],
    ['sys_newuname', ['uname'], 'other-spelling'],
    ['sys_umount', ['umount2'], 'other-spelling'],
    ['__NR_umount', ['umount'], 'other-spelling'],
    ['getuid16', ['getuid'], 'other-spelling'],
    ['__ia32_sys_futex_time32', ['futex'], 'other-spelling'],
  ] as const)('%s: %j (%s)', (word, names, why) => {
    const suggestion = suggestSyscall(word);
    expect(suggestion?.why).toBe(why);
    expect(suggestion?.names.slice(0, names.length)).toEqual(names);
  });

  it.each(['read', 'waitpid', 'open', 'newfstatat', 'umount', 'banana', ''])('%j: nothing to say', (word) => {
    expect(suggestSyscall(word)).toBeUndefined();
  });
});

describe('libcCalls', () => {
  const known = new Set(allSyscallNames());

  it('has no system call among the functions, and only system calls behind them', () => {
    for (const [name, calls] of libcCalls()) {
      expect(known.has(name), name).toBe(false);
      for (const call of calls) expect(known.has(call), `${name}: ${call}`).toBe(true);
    }
  });

  const libc = '/lib/x86_64-linux-gnu/libc.so.6';
  it.skipIf(skipUnless(existsSync(libc)))(
    'names functions the C library of this machine has (glibc, x86_64)',
    () => {
      const library = loadKoffi().load(libc);
      for (const name of libcCalls().keys())
        expect(() => library.func(`void ${name}(void)`), name).not.toThrow();
    },
  );
});
