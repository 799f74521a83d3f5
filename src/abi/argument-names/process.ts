/**
 * Names of flags, options and numbers that system calls about processes take.
 *
 * Values are x86_64's; `differs` says what other architectures have instead, null what they lack.
 * Source: the headers each set names, Linux 7.2 (uapi) or, where the kernel exports none, glibc's.
 * @module
 */
import type { NameSet } from './name-set.ts';

/** clone(2), unshare(2), setns(2): flags. */
export const cloneFlags = {
  headers: ['linux/sched.h'],
  values: {
    CLONE_NEWNS: 0x20000,
    CLONE_NEWCGROUP: 0x2000000,
    CLONE_NEWUTS: 0x4000000,
    CLONE_NEWIPC: 0x8000000,
    CLONE_NEWUSER: 0x10000000,
    CLONE_NEWPID: 0x20000000,
    CLONE_NEWNET: 0x40000000,
    CLONE_VM: 0x100,
    CLONE_FS: 0x200,
    CLONE_FILES: 0x400,
    CLONE_SIGHAND: 0x800,
    CLONE_PIDFD: 0x1000,
    CLONE_PTRACE: 0x2000,
    CLONE_VFORK: 0x4000,
    CLONE_PARENT: 0x8000,
    CLONE_THREAD: 0x10000,
    CLONE_SYSVSEM: 0x40000,
    CLONE_SETTLS: 0x80000,
    CLONE_PARENT_SETTID: 0x100000,
    CLONE_CHILD_CLEARTID: 0x200000,
    CLONE_DETACHED: 0x400000,
    CLONE_UNTRACED: 0x800000,
    CLONE_CHILD_SETTID: 0x1000000,
    CLONE_IO: 0x80000000,
  },
} as const satisfies NameSet;

/** A flag of unshare(2) and setns(2) only: in clone(2) the low byte is the signal. */
export const newTime = {
  headers: ['linux/sched.h'],
  values: { CLONE_NEWTIME: 0x80 },
} as const satisfies NameSet;

/** signal(7). */
export const signals = {
  headers: ['asm/signal.h'],
  values: {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGILL: 4,
    SIGTRAP: 5,
    SIGABRT: 6,
    SIGBUS: 7,
    SIGFPE: 8,
    SIGKILL: 9,
    SIGUSR1: 10,
    SIGSEGV: 11,
    SIGUSR2: 12,
    SIGPIPE: 13,
    SIGALRM: 14,
    SIGTERM: 15,
    SIGSTKFLT: 16,
    SIGCHLD: 17,
    SIGCONT: 18,
    SIGSTOP: 19,
    SIGTSTP: 20,
    SIGTTIN: 21,
    SIGTTOU: 22,
    SIGURG: 23,
    SIGXCPU: 24,
    SIGXFSZ: 25,
    SIGVTALRM: 26,
    SIGPROF: 27,
    SIGWINCH: 28,
    SIGIO: 29,
    SIGPWR: 30,
    SIGSYS: 31,
    SIGIOT: 6,
    SIGPOLL: 29,
  },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: {
        SIGBUS: 10,
        SIGUSR1: 16,
        SIGUSR2: 17,
        SIGSTKFLT: null,
        SIGCHLD: 18,
        SIGCONT: 25,
        SIGSTOP: 23,
        SIGTSTP: 24,
        SIGTTIN: 26,
        SIGTTOU: 27,
        SIGURG: 21,
        SIGXCPU: 30,
        SIGXFSZ: 31,
        SIGVTALRM: 28,
        SIGPROF: 29,
        SIGWINCH: 20,
        SIGIO: 22,
        SIGPWR: 19,
        SIGSYS: 12,
        SIGPOLL: 22,
      },
    },
    {
      archs: ['parisc', 'parisc64'],
      values: {
        SIGBUS: 10,
        SIGUSR1: 16,
        SIGUSR2: 17,
        SIGSTKFLT: 7,
        SIGCHLD: 18,
        SIGCONT: 26,
        SIGSTOP: 24,
        SIGTSTP: 25,
        SIGTTIN: 27,
        SIGTTOU: 28,
        SIGURG: 29,
        SIGXCPU: 12,
        SIGXFSZ: 30,
        SIGVTALRM: 20,
        SIGPROF: 21,
        SIGWINCH: 23,
        SIGIO: 22,
        SIGPWR: 19,
        SIGPOLL: 22,
      },
    },
  ],
} as const satisfies NameSet;

