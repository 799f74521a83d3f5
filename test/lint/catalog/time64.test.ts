/**
 * The calls with 64-bit times are those of the kernel's header for i386.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { time64Calls } from '../../../src/lint/catalog/time64.ts';

it('both calls of a pair exist on i386, and the newer not on x86_64', () => {
  const missing = time64Calls.filter((pair) =>
    pair.some((name) => directSyscallNumber(name, 'x86') === undefined),
  );
  // i386 had semtimedop in ipc(2) alone.
  expect(missing).toEqual([['semtimedop', 'semtimedop_time64']]);
  expect(time64Calls.filter(([, name]) => directSyscallNumber(name, 'x86_64') !== undefined)).toEqual([]);
});

const header = ['/usr/include/x86_64-linux-gnu/asm/unistd_32.h', '/usr/include/asm/unistd_32.h'].find(
  existsSync,
);
const bring = header === undefined ? ' (skipped: apt-get install linux-libc-dev)' : '';

describe.skipIf(header === undefined && process.env.OCI_SECCOMP_REQUIRE_ALL !== '1')(
  `asm/unistd_32.h${bring}`,
  () => {
    it('has these between 403 and 423, and no other', () => {
      const text = readFileSync(header ?? '', 'utf8');
      const calls = [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)]
        .filter(([, , nr]) => Number(nr) >= 403 && Number(nr) <= 423)
        .map(([, name]) => name);
      expect(time64Calls.map(([, name]) => name).toSorted()).toEqual(calls.toSorted());
    });
  },
);
