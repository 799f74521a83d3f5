import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArchName, allArchitectures, X32_SYSCALL_BIT } from '../../src/abi/architectures.ts';
import {
  allSyscallNames,
  directSyscallNumber,
  isPseudo,
  multiplexedCall,
  syscallName,
  syscallNumber,
  tableSource,
} from '../../src/abi/syscall-numbers.ts';
import { loadKoffi } from '../../src/ffi.ts';
import { debianCache, projectRoot, readManifest } from '../../tools/debian-cache.ts';
import { renderSyscallTable } from '../../tools/syscall-table.ts';
import { installedLibraries, libraryByVersion, skipUnless } from '../oracle/libraries.ts';

const x32 = X32_SYSCALL_BIT;

describe('syscallNumber', () => {
  it.each<[string, ArchName, number | undefined, string]>([
    ['read', 'x86_64', 0, 'a plain number'],
    ['read', 'x32', x32, 'bit 30 is in'],
    ['read', 'mips', 4003, 'the o32 base is in'],
    ['read', 'mipsel64', 5000, 'the n64 base is in, the twin architecture has it too'],
    ['read', 'mips64n32', 6000, 'the n32 base is in'],
    ['set_tls', 'arm', 0x0f0005, 'private to ARM'],
    ['set_tls', 'aarch64', -10183, 'a call the architecture lacks'],
    ['open', 'aarch64', -10166, 'a call the architecture lacks'],
    ['socket', 'x86', -101, 'goes through socketcall, as libseccomp sees it'],
    ['socket', 'x86_64', 41, 'no multiplexer here'],
    ['recv', 'x86_64', -110, 'a multiplexed call, but no multiplexer and no call of its own'],
    ['switch_endian', 'ppc64le', 363, 'on every PowerPC'],
    ['', 'x86_64', undefined, 'no name'],
    ['Read', 'x86_64', undefined, 'letter case counts'],
    ['constructor', 'x86_64', undefined, 'no property of an object'],
  ])('%s on %s is %s: %s', (name, arch, nr) => {
    expect(syscallNumber(name, arch)).toBe(nr);
  });
});

describe('multiplexedCall and directSyscallNumber', () => {
  it.each<[string, ArchName, ReturnType<typeof multiplexedCall>, number | undefined]>([
    ['socket', 'x86', { multiplexer: 'socketcall', nr: 102, argument: 1 }, 359],
    ['accept', 'x86', { multiplexer: 'socketcall', nr: 102, argument: 5 }, undefined],
    ['shmat', 's390x', { multiplexer: 'ipc', nr: 117, argument: 21 }, 397],
    ['bind', 'mips', { multiplexer: 'socketcall', nr: 4102, argument: 2 }, 4169],
    ['socket', 'x86_64', undefined, 41],
    ['socket', 'parisc', undefined, 17],
    ['read', 'x86', undefined, 3],
    ['open', 'aarch64', undefined, undefined],
    ['nothing', 'x86', undefined, undefined],
  ])('%s on %s', (name, arch, call, direct) => {
    expect(multiplexedCall(name, arch)).toEqual(call);
    expect(directSyscallNumber(name, arch)).toBe(direct);
  });
});

describe('syscallName', () => {
  it.each<[number, ArchName, string | undefined]>([
    [59, 'x86_64', 'execve'],
    [x32 + 520, 'x32', 'execve'],
    [520, 'x32', undefined],
    [59, 'x32', undefined],
    [4011, 'mips', 'execve'],
    [11, 'mips', undefined],
    [359, 'x86', 'socket'],
    [-101, 'x86', 'socket'],
    [-101, 'x86_64', undefined],
    [-10166, 'aarch64', 'open'],
    [-10166, 'x86_64', undefined],
    [-1, 'x86_64', undefined],
    [0, 's390x', undefined],
    [100_000, 'x86_64', undefined],
    [0.5, 'x86_64', undefined],
  ])('%d on %s is %s', (nr, arch, name) => {
    expect(syscallName(nr, arch)).toBe(name);
  });

  it('leads every number back to its name', () => {
    for (const { name: arch } of allArchitectures) {
      for (const name of allSyscallNames()) {
        const nr = directSyscallNumber(name, arch);
        if (nr !== undefined) expect(syscallName(nr, arch)).toBe(name);
      }
    }
  });
});

