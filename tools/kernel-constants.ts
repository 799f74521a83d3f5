/**
 * Asks the C compiler for the values of constants as the kernel headers of an architecture define them.
 *
 * The machine's own compiler reads the headers of every architecture: its predefined macros are replaced by those the
 * headers look at, and the program is compiled to assembly only, never run.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchName } from '../src/abi/architectures.ts';
import { debianCache, readManifest } from './debian-cache.ts';

interface Target {
  /** Folder below usr/lib/linux/uapi of Debian's linux-libc-dev. */
  readonly folder: string;
  readonly bits: '-m32' | '-m64' | '-mx32';
  readonly defines: string;
}

const mipsO32 = '__mips__ _MIPS_SIM=1 _MIPS_SZLONG=32';
const mipsN32 = '__mips__ _MIPS_SIM=2 _MIPS_SZLONG=32';
const mipsN64 = '__mips__ _MIPS_SIM=3 _MIPS_SZLONG=64';
const big = ' __MIPSEB__';
const little = ' __MIPSEL__';
const ppc64 = '__powerpc__ __powerpc64__';

const targets: Record<ArchName, Target> = {
  x86: { folder: 'x86', bits: '-m32', defines: '' },
  x86_64: { folder: 'x86', bits: '-m64', defines: '' },
  x32: { folder: 'x86', bits: '-mx32', defines: '' },
  arm: { folder: 'arm', bits: '-m32', defines: '__arm__ __ARM_EABI__' },
  aarch64: { folder: 'arm64', bits: '-m64', defines: '__aarch64__' },
  loongarch64: { folder: 'loongarch', bits: '-m64', defines: '__loongarch__ __loongarch_grlen=64' },
  m68k: { folder: 'm68k', bits: '-m32', defines: '__mc68000__ __m68k__' },
  mips: { folder: 'mips', bits: '-m32', defines: mipsO32 + big },
  mipsel: { folder: 'mips', bits: '-m32', defines: mipsO32 + little },
  mips64: { folder: 'mips', bits: '-m64', defines: mipsN64 + big },
  mipsel64: { folder: 'mips', bits: '-m64', defines: mipsN64 + little },
  mips64n32: { folder: 'mips', bits: '-m32', defines: mipsN32 + big },
  mipsel64n32: { folder: 'mips', bits: '-m32', defines: mipsN32 + little },
  parisc: { folder: 'parisc', bits: '-m32', defines: '__hppa__' },
  parisc64: { folder: 'parisc', bits: '-m64', defines: '__hppa__' },
  ppc: { folder: 'powerpc', bits: '-m32', defines: '__powerpc__' },
  ppc64: { folder: 'powerpc', bits: '-m64', defines: ppc64 },
  ppc64le: { folder: 'powerpc', bits: '-m64', defines: ppc64 },
  riscv64: { folder: 'riscv', bits: '-m64', defines: '__riscv __riscv_xlen=64' },
  s390: { folder: 's390', bits: '-m32', defines: '__s390__' },
  s390x: { folder: 's390', bits: '-m64', defines: '__s390__ __s390x__' },
  sh: { folder: 'sh', bits: '-m32', defines: '__sh__ __SH4__' },
  sheb: { folder: 'sh', bits: '-m32', defines: '__sh__ __SH4__' },
};

/** The unpacked headers of all architectures, or `undefined` if they were not fetched (`npm run fetch`). */
export function fetchedHeaders(): string | undefined {
  const entry = readManifest().find((each) => each.package === 'linux-libc-dev');
  const root = entry === undefined ? undefined : join(debianCache(), entry.directory);
  return root !== undefined && existsSync(join(root, 'usr/lib/linux/uapi')) ? root : undefined;
}

function compilerArguments(arch: ArchName, root: string): readonly string[] {
  const { folder, bits, defines } = targets[arch];
  const foreign = folder !== 'x86';
  return [
    bits,
    // Of the 32-bit ABIs only x86's aligns 64-bit members to 4 bytes; it decides the size in an ioctl request.
    ...(foreign && bits === '-m32' ? ['-malign-double'] : []),
    ...(foreign ? ['-U__x86_64__', '-U__i386__', '-Ui386'] : []),
    ...defines
      .split(' ')
      .filter((define) => define !== '')
      .map((define) => `-D${define}`),
    '-nostdinc',
    '-isystem',
    join(root, 'usr/lib/linux/uapi', folder),
    '-isystem',
    join(root, 'usr/include'),
  ];
}