/** rt_sigprocmask(2): how. */
export const sigmaskHow = {
  headers: ['asm/signal.h'],
  values: { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: { SIG_BLOCK: 1, SIG_UNBLOCK: 2, SIG_SETMASK: 3 },
    },
  ],
} as const satisfies NameSet;

/** personality(2): execution domain. */
export const personas = {
  headers: ['linux/personality.h'],
  values: {
    PER_LINUX: 0,
    PER_LINUX_32BIT: 0x800000,
    PER_LINUX_FDPIC: 0x80000,
    PER_SVR4: 0x4100001,
    PER_SVR3: 0x5000002,
    PER_SCOSVR3: 0x7000003,
    PER_OSR5: 0x6000003,
    PER_WYSEV386: 0x5000004,
    PER_ISCR4: 0x4000005,
    PER_BSD: 6,
    PER_SUNOS: 0x4000006,
    PER_XENIX: 0x5000007,
    PER_LINUX32: 8,
    PER_LINUX32_3GB: 0x8000008,
    PER_IRIX32: 0x4000009,
    PER_IRIXN32: 0x400000a,
    PER_IRIX64: 0x400000b,
    PER_RISCOS: 0xc,
    PER_SOLARIS: 0x400000d,
    PER_UW7: 0x410000e,
    PER_OSF4: 0xf,
    PER_HPUX: 0x10,
  },
} as const satisfies NameSet;

/** personality(2): flags above the execution domain. */
export const personalityFlags = {
  headers: ['linux/personality.h'],
  values: {
    UNAME26: 0x20000,
    ADDR_NO_RANDOMIZE: 0x40000,
    FDPIC_FUNCPTRS: 0x80000,
    MMAP_PAGE_ZERO: 0x100000,
    ADDR_COMPAT_LAYOUT: 0x200000,
    READ_IMPLIES_EXEC: 0x400000,
    ADDR_LIMIT_32BIT: 0x800000,
    SHORT_INODE: 0x1000000,
    WHOLE_SECONDS: 0x2000000,
    STICKY_TIMEOUTS: 0x4000000,
    ADDR_LIMIT_3GB: 0x8000000,
  },
} as const satisfies NameSet;

