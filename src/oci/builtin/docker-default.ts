/**
 * Docker's default profile.
 *
 * Restates moby/profiles as of 2026-06 (seccomp/default_linux.go), dialect `docker`: which system calls under which
 * conditions. Everything not allowed returns EPERM.
 * @module
 */
import { ENOSYS, EPERM } from '../../abi/errno-constants.ts';
import type { Profile } from '../profile.ts';
import { ordinarySyscalls } from './ordinary-syscalls.ts';
import {
  architectureSyscalls,
  capabilityGroups,
  compatArchitectures,
  harmlessPersonalities,
} from './shared-groups.ts';
import { compare, hasNoneOf, type SyscallGroup, toArchMap, toRule } from './syscall-group.ts';

const ALLOW = { action: 'SCMP_ACT_ALLOW' };

/** Ordinary calls that are newer than those of `ordinarySyscalls`, or that other engines leave out. */
const newerOrdinarySyscalls = `
  cachestat io_pgetevents io_pgetevents_time64 vmsplice
  futex_requeue futex_wait futex_waitv futex_wake
  getxattrat listxattrat removexattrat setxattrat listmount statmount
  map_shadow_stack mseal riscv_hwprobe uretprobe`;

// include/linux/socket.h, Linux 6.18
const AF_ALG = 38n;
const AF_VSOCK = 40n;

/** AF_ALG opens the kernel's cryptography to anyone. AF_VSOCK reaches the hypervisor, whatever the network namespace. */
const socketFamilies: readonly SyscallGroup[] = [
  { syscalls: 'socket', args: compare(0, 'LT', AF_ALG), why: 'all but AF_ALG (38) and AF_VSOCK (40)' },
  { syscalls: 'socket', args: compare(0, 'EQ', AF_ALG + 1n) },
  { syscalls: 'socket', args: compare(0, 'GT', AF_VSOCK) },
];

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; include/uapi/linux/sched.h, Linux 6.18
const NEW_NAMESPACES = 0x7e020000n;

const cloning: readonly SyscallGroup[] = [
  {
    syscalls: 'clone',
    without: 'CAP_SYS_ADMIN',
    notOn: 's390 s390x',
    args: hasNoneOf(0, NEW_NAMESPACES),
    why: 'new processes and threads, but no new namespaces',
  },
  {
    syscalls: 'clone',
    without: 'CAP_SYS_ADMIN',
    on: 's390 s390x',
    args: hasNoneOf(1, NEW_NAMESPACES),
    why: 'as above; clone takes its flags in argument 1 here',
  },
];

/** Its flags are in memory, where a filter cannot look. On ENOSYS, C libraries fall back to clone. */
const cloneThree: SyscallGroup = {
  syscalls: 'clone3',
  without: 'CAP_SYS_ADMIN',
  why: 'flags cannot be checked; ENOSYS makes C libraries use clone',
};

const tracing: SyscallGroup = {
  syscalls: 'process_vm_readv process_vm_writev ptrace',
  sinceKernel: '4.8',
  why: 'before 4.8 a tracer could change a system call after the filter had seen it',
};

const administration: SyscallGroup = {
  needs: 'CAP_SYS_ADMIN',
  syscalls: `
    mount mount_setattr move_mount open_tree umount umount2 fsconfig fsmount fsopen fspick
    clone clone3 setns unshare
    setdomainname sethostname quotactl quotactl_fd fanotify_init
    bpf perf_event_open lookup_dcookie syslog
    lsm_get_self_attr lsm_list_modules lsm_set_self_attr`,
};

const guarded: readonly SyscallGroup[] = [
  capabilityGroups.readAnyFile,
  administration,
  { needs: 'CAP_SYS_BOOT', syscalls: 'reboot' },
  capabilityGroups.chroot,
  capabilityGroups.modules,
  capabilityGroups.accounting,
  {
    needs: 'CAP_SYS_PTRACE',
    syscalls: 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  },
  capabilityGroups.ports,
  capabilityGroups.clock,
  capabilityGroups.terminal,
  { needs: 'CAP_SYS_NICE', syscalls: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node' },
  { needs: 'CAP_SYSLOG', syscalls: 'syslog' },
  capabilityGroups.bpf,
  capabilityGroups.perfEvents,
];

/** Builds Docker's default profile. */
export function dockerDefault(): Profile {
  const ordinary = [...Object.values(ordinarySyscalls), newerOrdinarySyscalls].join(' ');
  const allowed: readonly SyscallGroup[] = [
    { syscalls: ordinary },
    tracing,
    ...socketFamilies,
    ...harmlessPersonalities,
    ...architectureSyscalls,
    ...guarded,
    ...cloning,
  ];
  return {
    dialect: 'docker',
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    archMap: toArchMap(`${compatArchitectures}\n  riscv64:\n  loongarch64:`),
    rules: [
      ...allowed.map((group) => toRule(group, ALLOW)),
      toRule(cloneThree, { action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS }),
    ],
  };
}