describe('allSyscallNames', () => {
  it('is sorted, without doubles, and cannot be changed', () => {
    const names = allSyscallNames();
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.length).toBeGreaterThan(500);
    expect(Object.isFrozen(names)).toBe(true);
    expect(allSyscallNames()).toBe(names);
  });

  it('names only what some architecture has', () => {
    const everywhere = allArchitectures.map((row) => row.name);
    const lost = allSyscallNames().filter((name) =>
      everywhere.every((arch) => directSyscallNumber(name, arch) === undefined),
    );
    expect(lost).toEqual([]);
  });
});

describe('isPseudo', () => {
  it.each([
    [0, false],
    [-1, false],
    [-99, false],
    [-100, true],
    [-10254, true],
    [x32, false],
  ])('%d: %s', (nr, pseudo) => {
    expect(isPseudo(nr)).toBe(pseudo);
  });
});

const origin = libraryByVersion(tableSource.split(' ')[1] ?? '');

describe.skipIf(skipUnless(origin !== undefined))(
  `the stored table and ${tableSource} (needs npm run fetch)`,
  () => {
    it('is what tools/generate-syscalls.ts writes, byte for byte', () => {
      const file = join(projectRoot(), 'src/abi/syscall-table.generated.ts');
      expect(renderSyscallTable(origin?.path ?? '', origin?.version ?? '')).toBe(readFileSync(file, 'utf8'));
    });

    it('gives every pseudo and real number the name the library gives it', () => {
      const koffi = loadKoffi();
      const free = koffi.load('libc.so.6').func('void free(void *p)');
      const owned = koffi.disposable('OwnedName', 'str', free);
      const resolve = koffi
        .load(origin?.path ?? '')
        .func('seccomp_syscall_resolve_num_arch', owned, ['uint32_t', 'int']);
      for (const { name: arch, scmpArch } of allArchitectures) {
        const numbers = allSyscallNames().map((name) => syscallNumber(name, arch) ?? 0);
        for (const nr of [...numbers, -100, -300, -20_000]) {
          expect(syscallName(nr, arch) ?? null, `${nr} on ${arch}`).toBe(resolve(scmpArch, nr));
        }
      }
    });
  },
);

describe('the stored table and each installed libseccomp', () => {
  const libraries = installedLibraries();

  /** Names the library does not know, and answers that differ from the table. */
  function differences(path: string): { missing: readonly string[]; other: readonly string[] } {
    const library = loadKoffi().load(path);
    const resolve = library.func('int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)');
    const known = library.func('uint32_t seccomp_arch_resolve_name(const char *name)');
    const missing = new Set<string>();
    const other: string[] = [];
    for (const { name: arch, scmpArch } of allArchitectures) {
      if (known(arch) === 0) continue;
      for (const name of allSyscallNames()) {
        const nr = resolve(scmpArch, name) as number;
        if (nr === -1) missing.add(name);
        else if (nr !== syscallNumber(name, arch)) other.push(`${name} on ${arch}: ${nr}`);
      }
    }
    return { missing: [...missing], other };
  }

  /** Entries of older libraries that newer ones corrected. */
  const corrected = ['map_shadow_stack on x32: -10245', '_llseek on parisc64: 140'];
  const expected: Record<string, { missing: number; other: readonly string[] }> = {
    '2.5.4': { missing: 21, other: corrected },
    '2.6.0': { missing: 6, other: corrected.slice(1) },
    '2.6.1': { missing: 0, other: [] },
  };

  it.skipIf(skipUnless(libraries.length > 0)).each(libraries)('$version ($origin)', ({ path, version }) => {
    const { missing, other } = differences(path);
    const known = expected[version];
    if (known !== undefined) expect({ missing: missing.length, other }).toEqual(known);
    else expect(other.filter((line) => !corrected.includes(line))).toEqual([]);
  });
});

