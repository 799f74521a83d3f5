import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { errnoByName, errnoName, errnoNames, formatErrno } from '../../src/abi/errno.ts';
import * as ourConstants from '../../src/abi/errno-constants.ts';
import { fetchedHeaders } from '../../tools/kernel-constants.ts';
import { skipUnless } from '../oracle/libraries.ts';

const headers = ['errno-base.h', 'errno.h'].map((name) => `/usr/include/asm-generic/${name}`);

function readHeaders(): Map<string, string> {
  return definitions(headers.map((file) => readFileSync(file, 'utf8')).join('\n'));
}

function definitions(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^#define\s+(E[A-Z0-9]+)\s+(\w+)/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

describe('errno', () => {
  it.each([
    ['EPERM', 1, 'EPERM'],
    ['EAGAIN', 11, 'EAGAIN'],
    ['EWOULDBLOCK', 11, 'EAGAIN'],
    ['EDEADLOCK', 35, 'EDEADLK'],
    ['ENOSYS', 38, 'ENOSYS'],
    ['ENOTSUP', 95, 'EOPNOTSUPP'],
    ['EHWPOISON', 133, 'EHWPOISON'],
  ])('%s is %i, printed as %s', (name, nr, printed) => {
    expect(errnoByName(name)).toBe(nr);
    expect(errnoName(nr)).toBe(printed);
    expect(formatErrno(nr)).toBe(`${printed} (${nr})`);
  });

  it.each(['', '-', 'eperm', 'EPERM ', '1', 'ENOTANERROR', 'toString'])('%j is no name', (name) => {
    expect(errnoByName(name)).toBeUndefined();
  });

  it.each([0, -1, 41, 58, 134, 1.5, Number.NaN, 4095])('%d has no name and prints as it is', (nr) => {
    expect(errnoName(nr)).toBeUndefined();
    expect(formatErrno(nr)).toBe(String(nr));
  });
});

describe.skipIf(skipUnless(headers.every((file) => existsSync(file))))(
  'errno and the headers of linux-libc-dev',
  () => {
    it('has every name and number, and no other', () => {
      const header = readHeaders();
      const expected = [...header].map(([name, value]): [string, number] => [
        name,
        Number(header.get(value) ?? value),
      ]);
      expect(expected.length).toBe(133);
      for (const [name, nr] of expected) expect(errnoByName(name), name).toBe(nr);
      // ENOTSUP is glibc's.
      expect(errnoNames().filter((name) => !header.has(name))).toEqual(['ENOTSUP']);
    });

    it('prints the name that the header gives the number itself', () => {
      for (const [name, value] of readHeaders()) {
        if (/^\d+$/.test(value)) expect(errnoName(Number(value))).toBe(name);
      }
    });
  },
);

const fetched = fetchedHeaders();
/** Folders of the kernel's headers by architecture: these three have numbers of their own, all others are like s390's. */
const folders = [
  ['mips', 'mips'],
  ['mipsel64n32', 'mips'],
  ['parisc64', 'parisc'],
  ['ppc64le', 'powerpc'],
  ['s390x', 's390'],
] as const;

describe.skipIf(skipUnless(fetched !== undefined))('errno and the headers of all architectures', () => {
  it.each(folders)('%s has its own numbers', (arch, folder) => {
    const own = readFileSync(`${fetched}/usr/lib/linux/uapi/${folder}/asm/errno.h`, 'utf8');
    const generic = ['errno-base.h', ...(/asm-generic\/errno\.h/.test(own) ? ['errno.h'] : [])];
    const texts = generic.map((name) => readFileSync(`${fetched}/usr/include/asm-generic/${name}`, 'utf8'));
    const header = definitions([...texts, own].join('\n'));
    // New second names, and names of HP-UX and IRIX.
    const known = [...header].filter(([name]) => errnoNames().includes(name));
    expect(known.length).toBe(133);
    for (const [name, value] of known) {
      const nr = numberIn(header, value);
      expect(errnoByName(name, arch), name).toBe(nr);
      if (/^\d+$/.test(value)) expect(errnoName(nr, arch), name).toBe(name);
    }
  });
});

/** `ECANCELED` is `ECANCELLED` on PA-RISC, and that is a number. */
function numberIn(header: ReadonlyMap<string, string>, value: string): number {
  const other = header.get(value);
  return other === undefined ? Number(value) : numberIn(header, other);
}

describe.skipIf(skipUnless(!process.arch.startsWith('mips')))(
  'errno and Node on this machine (not MIPS)',
  () => {
    it('agrees with os.constants.errno', () => {
      const known = Object.entries(constants.errno);
      expect(known.length).toBeGreaterThan(70);
      for (const [name, nr] of known) expect(errnoByName(name), name).toBe(nr);
    });
  },
);

describe('the errno constants', () => {
  it.each(Object.entries(ourConstants))('%s is what Node’s own table says', (name, nr) => {
    expect(nr).toBe((constants.errno as Record<string, number>)[name] ?? errnoByName(name));
  });
});
