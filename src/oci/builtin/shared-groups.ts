/**
 * Conditional groups both built-in profiles hold.
 *
 * Restates the common part of moby/profiles (2026-06) and containers/common (2025-08).
 * @module
 */
import { compare, type SyscallGroup } from './syscall-group.ts';

/** x86_64 and aarch64 also run 32-bit programs, and so on: 64-bit kernels with their 32-bit ABIs. */
export const compatArchitectures = `
  x86_64: x86 x32
  aarch64: arm
  mips64: mips mips64n32
  mips64n32: mips mips64
  mipsel64: mipsel mipsel64n32
  mipsel64n32: mipsel mipsel64
  s390x: s390`;

// include/uapi/linux/personality.h, Linux 6.18
const UNAME26 = 0x0020000n;
const PER_LINUX32 = 0x0008n;
const PER_QUERY = 0xffff_ffffn;

const personalities: readonly bigint[] = [0n, PER_LINUX32, UNAME26, UNAME26 | PER_LINUX32, PER_QUERY];

/** Personalities that change only what uname says; others switch off protections such as address randomisation. */
export const harmlessPersonalities: readonly SyscallGroup[] = personalities.map((value) => ({
  syscalls: 'personality',
  args: compare(0, 'EQ', value),
}));

/** Calls that exist on some architectures only; their C libraries use them like any ordinary call. */
export const architectureSyscalls: readonly SyscallGroup[] = [
  { on: 'ppc64le', syscalls: 'swapcontext sync_file_range2' },
  {
    on: 'arm arm64',
    syscalls: 'arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2',
  },
  { on: 'amd64 x32', syscalls: 'arch_prctl', why: 'sets the thread pointer' },
  { on: 'amd64 x32 x86', syscalls: 'modify_ldt', why: 'emulators of 16-bit and 32-bit programs need it' },
  { on: 's390 s390x', syscalls: 's390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr' },
  { on: 'riscv64', syscalls: 'riscv_flush_icache', why: 'code generators need it' },
];

/** Calls for which the kernel itself checks a capability: allowed if the container has it. */
export const capabilityGroups = {
  readAnyFile: { needs: 'CAP_DAC_READ_SEARCH', syscalls: 'open_by_handle_at' },
  chroot: { needs: 'CAP_SYS_CHROOT', syscalls: 'chroot' },
  modules: { needs: 'CAP_SYS_MODULE', syscalls: 'delete_module finit_module init_module' },
  accounting: { needs: 'CAP_SYS_PACCT', syscalls: 'acct' },
  ports: { needs: 'CAP_SYS_RAWIO', syscalls: 'ioperm iopl' },
  clock: { needs: 'CAP_SYS_TIME', syscalls: 'clock_settime clock_settime64 settimeofday stime' },
  terminal: { needs: 'CAP_SYS_TTY_CONFIG', syscalls: 'vhangup' },
  bpf: { needs: 'CAP_BPF', syscalls: 'bpf' },
  perfEvents: { needs: 'CAP_PERFMON', syscalls: 'perf_event_open' },
} as const satisfies Record<string, SyscallGroup>;