/** Kernel headers of each architecture, below usr/lib/linux/uapi of the package linux-libc-dev. */
const headers: Partial<Record<ArchName, string>> = {
  x86: 'x86/asm/unistd_32.h',
  x86_64: 'x86/asm/unistd_64.h',
  x32: 'x86/asm/unistd_x32.h',
  arm: 'arm/asm/unistd-eabi.h',
  aarch64: 'arm64/asm/unistd_64.h',
  loongarch64: 'loongarch/asm/unistd_64.h',
  m68k: 'm68k/asm/unistd_32.h',
  mips: 'mips/asm/unistd_o32.h',
  mipsel: 'mips/asm/unistd_o32.h',
  mips64: 'mips/asm/unistd_n64.h',
  mipsel64: 'mips/asm/unistd_n64.h',
  mips64n32: 'mips/asm/unistd_n32.h',
  mipsel64n32: 'mips/asm/unistd_n32.h',
  parisc: 'parisc/asm/unistd_32.h',
  parisc64: 'parisc/asm/unistd_64.h',
  ppc: 'powerpc/asm/unistd_32.h',
  ppc64: 'powerpc/asm/unistd_64.h',
  ppc64le: 'powerpc/asm/unistd_64.h',
  riscv64: 'riscv/asm/unistd_64.h',
  s390x: 's390/asm/unistd_64.h',
  sh: 'sh/asm/unistd_32.h',
  sheb: 'sh/asm/unistd_32.h',
};
const bases: Record<string, number> = {
  x32,
  mips: 4000,
  mipsel: 4000,
  mips64: 5000,
  mipsel64: 5000,
  mips64n32: 6000,
  mipsel64n32: 6000,
};

function readHeader(file: string, arch: string): Map<string, number> {
  const defines = readFileSync(file, 'utf8').matchAll(/^#define __NR_(\w+)\s+\(?(?:\w+ ?\+ ?)?(\d+)\)?$/gm);
  const base = bases[arch] ?? 0;
  const numbers = [...defines].map(([, name = '', nr]): [string, number] => [name, base + Number(nr)]);
  // Places kept free on MIPS.
  return new Map(numbers.filter(([name]) => !/^(unused|reserved)\d+$/.test(name)));
}

const fetchedHeaders = readManifest().find((entry) => entry.package === 'linux-libc-dev');
const uapi = join(debianCache(), fetchedHeaders?.directory ?? 'absent', 'usr/lib/linux/uapi');

describe.skipIf(skipUnless(existsSync(uapi)))(
  'the stored table and the headers of the newest kernel (needs npm run fetch)',
  () => {
    /** Calls the kernel has and libseccomp 2.6.1 does not know there. */
    const unknown: Partial<Record<ArchName, string[]>> = { loongarch64: ['memfd_secret'] };
    /** The highest common number in the table; what a newer kernel adds above it is the next table's matter. */
    const newestNumber = 471;
    /** ARM's private calls, asm/unistd.h `__ARM_NR_*`. */
    const privateCalls = ['breakpoint', 'cacheflush', 'get_tls', 'set_tls', 'usr26', 'usr32'];

    it.each(Object.entries(headers) as [ArchName, string][])('%s: %s', (arch, file) => {
      const kernel = readHeader(join(uapi, file), arch);
      expect(kernel.size).toBeGreaterThan(300);
      const missing = [...kernel.keys()].filter((name) => directSyscallNumber(name, arch) === undefined);
      const isOld = (name: string) => (kernel.get(name) ?? 0) - (bases[arch] ?? 0) <= newestNumber;
      expect(missing.filter(isOld)).toEqual(unknown[arch] ?? []);
      const stored = new Map(
        allSyscallNames().flatMap((name): [string, number][] => {
          const nr = directSyscallNumber(name, arch);
          return nr === undefined || (arch === 'arm' && privateCalls.includes(name)) ? [] : [[name, nr]];
        }),
      );
      for (const [name, nr] of stored) expect(kernel.get(name), name).toBe(nr);
    });
  },
);

const ownHeader = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
describe.skipIf(skipUnless(existsSync(ownHeader)))(
  'the stored table and asm/unistd_64.h of this machine (linux-libc-dev)',
  () => {
    it('has every call of it', () => {
      const kernel = readHeader(ownHeader, 'x86_64');
      expect(kernel.size).toBeGreaterThan(350);
      for (const [name, nr] of kernel) expect(syscallNumber(name, 'x86_64'), name).toBe(nr);
    });
  },
);
