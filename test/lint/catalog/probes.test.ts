/**
 * Library functions of the C library installed here, with the new call denied: ENOSYS is no harm, EPERM is.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { allSyscallNames } from '../../../src/abi/syscall-numbers.ts';
import { probes } from '../../../src/lint/catalog/probes.ts';
import { describeWith } from '../../oracle/support/require.ts';
import { compileFor } from './denied.ts';

it('names calls that exist', () => {
  const names = probes.flatMap(({ syscall, instead }) => [syscall, ...instead]);
  expect(names.filter((name) => !allSyscallNames().includes(name))).toEqual([]);
});

/** Programs that end with 0 if the function succeeds. fchmodat2 needs glibc 2.39 and is not tried. */
const programs = {
  clone3: `#include <pthread.h>
static void *run(void *p) { return p; }
int main(void) { pthread_t t; return pthread_create(&t, 0, run, 0) || pthread_join(t, 0); }`,
  faccessat2: `#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
int main(void) { return faccessat(AT_FDCWD, "/", R_OK, AT_EACCESS) != 0; }`,
  statx: `#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
int main(void) { struct statx s; return statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, &s) != 0; }`,
};

describeWith(['x86_64', 'cc', 'strace', 'ptrace'], 'functions that try a new call', () => {
  describe.each(Object.entries(programs))('%s', (syscall, source) => {
    const built = compileFor('cc', source);
    afterAll(() => built.remove());

    it('is in the catalog', () => {
      expect(probes.some((probe) => probe.syscall === syscall)).toBe(true);
    });

    it('succeeds after ENOSYS, fails after EPERM', () => {
      expect(built.run(syscall, 'ENOSYS')).toBe(0);
      expect(built.run(syscall, 'EPERM')).toBe(1);
    });
  });
});
