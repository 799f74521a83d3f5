/**
 * The architectures libseccomp 2.6.1 knows, one row each: every spelling, token and fact about an architecture
 * is a field of its row, and every lookup is derived from the rows.
 *
 * Sources: libseccomp 2.6.1 include/seccomp.h.in (`SCMP_ARCH_*`), Linux 6.18 include/uapi/linux/audit.h
 * (`AUDIT_ARCH_*`), runtime-spec 1.3 config-linux.md#seccomp, moby/profiles seccomp/seccomp_linux.go (names in
 * `arches`), libseccomp-golang `ScmpArch.String`.
 * @module
 */

/** An architecture by libseccomp's name for it. `findArchitecture` reads other spellings. */
export type ArchName =
  | 'x86'
  | 'x86_64'
  | 'x32'
  | 'arm'
  | 'aarch64'
  | 'loongarch64'
  | 'm68k'
  | 'mips'
  | 'mips64'
  | 'mips64n32'
  | 'mipsel'
  | 'mipsel64'
  | 'mipsel64n32'
  | 'parisc'
  | 'parisc64'
  | 'ppc'
  | 'ppc64'
  | 'ppc64le'
  | 'riscv64'
  | 's390'
  | 's390x'
  | 'sh'
  | 'sheb';

/** A byte order. */
export type Endian = 'little' | 'big';

/** One architecture with all its names and numbers. */
export interface Architecture {
  /** libseccomp's name, as `seccomp_arch_resolve_name(3)` takes it. */
  readonly name: ArchName;
  /** runtime-spec spelling. */
  readonly ociArch: `SCMP_ARCH_${string}`;
  /** libseccomp's token, u32. */
  readonly scmpArch: number;
  /** What the kernel puts in `seccomp_data.arch`, u32. NOTE: x32 shares x86_64's and is told apart by bit 30 of nr. */
  readonly auditArch: number;
  /** Size of a system call argument as the filter sees it; x32 and the n32 ABIs count as 32, as in libseccomp. */
  readonly bits: 32 | 64;
  /** The byte order, which is that of the program and of `seccomp_data`. */
  readonly endian: Endian;
  /** Go's GOARCH, where Go has (or reserves) one. */
  readonly goArch: string | undefined;
  /** What `uname -m` prints on such machines. */
  readonly uname: readonly string[];
  /** Further names people use. */
  readonly aliases: readonly string[];
  /** The name moby's profiles use in `includes.arches` and `excludes.arches` when this is the host. */
  readonly mobyArch: string | undefined;
  /** The name libseccomp-golang prints, which containers/common compares `arches` with. */
  readonly golangArch: string;
  /** First libseccomp release with this architecture; 2.0.0, the first of this API, for those older than it. */
  readonly since: string;
}