/** prctl(2): op. */
export const prctlOptions = {
  headers: ['linux/prctl.h'],
  values: {
    PR_SET_PDEATHSIG: 1,
    PR_GET_PDEATHSIG: 2,
    PR_GET_DUMPABLE: 3,
    PR_SET_DUMPABLE: 4,
    PR_GET_UNALIGN: 5,
    PR_SET_UNALIGN: 6,
    PR_GET_KEEPCAPS: 7,
    PR_SET_KEEPCAPS: 8,
    PR_GET_FPEMU: 9,
    PR_SET_FPEMU: 10,
    PR_GET_FPEXC: 11,
    PR_SET_FPEXC: 12,
    PR_GET_TIMING: 13,
    PR_SET_TIMING: 14,
    PR_SET_NAME: 15,
    PR_GET_NAME: 16,
    PR_GET_ENDIAN: 19,
    PR_SET_ENDIAN: 20,
    PR_GET_SECCOMP: 21,
    PR_SET_SECCOMP: 22,
    PR_CAPBSET_READ: 23,
    PR_CAPBSET_DROP: 24,
    PR_GET_TSC: 25,
    PR_SET_TSC: 26,
    PR_GET_SECUREBITS: 27,
    PR_SET_SECUREBITS: 28,
    PR_SET_TIMERSLACK: 29,
    PR_GET_TIMERSLACK: 30,
    PR_TASK_PERF_EVENTS_DISABLE: 31,
    PR_TASK_PERF_EVENTS_ENABLE: 32,
    PR_MCE_KILL: 33,
    PR_MCE_KILL_GET: 34,
    PR_SET_MM: 35,
    PR_SET_CHILD_SUBREAPER: 36,
    PR_GET_CHILD_SUBREAPER: 37,
    PR_SET_NO_NEW_PRIVS: 38,
    PR_GET_NO_NEW_PRIVS: 39,
    PR_GET_TID_ADDRESS: 40,
    PR_SET_THP_DISABLE: 41,
    PR_GET_THP_DISABLE: 42,
    PR_MPX_ENABLE_MANAGEMENT: 43,
    PR_MPX_DISABLE_MANAGEMENT: 44,
    PR_SET_FP_MODE: 45,
    PR_GET_FP_MODE: 46,
    PR_CAP_AMBIENT: 47,
    PR_SVE_SET_VL: 50,
    PR_SVE_GET_VL: 51,
    PR_GET_SPECULATION_CTRL: 52,
    PR_SET_SPECULATION_CTRL: 53,
    PR_PAC_RESET_KEYS: 54,
    PR_SET_TAGGED_ADDR_CTRL: 55,
    PR_GET_TAGGED_ADDR_CTRL: 56,
    PR_SET_IO_FLUSHER: 57,
    PR_GET_IO_FLUSHER: 58,
    PR_SET_SYSCALL_USER_DISPATCH: 59,
    PR_PAC_SET_ENABLED_KEYS: 60,
    PR_PAC_GET_ENABLED_KEYS: 61,
    PR_SCHED_CORE: 62,
    PR_SME_SET_VL: 63,
    PR_SME_GET_VL: 64,
    PR_SET_MDWE: 65,
    PR_GET_MDWE: 66,
    PR_SET_MEMORY_MERGE: 67,
    PR_GET_MEMORY_MERGE: 68,
    PR_RISCV_V_SET_CONTROL: 69,
    PR_RISCV_V_GET_CONTROL: 70,
    PR_RISCV_SET_ICACHE_FLUSH_CTX: 71,
    PR_PPC_GET_DEXCR: 72,
    PR_PPC_SET_DEXCR: 73,
    PR_GET_SHADOW_STACK_STATUS: 74,
    PR_SET_SHADOW_STACK_STATUS: 75,
    PR_LOCK_SHADOW_STACK_STATUS: 76,
    PR_TIMER_CREATE_RESTORE_IDS: 77,
    PR_FUTEX_HASH: 78,
    PR_RSEQ_SLICE_EXTENSION: 79,
    PR_GET_CFI: 80,
    PR_SET_CFI: 81,
    PR_GET_AUXV: 0x41555856,
    PR_SET_VMA: 0x53564d41,
    PR_SET_PTRACER: 0x59616d61,
  },
} as const satisfies NameSet;

/** PR_CAP_AMBIENT(2const): what to do. */
export const ambientOperations = {
  headers: ['linux/prctl.h'],
  values: {
    PR_CAP_AMBIENT_IS_SET: 1,
    PR_CAP_AMBIENT_RAISE: 2,
    PR_CAP_AMBIENT_LOWER: 3,
    PR_CAP_AMBIENT_CLEAR_ALL: 4,
  },
} as const satisfies NameSet;

/** PR_SET_MM(2const): which field. */
export const prctlMm = {
  headers: ['linux/prctl.h'],
  values: {
    PR_SET_MM_START_CODE: 1,
    PR_SET_MM_END_CODE: 2,
    PR_SET_MM_START_DATA: 3,
    PR_SET_MM_END_DATA: 4,
    PR_SET_MM_START_STACK: 5,
    PR_SET_MM_START_BRK: 6,
    PR_SET_MM_BRK: 7,
    PR_SET_MM_ARG_START: 8,
    PR_SET_MM_ARG_END: 9,
    PR_SET_MM_ENV_START: 10,
    PR_SET_MM_ENV_END: 11,
    PR_SET_MM_AUXV: 12,
    PR_SET_MM_EXE_FILE: 13,
    PR_SET_MM_MAP: 14,
    PR_SET_MM_MAP_SIZE: 15,
  },
} as const satisfies NameSet;

