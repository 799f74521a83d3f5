/**
 * Names of flags and advice that system calls about memory take.
 *
 * Values are x86_64's; `differs` says what other architectures have instead, null what they lack.
 * Source: the headers each set names, Linux 7.2 (uapi) or, where the kernel exports none, glibc's.
 * @module
 */
import type { NameSet } from './name-set.ts';

/** mmap(2), mprotect(2): prot. */
export const protections = {
  headers: ['linux/mman.h'],
  values: {
    PROT_READ: 1,
    PROT_WRITE: 2,
    PROT_EXEC: 4,
    PROT_SEM: 8,
    PROT_GROWSDOWN: 0x1000000,
    PROT_GROWSUP: 0x2000000,
  },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: { PROT_SEM: 0x10 },
    },
    { archs: ['ppc', 'ppc64', 'ppc64le'], values: { PROT_SAO: 0x10 } },
    { archs: ['aarch64'], values: { PROT_BTI: 0x10, PROT_MTE: 0x20 } },
  ],
} as const satisfies NameSet;

/** mmap(2), mprotect(2): prot 0. */
export const protectionNone = {
  headers: ['linux/mman.h'],
  values: { PROT_NONE: 0 },
} as const satisfies NameSet;

/** mmap(2): the type in flags. */
export const mapTypes = {
  headers: ['linux/mman.h'],
  values: { MAP_SHARED: 1, MAP_PRIVATE: 2, MAP_SHARED_VALIDATE: 3, MAP_DROPPABLE: 8 },
} as const satisfies NameSet;

/** mmap(2): which bits of flags hold the type. */
export const mapTypeMask = {
  headers: ['linux/mman.h'],
  values: { MAP_TYPE: 0xf },
  differs: [{ archs: ['parisc', 'parisc64'], values: { MAP_TYPE: 0x2b } }],
} as const satisfies NameSet;

/** mmap(2): flags. */
export const mapFlags = {
  headers: ['linux/mman.h'],
  values: {
    MAP_FIXED: 0x10,
    MAP_ANONYMOUS: 0x20,
    MAP_32BIT: 0x40,
    MAP_ABOVE4G: 0x80,
    MAP_GROWSDOWN: 0x100,
    MAP_DENYWRITE: 0x800,
    MAP_EXECUTABLE: 0x1000,
    MAP_LOCKED: 0x2000,
    MAP_NORESERVE: 0x4000,
    MAP_POPULATE: 0x8000,
    MAP_NONBLOCK: 0x10000,
    MAP_STACK: 0x20000,
    MAP_HUGETLB: 0x40000,
    MAP_SYNC: 0x80000,
    MAP_FIXED_NOREPLACE: 0x100000,
  },
  differs: [
    {
      archs: ['parisc', 'parisc64'],
      values: {
        MAP_FIXED: 4,
        MAP_ANONYMOUS: 0x10,
        MAP_32BIT: null,
        MAP_ABOVE4G: null,
        MAP_GROWSDOWN: 0x8000,
        MAP_POPULATE: 0x10000,
        MAP_NONBLOCK: 0x20000,
        MAP_STACK: 0x40000,
        MAP_HUGETLB: 0x80000,
        MAP_SYNC: null,
      },
    },
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: {
        MAP_ANONYMOUS: 0x800,
        MAP_32BIT: null,
        MAP_ABOVE4G: null,
        MAP_GROWSDOWN: 0x1000,
        MAP_DENYWRITE: 0x2000,
        MAP_EXECUTABLE: 0x4000,
        MAP_LOCKED: 0x8000,
        MAP_NORESERVE: 0x400,
        MAP_POPULATE: 0x10000,
        MAP_NONBLOCK: 0x20000,
        MAP_STACK: 0x40000,
        MAP_HUGETLB: 0x80000,
        MAP_SYNC: null,
      },
    },
    {
      archs: ['arm', 'aarch64', 'loongarch64', 'm68k', 'riscv64', 's390', 's390x', 'sh', 'sheb'],
      values: { MAP_32BIT: null, MAP_ABOVE4G: null },
    },
    {
      archs: ['ppc', 'ppc64', 'ppc64le'],
      values: { MAP_32BIT: null, MAP_ABOVE4G: null, MAP_LOCKED: 0x80, MAP_NORESERVE: 0x40 },
    },
  ],
} as const satisfies NameSet;