/** What the kernel's own headers expect a C library to have defined. */
const kernelPrelude = `
typedef int pid_t;
typedef __SIZE_TYPE__ size_t;
#include <linux/types.h>
#include <linux/ioctl.h>
`;

function runCompiler(
  source: string,
  args: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync('cc', ['-x', 'c', '-w', '-fmax-errors=0', ...args, '-'], {
    input: source,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 26,
  });
}

/** Which expressions the compiler takes, by index. */
function findDefined(prelude: string, all: readonly string[], args: readonly string[]): readonly number[] {
  const written = findWritten(prelude, all, args);
  // A function each: the compiler names an undeclared identifier once a function.
  const use = (i: number): string =>
    `#line ${i + 1} "constant"\nlong long use_${i}(void) { return (long long)(${all[i]}); }\n`;
  const { status, stderr } = runCompiler(prelude + written.map(use).join(''), ['-fsyntax-only', ...args]);
  if (status === 0) return written;
  const errors = [...stderr.matchAll(/^constant:(\d+):\d+: error/gm)];
  if (errors.length === 0) throw new Error(stderr);
  const refused = new Set(errors.map((match) => Number(match[1]) - 1));
  return written.filter((i) => !refused.has(i));
}

/**
 * Those whose names in capitals the headers write somewhere, by index. The others are undefined, and the compiler compares each
 * of those with all names that it knows, to suggest one: that takes ten times as long as all the rest.
 */
function findWritten(prelude: string, all: readonly string[], args: readonly string[]): readonly number[] {
  const { status, stdout, stderr } = runCompiler(prelude, ['-E', '-dD', ...args]);
  if (status !== 0) throw new Error(stderr);
  const capitals = /\b[A-Z_][A-Z0-9_]*\b/g;
  const words = new Set(stdout.match(capitals));
  const isWritten = (expression: string): boolean =>
    (expression.match(capitals) ?? []).every((name) => words.has(name));
  return all.flatMap((expression, i) => (isWritten(expression) ? [i] : []));
}

/**
 * Evaluates C expressions under some headers.
 *
 * @param expressions - C expressions by a name each
 * @param arch - whose kernel headers are read; `undefined` for this machine's own headers, libc's included
 * @returns 64-bit values, two's complement; a name whose expression uses something undefined is absent
 */
export function evaluate(
  headers: readonly string[],
  expressions: ReadonlyMap<string, string>,
  arch?: ArchName,
): ReadonlyMap<string, bigint> {
  const root = fetchedHeaders();
  if (arch !== undefined && root === undefined) throw new Error('no kernel headers: npm run fetch');
  const args = arch === undefined ? ['-D_GNU_SOURCE'] : compilerArguments(arch, root ?? '');
  const includes = headers.map((header) => `#include <${header}>\n`).join('');
  const prelude = arch === undefined ? includes : kernelPrelude + includes;
  const all = [...expressions.values()];
  const define = (i: number): string => `long long constant_${i} = (long long)(${all[i]});\n`;
  const source = prelude + findDefined(prelude, all, args).map(define).join('');
  const { status, stdout, stderr } = runCompiler(source, ['-S', '-o', '-', ...args]);
  if (status !== 0) throw new Error(stderr);
  return readAssembly(stdout, [...expressions.keys()]);
}

/** Reads `constant_N:` with what follows: `.quad`, a pair of `.long`, `.zero 8`. */
function readAssembly(assembly: string, names: readonly string[]): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  for (const block of assembly.split(/^constant_(?=\d+:)/m).slice(1)) {
    const name = names[Number.parseInt(block, 10)];
    const quad = /^\s*\.quad\s+(-?\d+)/m.exec(block);
    const [low, high] = [...block.matchAll(/^\s*\.long\s+(-?\d+)/gm)].map((match) => BigInt(match[1] ?? 0));
    let value = 0n;
    if (quad !== null) value = BigInt(quad[1] ?? 0);
    else if (low !== undefined && high !== undefined) value = BigInt.asUintN(32, low) | (high << 32n);
    if (name !== undefined) values.set(name, BigInt.asUintN(64, value));
  }
  return values;
}