/** Every architecture that libseccomp 2.6.1 knows, by its name there. */
export const architectures = {
  x86: {
    name: 'x86',
    ociArch: 'SCMP_ARCH_X86',
    scmpArch: 0x40000003,
    auditArch: 0x40000003,
    bits: 32,
    endian: 'little',
    goArch: '386',
    uname: ['i386', 'i486', 'i586', 'i686'],
    aliases: ['x86'],
    mobyArch: 'x86',
    golangArch: 'x86',
    since: '2.0.0',
  },
  x86_64: {
    name: 'x86_64',
    ociArch: 'SCMP_ARCH_X86_64',
    scmpArch: 0xc000003e,
    auditArch: 0xc000003e,
    bits: 64,
    endian: 'little',
    goArch: 'amd64',
    uname: ['x86_64'],
    aliases: ['x86-64', 'x64', 'amd64'],
    mobyArch: 'amd64',
    golangArch: 'amd64',
    since: '2.0.0',
  },
  x32: {
    name: 'x32',
    ociArch: 'SCMP_ARCH_X32',
    scmpArch: 0x4000003e,
    auditArch: 0xc000003e,
    bits: 32,
    endian: 'little',
    goArch: undefined,
    uname: [],
    aliases: ['x32'],
    mobyArch: undefined,
    golangArch: 'x32',
    since: '2.1.0',
  },
  arm: {
    name: 'arm',
    ociArch: 'SCMP_ARCH_ARM',
    scmpArch: 0x40000028,
    auditArch: 0x40000028,
    bits: 32,
    endian: 'little',
    goArch: 'arm',
    uname: ['armv6l', 'armv7l', 'armv8l'],
    aliases: ['armhf', 'armel'],
    mobyArch: 'arm',
    golangArch: 'arm',
    since: '2.1.0',
  },
  aarch64: {
    name: 'aarch64',
    ociArch: 'SCMP_ARCH_AARCH64',
    scmpArch: 0xc00000b7,
    auditArch: 0xc00000b7,
    bits: 64,
    endian: 'little',
    goArch: 'arm64',
    uname: ['aarch64'],
    aliases: ['armv8'],
    mobyArch: 'arm64',
    golangArch: 'arm64',
    since: '2.2.0',
  },
  loongarch64: {
    name: 'loongarch64',
    ociArch: 'SCMP_ARCH_LOONGARCH64',
    scmpArch: 0xc0000102,
    auditArch: 0xc0000102,
    bits: 64,
    endian: 'little',
    goArch: 'loong64',
    uname: ['loongarch64'],
    aliases: [],
    mobyArch: 'loongarch64',
    golangArch: 'loong64',
    since: '2.6.0',
  },
  m68k: {
    name: 'm68k',
    ociArch: 'SCMP_ARCH_M68K',
    scmpArch: 0x00000004,
    auditArch: 0x00000004,
    bits: 32,
    endian: 'big',
    goArch: undefined,
    uname: ['m68k'],
    aliases: [],
    mobyArch: undefined,
    golangArch: 'm68k',
    since: '2.6.0',
  },
  mips: {
    name: 'mips',
    ociArch: 'SCMP_ARCH_MIPS',
    scmpArch: 0x00000008,
    auditArch: 0x00000008,
    bits: 32,
    endian: 'big',
    goArch: 'mips',
    uname: ['mips'],
    aliases: [],
    mobyArch: undefined,
    golangArch: 'mips',
    since: '2.2.0',
  },
  mips64: {
    name: 'mips64',
    ociArch: 'SCMP_ARCH_MIPS64',
    scmpArch: 0x80000008,
    auditArch: 0x80000008,
    bits: 64,
    endian: 'big',
    goArch: 'mips64',
    uname: ['mips64'],
    aliases: [],
    mobyArch: 'mips64',
    golangArch: 'mips64',
    since: '2.2.0',
  },
  mips64n32: {
    name: 'mips64n32',
    ociArch: 'SCMP_ARCH_MIPS64N32',
    scmpArch: 0xa0000008,
    auditArch: 0xa0000008,
    bits: 32,
    endian: 'big',
    goArch: 'mips64p32',
    uname: [],
    aliases: [],
    mobyArch: 'mips64n32',
    golangArch: 'mips64n32',
    since: '2.2.0',
  },
  mipsel: {
    name: 'mipsel',
    ociArch: 'SCMP_ARCH_MIPSEL',
    scmpArch: 0x40000008,
    auditArch: 0x40000008,
    bits: 32,
    endian: 'little',
    goArch: 'mipsle',
    uname: ['mipsel'],
    aliases: [],
    mobyArch: 'mipsel',
    golangArch: 'mipsel',
    since: '2.2.0',
  },
  mipsel64: {
    name: 'mipsel64',
    ociArch: 'SCMP_ARCH_MIPSEL64',
    scmpArch: 0xc0000008,
    auditArch: 0xc0000008,
    bits: 64,
    endian: 'little',
    goArch: 'mips64le',
    uname: ['mipsel64'],
    aliases: ['mips64el'],
    mobyArch: 'mipsel64',
    golangArch: 'mipsel64',
    since: '2.2.0',
  },
  mipsel64n32: {
    name: 'mipsel64n32',
    ociArch: 'SCMP_ARCH_MIPSEL64N32',
    scmpArch: 0xe0000008,
    auditArch: 0xe0000008,
    bits: 32,
    endian: 'little',
    goArch: 'mips64p32le',
    uname: [],
    aliases: [],
    mobyArch: 'mips3l64n32',
    golangArch: 'mipsel64n32',
    since: '2.2.0',
  },
  parisc: {
    name: 'parisc',
    ociArch: 'SCMP_ARCH_PARISC',
    scmpArch: 0x0000000f,
    auditArch: 0x0000000f,
    bits: 32,
    endian: 'big',
    goArch: undefined,
    uname: ['parisc'],
    aliases: ['hppa'],
    mobyArch: undefined,
    golangArch: 'parisc',
    since: '2.4.0',
  },
  parisc64: {
    name: 'parisc64',
    ociArch: 'SCMP_ARCH_PARISC64',
    scmpArch: 0x8000000f,
    auditArch: 0x8000000f,
    bits: 64,
    endian: 'big',
    goArch: undefined,
    uname: ['parisc64'],
    aliases: ['hppa64'],
    mobyArch: undefined,
    golangArch: 'parisc64',
    since: '2.4.0',
  },
  ppc: {
    name: 'ppc',
    ociArch: 'SCMP_ARCH_PPC',
    scmpArch: 0x00000014,
    auditArch: 0x00000014,
    bits: 32,
    endian: 'big',
    goArch: 'ppc',
    uname: ['ppc'],
    aliases: ['powerpc'],
    mobyArch: 'ppc',
    golangArch: 'ppc',
    since: '2.3.0',
  },
  ppc64: {
    name: 'ppc64',
    ociArch: 'SCMP_ARCH_PPC64',
    scmpArch: 0x80000015,
    auditArch: 0x80000015,
    bits: 64,
    endian: 'big',
    goArch: 'ppc64',
    uname: ['ppc64'],
    aliases: ['powerpc64'],
    mobyArch: 'ppc64',
    golangArch: 'ppc64',
    since: '2.3.0',
  },
  ppc64le: {
    name: 'ppc64le',
    ociArch: 'SCMP_ARCH_PPC64LE',
    scmpArch: 0xc0000015,
    auditArch: 0xc0000015,
    bits: 64,
    endian: 'little',
    goArch: 'ppc64le',
    uname: ['ppc64le'],
    aliases: ['ppc64el'],
    mobyArch: 'ppc64le',
    golangArch: 'ppc64le',
    since: '2.3.0',
  },
  riscv64: {
    name: 'riscv64',
    ociArch: 'SCMP_ARCH_RISCV64',
    scmpArch: 0xc00000f3,
    auditArch: 0xc00000f3,
    bits: 64,
    endian: 'little',
    goArch: 'riscv64',
    uname: ['riscv64'],
    aliases: [],
    mobyArch: 'riscv64',
    golangArch: 'riscv64',
    since: '2.5.0',
  },
  s390: {
    name: 's390',
    ociArch: 'SCMP_ARCH_S390',
    scmpArch: 0x00000016,
    auditArch: 0x00000016,
    bits: 32,
    endian: 'big',
    goArch: 's390',
    uname: ['s390'],
    aliases: [],
    mobyArch: 's390',
    golangArch: 's390',
    since: '2.3.0',
  },
  s390x: {
    name: 's390x',
    ociArch: 'SCMP_ARCH_S390X',
    scmpArch: 0x80000016,
    auditArch: 0x80000016,
    bits: 64,
    endian: 'big',
    goArch: 's390x',
    uname: ['s390x'],
    aliases: [],
    mobyArch: 's390x',
    golangArch: 's390x',
    since: '2.3.0',
  },
  sh: {
    name: 'sh',
    ociArch: 'SCMP_ARCH_SH',
    scmpArch: 0x4000002a,
    auditArch: 0x4000002a,
    bits: 32,
    endian: 'little',
    goArch: undefined,
    uname: ['sh4', 'sh4a'],
    aliases: ['sh4l'],
    mobyArch: undefined,
    golangArch: 'sh',
    since: '2.6.0',
  },
  sheb: {
    name: 'sheb',
    ociArch: 'SCMP_ARCH_SHEB',
    scmpArch: 0x0000002a,
    auditArch: 0x0000002a,
    bits: 32,
    endian: 'big',
    goArch: undefined,
    uname: ['sheb'],
    aliases: ['sh4eb'],
    mobyArch: undefined,
    golangArch: 'sheb',
    since: '2.6.0',
  },
} as const satisfies Record<ArchName, Architecture>;

/** All architectures, in libseccomp's order. */
export const allArchitectures: readonly Architecture[] = Object.values(architectures);

const byOciArch = new Map(allArchitectures.map((row) => [row.ociArch as string, row]));

/** Finds an architecture by its exact runtime-spec spelling, `SCMP_ARCH_X86_64`. */
export function architectureByOciArch(ociArch: string): Architecture | undefined {
  return byOciArch.get(ociArch);
}

/** Bit 30 of nr, set on every x32 call (`__X32_SYSCALL_BIT`, arch/x86/include/uapi/asm/unistd.h). */
export const X32_SYSCALL_BIT = 0x40000000;