/** mremap(2): flags. */
export const remapFlags = {
  headers: ['linux/mman.h'],
  values: { MREMAP_MAYMOVE: 1, MREMAP_FIXED: 2, MREMAP_DONTUNMAP: 4 },
} as const satisfies NameSet;

/** msync(2): flags. */
export const syncFlags = {
  headers: ['linux/mman.h'],
  values: { MS_ASYNC: 1, MS_INVALIDATE: 2, MS_SYNC: 4 },
  differs: [{ archs: ['parisc', 'parisc64'], values: { MS_ASYNC: 2, MS_INVALIDATE: 4, MS_SYNC: 1 } }],
} as const satisfies NameSet;

/** mlockall(2): flags. */
export const lockAllFlags = {
  headers: ['linux/mman.h'],
  values: { MCL_CURRENT: 1, MCL_FUTURE: 2, MCL_ONFAULT: 4 },
  differs: [
    {
      archs: ['ppc', 'ppc64', 'ppc64le'],
      values: { MCL_CURRENT: 0x2000, MCL_FUTURE: 0x4000, MCL_ONFAULT: 0x8000 },
    },
  ],
} as const satisfies NameSet;

/** mlock2(2): flags. */
export const lockFlags = {
  headers: ['linux/mman.h'],
  values: { MLOCK_ONFAULT: 1 },
} as const satisfies NameSet;

/** madvise(2), process_madvise(2): advice. */
export const advice = {
  headers: ['linux/mman.h'],
  values: {
    MADV_NORMAL: 0,
    MADV_RANDOM: 1,
    MADV_SEQUENTIAL: 2,
    MADV_WILLNEED: 3,
    MADV_DONTNEED: 4,
    MADV_FREE: 8,
    MADV_REMOVE: 9,
    MADV_DONTFORK: 10,
    MADV_DOFORK: 11,
    MADV_MERGEABLE: 12,
    MADV_UNMERGEABLE: 13,
    MADV_HUGEPAGE: 14,
    MADV_NOHUGEPAGE: 15,
    MADV_DONTDUMP: 16,
    MADV_DODUMP: 17,
    MADV_WIPEONFORK: 18,
    MADV_KEEPONFORK: 19,
    MADV_COLD: 20,
    MADV_PAGEOUT: 21,
    MADV_POPULATE_READ: 22,
    MADV_POPULATE_WRITE: 23,
    MADV_DONTNEED_LOCKED: 24,
    MADV_COLLAPSE: 25,
    MADV_HWPOISON: 100,
    MADV_SOFT_OFFLINE: 101,
    MADV_GUARD_INSTALL: 102,
    MADV_GUARD_REMOVE: 103,
  },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: { MADV_SOFT_OFFLINE: null },
    },
  ],
} as const satisfies NameSet;

/** pkey_alloc(2): access_rights. */
export const protectionKeyRights = {
  headers: ['linux/mman.h'],
  values: { PKEY_DISABLE_ACCESS: 1, PKEY_DISABLE_WRITE: 2 },
  differs: [
    { archs: ['aarch64'], values: { PKEY_DISABLE_EXECUTE: 4, PKEY_DISABLE_READ: 8 } },
    { archs: ['ppc', 'ppc64', 'ppc64le'], values: { PKEY_DISABLE_EXECUTE: 4 } },
  ],
} as const satisfies NameSet;

/** memfd_create(2): flags. */
export const memfdFlags = {
  headers: ['linux/memfd.h'],
  values: { MFD_CLOEXEC: 1, MFD_ALLOW_SEALING: 2, MFD_HUGETLB: 4, MFD_NOEXEC_SEAL: 8, MFD_EXEC: 0x10 },
} as const satisfies NameSet;