/** PR_SET_SPECULATION_CTRL(2const): which feature. */
export const speculation = {
  headers: ['linux/prctl.h'],
  values: { PR_SPEC_STORE_BYPASS: 0, PR_SPEC_INDIRECT_BRANCH: 1, PR_SPEC_L1D_FLUSH: 2 },
} as const satisfies NameSet;

/** arch_prctl(2): op. */
export const archPrctlCodes = {
  headers: ['asm/prctl.h'],
  archs: ['x86', 'x86_64', 'x32'],
  values: {
    ARCH_SET_GS: 0x1001,
    ARCH_SET_FS: 0x1002,
    ARCH_GET_FS: 0x1003,
    ARCH_GET_GS: 0x1004,
    ARCH_GET_CPUID: 0x1011,
    ARCH_SET_CPUID: 0x1012,
    ARCH_GET_XCOMP_SUPP: 0x1021,
    ARCH_GET_XCOMP_PERM: 0x1022,
    ARCH_REQ_XCOMP_PERM: 0x1023,
    ARCH_GET_XCOMP_GUEST_PERM: 0x1024,
    ARCH_REQ_XCOMP_GUEST_PERM: 0x1025,
    ARCH_MAP_VDSO_X32: 0x2001,
    ARCH_MAP_VDSO_32: 0x2002,
    ARCH_MAP_VDSO_64: 0x2003,
    ARCH_GET_UNTAG_MASK: 0x4001,
    ARCH_ENABLE_TAGGED_ADDR: 0x4002,
    ARCH_GET_MAX_TAG_BITS: 0x4003,
    ARCH_FORCE_TAGGED_SVA: 0x4004,
    ARCH_SHSTK_ENABLE: 0x5001,
    ARCH_SHSTK_DISABLE: 0x5002,
    ARCH_SHSTK_LOCK: 0x5003,
    ARCH_SHSTK_UNLOCK: 0x5004,
    ARCH_SHSTK_STATUS: 0x5005,
  },
} as const satisfies NameSet;

