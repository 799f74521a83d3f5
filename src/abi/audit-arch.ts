/**
 * The names that the kernel's headers give the words of `seccomp_data.arch`, also for architectures that libseccomp does
 * not know. x32 has no word of its own.
 *
 * Source: Linux 6.18 include/uapi/linux/audit.h (`AUDIT_ARCH_*`), include/uapi/linux/elf-em.h.
 * @module
 */

/** By the name without `AUDIT_ARCH_`. NOTE: 32-bit x86 is I386, little-endian SuperH is SHEL. */
const words = {
  AARCH64: 0xc00000b7,
  ALPHA: 0xc0009026,
  ARCOMPACT: 0x4000005d,
  ARCOMPACTBE: 0x0000005d,
  ARCV2: 0x400000c3,
  ARCV2BE: 0x000000c3,
  ARM: 0x40000028,
  ARMEB: 0x00000028,
  C6X: 0x4000008c,
  C6XBE: 0x0000008c,
  CRIS: 0x4000004c,
  CSKY: 0x400000fc,
  FRV: 0x00005441,
  H8300: 0x0000002e,
  HEXAGON: 0x000000a4,
  I386: 0x40000003,
  IA64: 0xc0000032,
  M32R: 0x00000058,
  M68K: 0x00000004,
  MICROBLAZE: 0x000000bd,
  MIPS: 0x00000008,
  MIPSEL: 0x40000008,
  MIPS64: 0x80000008,
  MIPS64N32: 0xa0000008,
  MIPSEL64: 0xc0000008,
  MIPSEL64N32: 0xe0000008,
  NDS32: 0x400000a7,
  NDS32BE: 0x000000a7,
  NIOS2: 0x40000071,
  OPENRISC: 0x0000005c,
  PARISC: 0x0000000f,
  PARISC64: 0x8000000f,
  PPC: 0x00000014,
  PPC64: 0x80000015,
  PPC64LE: 0xc0000015,
  RISCV32: 0x400000f3,
  RISCV64: 0xc00000f3,
  S390: 0x00000016,
  S390X: 0x80000016,
  SH: 0x0000002a,
  SHEL: 0x4000002a,
  SH64: 0x8000002a,
  SHEL64: 0xc000002a,
  SPARC: 0x00000002,
  SPARC64: 0x8000002b,
  TILEGX: 0xc00000bf,
  TILEGX32: 0x400000bf,
  TILEPRO: 0x400000bc,
  UNICORE: 0x4000006e,
  X86_64: 0xc000003e,
  XTENSA: 0x0000005e,
  LOONGARCH32: 0x40000102,
  LOONGARCH64: 0xc0000102,
} as const satisfies Record<string, number>;

const PREFIX = 'AUDIT_ARCH_';
/** Every `AUDIT_ARCH_*` name. */
export const auditArchNames: readonly string[] = Object.keys(words).map((name) => PREFIX + name);

/** Finds the kernel's name of an architecture word: `AUDIT_ARCH_X86_64`, or `undefined`. */
export function auditArchName(word: number): string | undefined {
  const found = Object.entries<number>(words).find(([, value]) => value === word);
  return found === undefined ? undefined : PREFIX + found[0];
}

/** Finds the architecture word of a kernel's name with its prefix, letter case as in the header; or `undefined`. */
export function auditArchByName(name: string): number | undefined {
  const short = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
  return Object.hasOwn(words, short) ? words[short as keyof typeof words] : undefined;
}