/** mbind(2), set_mempolicy(2): mode. */
export const policyModes = {
  headers: ['linux/mempolicy.h'],
  values: {
    MPOL_DEFAULT: 0,
    MPOL_PREFERRED: 1,
    MPOL_BIND: 2,
    MPOL_INTERLEAVE: 3,
    MPOL_LOCAL: 4,
    MPOL_PREFERRED_MANY: 5,
    MPOL_WEIGHTED_INTERLEAVE: 6,
  },
} as const satisfies NameSet;

/** mbind(2), set_mempolicy(2): flags in mode. */
export const policyModeFlags = {
  headers: ['linux/mempolicy.h'],
  values: { MPOL_F_STATIC_NODES: 0x8000, MPOL_F_RELATIVE_NODES: 0x4000, MPOL_F_NUMA_BALANCING: 0x2000 },
} as const satisfies NameSet;

/** mbind(2): flags. */
export const bindFlags = {
  headers: ['linux/mempolicy.h'],
  values: { MPOL_MF_STRICT: 1, MPOL_MF_MOVE: 2, MPOL_MF_MOVE_ALL: 4 },
} as const satisfies NameSet;

/** shmat(2): shmflg. */
export const sharedMemoryFlags = {
  headers: ['linux/shm.h'],
  values: { SHM_RDONLY: 0o10000, SHM_RND: 0o20000, SHM_REMAP: 0o40000, SHM_EXEC: 0o100000 },
} as const satisfies NameSet;

/** shmget(2): flags beside IPC_CREAT and IPC_EXCL. */
export const sharedMemoryCreation = {
  headers: ['linux/shm.h'],
  values: { SHM_HUGETLB: 0o4000, SHM_NORESERVE: 0o10000 },
} as const satisfies NameSet;

/** shmget(2), msgget(2), semget(2): flags. */
export const ipcCreation = {
  headers: ['linux/ipc.h'],
  values: { IPC_CREAT: 0o1000, IPC_EXCL: 0o2000 },
} as const satisfies NameSet;

/** shmctl(2), msgctl(2), semctl(2): op. */
export const ipcCommands = {
  headers: ['linux/ipc.h'],
  values: { IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3 },
} as const satisfies NameSet;

/** shmctl(2): op. */
export const sharedMemoryCommands = {
  headers: ['linux/shm.h'],
  values: { SHM_LOCK: 11, SHM_UNLOCK: 12, SHM_STAT: 13, SHM_INFO: 14, SHM_STAT_ANY: 15 },
} as const satisfies NameSet;

/** msgctl(2): op. */
export const messageCommands = {
  headers: ['linux/msg.h'],
  values: { MSG_STAT: 11, MSG_INFO: 12, MSG_STAT_ANY: 13 },
} as const satisfies NameSet;

/** semctl(2): op. */
export const semaphoreCommands = {
  headers: ['linux/sem.h'],
  values: {
    GETPID: 11,
    GETVAL: 12,
    GETALL: 13,
    GETNCNT: 14,
    GETZCNT: 15,
    SETVAL: 16,
    SETALL: 17,
    SEM_STAT: 18,
    SEM_INFO: 19,
    SEM_STAT_ANY: 20,
  },
} as const satisfies NameSet;

/** System V IPC calls: which form the result struct has. */
export const ipcVersion = {
  headers: ['linux/ipc.h'],
  values: { IPC_64: 0x100 },
} as const satisfies NameSet;

/** ipc(2): call. */
export const ipcCalls = {
  headers: ['linux/ipc.h'],
  values: {
    SEMOP: 1,
    SEMGET: 2,
    SEMCTL: 3,
    SEMTIMEDOP: 4,
    MSGSND: 11,
    MSGRCV: 12,
    MSGGET: 13,
    MSGCTL: 14,
    SHMAT: 21,
    SHMDT: 22,
    SHMGET: 23,
    SHMCTL: 24,
  },
} as const satisfies NameSet;