/** ptrace(2): op. */
export const ptraceRequests = {
  headers: ['linux/ptrace.h', 'asm/ptrace.h'],
  values: {
    PTRACE_TRACEME: 0,
    PTRACE_PEEKTEXT: 1,
    PTRACE_PEEKDATA: 2,
    PTRACE_PEEKUSR: 3,
    PTRACE_POKETEXT: 4,
    PTRACE_POKEDATA: 5,
    PTRACE_POKEUSR: 6,
    PTRACE_CONT: 7,
    PTRACE_KILL: 8,
    PTRACE_SINGLESTEP: 9,
    PTRACE_GETREGS: 12,
    PTRACE_SETREGS: 13,
    PTRACE_GETFPREGS: 14,
    PTRACE_SETFPREGS: 15,
    PTRACE_ATTACH: 16,
    PTRACE_DETACH: 17,
    PTRACE_GETFPXREGS: 18,
    PTRACE_SETFPXREGS: 19,
    PTRACE_OLDSETOPTIONS: 21,
    PTRACE_SYSCALL: 24,
    PTRACE_GET_THREAD_AREA: 25,
    PTRACE_SET_THREAD_AREA: 26,
    PTRACE_ARCH_PRCTL: 30,
    PTRACE_SYSEMU: 31,
    PTRACE_SYSEMU_SINGLESTEP: 32,
    PTRACE_SINGLEBLOCK: 33,
    PTRACE_SETOPTIONS: 0x4200,
    PTRACE_GETEVENTMSG: 0x4201,
    PTRACE_GETSIGINFO: 0x4202,
    PTRACE_SETSIGINFO: 0x4203,
    PTRACE_GETREGSET: 0x4204,
    PTRACE_SETREGSET: 0x4205,
    PTRACE_SEIZE: 0x4206,
    PTRACE_INTERRUPT: 0x4207,
    PTRACE_LISTEN: 0x4208,
    PTRACE_PEEKSIGINFO: 0x4209,
    PTRACE_GETSIGMASK: 0x420a,
    PTRACE_SETSIGMASK: 0x420b,
    PTRACE_SECCOMP_GET_FILTER: 0x420c,
    PTRACE_SECCOMP_GET_METADATA: 0x420d,
    PTRACE_GET_SYSCALL_INFO: 0x420e,
    PTRACE_GET_RSEQ_CONFIGURATION: 0x420f,
    PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG: 0x4210,
    PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG: 0x4211,
    PTRACE_SET_SYSCALL_INFO: 0x4212,
  },
  differs: [
    {
      archs: ['aarch64'],
      values: {
        PTRACE_GETREGS: null,
        PTRACE_SETREGS: null,
        PTRACE_GETFPREGS: null,
        PTRACE_SETFPREGS: null,
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_PEEKMTETAGS: 33,
        PTRACE_POKEMTETAGS: 34,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['loongarch64'],
      values: {
        PTRACE_GETREGS: null,
        PTRACE_SETREGS: null,
        PTRACE_GETFPREGS: null,
        PTRACE_SETFPREGS: null,
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['parisc', 'parisc64'],
      values: {
        PTRACE_GETREGS: 18,
        PTRACE_SETREGS: 19,
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SINGLEBLOCK: 12,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['riscv64'],
      values: {
        PTRACE_GETREGS: null,
        PTRACE_SETREGS: null,
        PTRACE_GETFPREGS: null,
        PTRACE_SETFPREGS: null,
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_GETFDPIC: 33,
        PTRACE_GETFDPIC_EXEC: 0,
        PTRACE_GETFDPIC_INTERP: 1,
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_CFI_BRANCH_LANDING_PAD_EN_BIT: 0,
        PTRACE_CFI_BRANCH_LANDING_PAD_LOCK_BIT: 1,
        PTRACE_CFI_BRANCH_EXPECTED_LANDING_PAD_BIT: 2,
        PTRACE_CFI_SHADOW_STACK_EN_BIT: 3,
        PTRACE_CFI_SHADOW_STACK_LOCK_BIT: 4,
        PTRACE_CFI_SHADOW_STACK_PTR_BIT: 5,
        PTRACE_CFI_BRANCH_LANDING_PAD_EN_STATE: 1,
        PTRACE_CFI_BRANCH_LANDING_PAD_LOCK_STATE: 2,
        PTRACE_CFI_BRANCH_EXPECTED_LANDING_PAD_STATE: 4,
        PTRACE_CFI_SHADOW_STACK_EN_STATE: 8,
        PTRACE_CFI_SHADOW_STACK_LOCK_STATE: 16,
        PTRACE_CFI_SHADOW_STACK_PTR_STATE: 32,
        PTRACE_CFI_STATE_INVALID_MASK: -64,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['s390', 's390x'],
      values: {
        PTRACE_GETREGS: null,
        PTRACE_SETREGS: null,
        PTRACE_GETFPREGS: null,
        PTRACE_SETFPREGS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_SINGLEBLOCK: 12,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_PEEKUSR_AREA: 0x5000,
        PTRACE_POKEUSR_AREA: 0x5001,
        PTRACE_PEEKTEXT_AREA: 0x5002,
        PTRACE_PEEKDATA_AREA: 0x5003,
        PTRACE_POKETEXT_AREA: 0x5004,
        PTRACE_POKEDATA_AREA: 0x5005,
        PTRACE_GET_LAST_BREAK: 0x5006,
        PTRACE_PEEK_SYSTEM_CALL: 0x5007,
        PTRACE_POKE_SYSTEM_CALL: 0x5008,
        PTRACE_ENABLE_TE: 0x5009,
        PTRACE_DISABLE_TE: 0x5010,
        PTRACE_TE_ABORT_RAND: 0x5011,
        PTRACE_PROT: 21,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['arm'],
      values: {
        PTRACE_GETWMMXREGS: 18,
        PTRACE_SETWMMXREGS: 19,
        PTRACE_GET_THREAD_AREA: 22,
        PTRACE_SET_SYSCALL: 23,
        PTRACE_GETCRUNCHREGS: 25,
        PTRACE_SETCRUNCHREGS: 26,
        PTRACE_GETVFPREGS: 27,
        PTRACE_SETVFPREGS: 28,
        PTRACE_GETHBPREGS: 29,
        PTRACE_SETHBPREGS: 30,
        PTRACE_GETFDPIC: 31,
        PTRACE_GETFDPIC_EXEC: 0,
        PTRACE_GETFDPIC_INTERP: 1,
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['m68k'],
      values: {
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GETFDPIC: 31,
        PTRACE_GETFDPIC_EXEC: 0,
        PTRACE_GETFDPIC_INTERP: 1,
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['ppc', 'ppc64', 'ppc64le'],
      values: {
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_SYSEMU: 29,
        PTRACE_SYSEMU_SINGLESTEP: 30,
        PTRACE_SINGLEBLOCK: 256,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETVRREGS: 18,
        PTRACE_SETVRREGS: 19,
        PTRACE_GETEVRREGS: 20,
        PTRACE_SETEVRREGS: 21,
        PTRACE_GETVSRREGS: 27,
        PTRACE_SETVSRREGS: 28,
        PTRACE_GET_DEBUGREG: 25,
        PTRACE_SET_DEBUGREG: 26,
        PTRACE_GETREGS64: 22,
        PTRACE_SETREGS64: 23,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['sh', 'sheb'],
      values: {
        PTRACE_OLDSETOPTIONS: null,
        PTRACE_GET_THREAD_AREA: null,
        PTRACE_GETFDPIC: 31,
        PTRACE_GETFDPIC_EXEC: 0,
        PTRACE_GETFDPIC_INTERP: 1,
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_SET_THREAD_AREA: null,
        PTRACE_GETDSPREGS: 55,
        PTRACE_SETDSPREGS: 56,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: {
        PTRACE_SYSEMU: null,
        PTRACE_SYSEMU_SINGLESTEP: null,
        PTRACE_SINGLEBLOCK: null,
        PTRACE_PEEKTEXT_3264: 192,
        PTRACE_PEEKDATA_3264: 193,
        PTRACE_POKETEXT_3264: 194,
        PTRACE_POKEDATA_3264: 195,
        PTRACE_GET_THREAD_AREA_3264: 196,
        PTRACE_GET_WATCH_REGS: 208,
        PTRACE_SET_WATCH_REGS: 209,
        PTRACE_GETFPXREGS: null,
        PTRACE_SETFPXREGS: null,
        PTRACE_ARCH_PRCTL: null,
      },
    },
    { archs: ['x86'], values: { PTRACE_ARCH_PRCTL: null } },
  ],
} as const satisfies NameSet;

/** seccomp(2): operation. */
export const seccompOperations = {
  headers: ['linux/seccomp.h'],
  values: {
    SECCOMP_SET_MODE_STRICT: 0,
    SECCOMP_SET_MODE_FILTER: 1,
    SECCOMP_GET_ACTION_AVAIL: 2,
    SECCOMP_GET_NOTIF_SIZES: 3,
  },
} as const satisfies NameSet;

/** seccomp(2): flags of SECCOMP_SET_MODE_FILTER. */
export const seccompFlags = {
  headers: ['linux/seccomp.h'],
  values: {
    SECCOMP_FILTER_FLAG_TSYNC: 1,
    SECCOMP_FILTER_FLAG_LOG: 2,
    SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
    SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
    SECCOMP_FILTER_FLAG_TSYNC_ESRCH: 0x10,
    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 0x20,
  },
} as const satisfies NameSet;

/** PR_SET_SECCOMP(2const): mode. */
export const seccompModes = {
  headers: ['linux/seccomp.h'],
  values: { SECCOMP_MODE_DISABLED: 0, SECCOMP_MODE_STRICT: 1, SECCOMP_MODE_FILTER: 2 },
} as const satisfies NameSet;

/** prlimit(2): resource. */
export const resources = {
  headers: ['linux/resource.h'],
  values: {
    RLIMIT_CPU: 0,
    RLIMIT_FSIZE: 1,
    RLIMIT_DATA: 2,
    RLIMIT_STACK: 3,
    RLIMIT_CORE: 4,
    RLIMIT_RSS: 5,
    RLIMIT_NPROC: 6,
    RLIMIT_NOFILE: 7,
    RLIMIT_MEMLOCK: 8,
    RLIMIT_AS: 9,
    RLIMIT_LOCKS: 10,
    RLIMIT_SIGPENDING: 11,
    RLIMIT_MSGQUEUE: 12,
    RLIMIT_NICE: 13,
    RLIMIT_RTPRIO: 14,
    RLIMIT_RTTIME: 15,
  },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: { RLIMIT_NOFILE: 5, RLIMIT_AS: 6, RLIMIT_RSS: 7, RLIMIT_NPROC: 8, RLIMIT_MEMLOCK: 9 },
    },
  ],
} as const satisfies NameSet;

/** getrusage(2): who. */
export const usageWho = {
  headers: ['linux/resource.h'],
  values: { RUSAGE_SELF: 0, RUSAGE_CHILDREN: -1, RUSAGE_THREAD: 1 },
} as const satisfies NameSet;

/** getpriority(2): which. */
export const priorityWhich = {
  headers: ['linux/resource.h'],
  values: { PRIO_PROCESS: 0, PRIO_PGRP: 1, PRIO_USER: 2 },
} as const satisfies NameSet;

/** sched_setscheduler(2): policy. */
export const schedulingPolicies = {
  headers: ['linux/sched.h'],
  values: {
    SCHED_NORMAL: 0,
    SCHED_FIFO: 1,
    SCHED_RR: 2,
    SCHED_BATCH: 3,
    SCHED_IDLE: 5,
    SCHED_DEADLINE: 6,
    SCHED_EXT: 7,
  },
} as const satisfies NameSet;

/** sched_setscheduler(2): a flag beside the policy. */
export const schedulingFlags = {
  headers: ['linux/sched.h'],
  values: { SCHED_RESET_ON_FORK: 0x40000000 },
} as const satisfies NameSet;

/** waitid(2): idtype. */
export const waitTypes = {
  headers: ['linux/wait.h'],
  values: { P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3 },
} as const satisfies NameSet;

/** wait4(2), waitid(2): options. */
export const waitFlags = {
  headers: ['linux/wait.h'],
  values: {
    WNOHANG: 1,
    WUNTRACED: 2,
    WEXITED: 4,
    WCONTINUED: 8,
    WNOWAIT: 0x1000000,
    __WNOTHREAD: 0x20000000,
    __WALL: 0x40000000,
    __WCLONE: 0x80000000,
  },
} as const satisfies NameSet;

/** futex(2): futex_op. */
export const futexOperations = {
  headers: ['linux/futex.h'],
  values: {
    FUTEX_WAIT: 0,
    FUTEX_WAKE: 1,
    FUTEX_FD: 2,
    FUTEX_REQUEUE: 3,
    FUTEX_CMP_REQUEUE: 4,
    FUTEX_WAKE_OP: 5,
    FUTEX_LOCK_PI: 6,
    FUTEX_UNLOCK_PI: 7,
    FUTEX_TRYLOCK_PI: 8,
    FUTEX_WAIT_BITSET: 9,
    FUTEX_WAKE_BITSET: 10,
    FUTEX_WAIT_REQUEUE_PI: 11,
    FUTEX_CMP_REQUEUE_PI: 12,
    FUTEX_LOCK_PI2: 13,
  },
} as const satisfies NameSet;

/** futex(2): flags beside futex_op. */
export const futexFlags = {
  headers: ['linux/futex.h'],
  values: { FUTEX_PRIVATE_FLAG: 0x80, FUTEX_CLOCK_REALTIME: 0x100 },
} as const satisfies NameSet;

/** clock_gettime(2): clockid. */
export const clockIds = {
  headers: ['linux/time.h'],
  values: {
    CLOCK_REALTIME: 0,
    CLOCK_MONOTONIC: 1,
    CLOCK_PROCESS_CPUTIME_ID: 2,
    CLOCK_THREAD_CPUTIME_ID: 3,
    CLOCK_MONOTONIC_RAW: 4,
    CLOCK_REALTIME_COARSE: 5,
    CLOCK_MONOTONIC_COARSE: 6,
    CLOCK_BOOTTIME: 7,
    CLOCK_REALTIME_ALARM: 8,
    CLOCK_BOOTTIME_ALARM: 9,
    CLOCK_SGI_CYCLE: 10,
    CLOCK_TAI: 11,
  },
} as const satisfies NameSet;

/** clock_nanosleep(2), timer_settime(2), timerfd_settime(2): flags. */
export const timerFlags = {
  headers: ['linux/time.h'],
  values: { TIMER_ABSTIME: 1 },
} as const satisfies NameSet;

/** setitimer(2): which. */
export const intervalTimers = {
  headers: ['linux/time.h'],
  values: { ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2 },
} as const satisfies NameSet;

/** reboot(2): op. */
export const rebootCommands = {
  headers: ['linux/reboot.h'],
  values: {
    LINUX_REBOOT_CMD_CAD_OFF: 0,
    LINUX_REBOOT_CMD_RESTART: 0x1234567,
    LINUX_REBOOT_CMD_POWER_OFF: 0x4321fedc,
    LINUX_REBOOT_CMD_KEXEC: 0x45584543,
    LINUX_REBOOT_CMD_CAD_ON: 0x89abcdef,
    LINUX_REBOOT_CMD_RESTART2: 0xa1b2c3d4,
    LINUX_REBOOT_CMD_HALT: 0xcdef0123,
    LINUX_REBOOT_CMD_SW_SUSPEND: 0xd000fce2,
  },
} as const satisfies NameSet;

/** kcmp(2): type. */
export const kcmpTypes = {
  headers: ['linux/kcmp.h'],
  values: {
    KCMP_FILE: 0,
    KCMP_VM: 1,
    KCMP_FILES: 2,
    KCMP_FS: 3,
    KCMP_SIGHAND: 4,
    KCMP_IO: 5,
    KCMP_SYSVSEM: 6,
    KCMP_EPOLL_TFD: 7,
  },
} as const satisfies NameSet;

/** membarrier(2): cmd. */
export const membarrierCommands = {
  headers: ['linux/membarrier.h'],
  values: {
    MEMBARRIER_CMD_QUERY: 0,
    MEMBARRIER_CMD_GLOBAL: 1,
    MEMBARRIER_CMD_GLOBAL_EXPEDITED: 2,
    MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED: 4,
    MEMBARRIER_CMD_PRIVATE_EXPEDITED: 8,
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED: 0x10,
    MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE: 0x20,
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: 0x40,
    MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ: 0x80,
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ: 0x100,
    MEMBARRIER_CMD_GET_REGISTRATIONS: 0x200,
  },
} as const satisfies NameSet;

/** pidfd_open(2): flags. */
export const pidfdFlags = {
  headers: ['linux/pidfd.h'],
  values: { PIDFD_NONBLOCK: 0x800, PIDFD_THREAD: 0x80 },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: { PIDFD_NONBLOCK: 0x80, PIDFD_THREAD: 0x400 },
    },
    { archs: ['parisc', 'parisc64'], values: { PIDFD_NONBLOCK: 0x10000, PIDFD_THREAD: 0x400 } },
  ],
} as const satisfies NameSet;

/** pidfd_send_signal(2): flags. */
export const pidfdSignalFlags = {
  headers: ['linux/pidfd.h'],
  values: { PIDFD_SIGNAL_THREAD: 1, PIDFD_SIGNAL_THREAD_GROUP: 2, PIDFD_SIGNAL_PROCESS_GROUP: 4 },
} as const satisfies NameSet;
