/**
 * Podman's default profile.
 *
 * Restates containers/common as of 2025-08 (pkg/seccomp/default_linux.go), dialect `podman`: which system calls
 * under which conditions. Unknown calls return ENOSYS, so that C libraries fall back to older
 * calls; known calls that are not allowed return EPERM.
 * @module
 */
import { EINVAL, ENOSYS, EPERM } from '../../abi/errno-constants.ts';
import type { Profile, ProfileArg, ProfileRule } from '../profile.ts';
import { ordinarySyscalls } from './ordinary-syscalls.ts';
import {
  architectureSyscalls,
  capabilityGroups,
  compatArchitectures,
  harmlessPersonalities,
} from './shared-groups.ts';
import { compare, type SyscallGroup, toArchMap, toRule } from './syscall-group.ts';

const ALLOW = { action: 'SCMP_ACT_ALLOW' };
const REFUSE = { action: 'SCMP_ACT_ERRNO', errno: 'EPERM', errnoRet: EPERM };
const REFUSE_INVALID = { action: 'SCMP_ACT_ERRNO', errno: 'EINVAL', errnoRet: EINVAL };

/** Namespaces, mounts and tracing: nested containers need them, and the kernel itself checks capabilities. */
const furtherOrdinarySyscalls = `
  clone clone3 setns unshare
  mount mount_setattr move_mount open_tree pivot_root umount umount2 fsconfig fsmount fsopen fspick fanotify_init
  get_mempolicy mbind set_mempolicy
  ptrace process_vm_readv process_vm_writev pidfd_getfd
  keyctl reboot signal syslog`;

/** Known and refused to everyone. */
const refused = `
  bdflush nfsservctl sysfs uselib ustat vm86 vm86old
  oldfstat oldlstat oldolduname oldstat olduname sgetmask ssetmask syscall
  kexec_file_load kexec_load pciconfig_iobase pciconfig_read pciconfig_write swapoff swapon
  migrate_pages move_pages nice userfaultfd vmsplice
  cachestat io_pgetevents io_pgetevents_time64 map_shadow_stack
  futex_requeue futex_wait futex_waitv futex_wake`;

/** Allowed with the capability, refused without it. */
const guarded: readonly (SyscallGroup & { readonly needs: string })[] = [
  capabilityGroups.readAnyFile,
  capabilityGroups.chroot,
  { needs: 'CAP_SYS_MODULE', syscalls: `${capabilityGroups.modules.syscalls} query_module` },
  capabilityGroups.accounting,
  { needs: 'CAP_SYS_PTRACE', syscalls: 'kcmp process_madvise' },
  capabilityGroups.ports,
  capabilityGroups.clock,
  capabilityGroups.terminal,
];

const namesAndQuotas = 'lookup_dcookie quotactl quotactl_fd setdomainname sethostname setns';

// include/linux/socket.h and include/uapi/linux/netlink.h, Linux 6.18
const AF_NETLINK = 16n;
const NETLINK_AUDIT = 9n;

const notNetlink = compare(0, 'NE', AF_NETLINK);
const notAudit = compare(2, 'NE', NETLINK_AUDIT);
const auditSocket: readonly ProfileArg[] = [
  ...compare(0, 'EQ', AF_NETLINK),
  ...compare(2, 'EQ', NETLINK_AUDIT),
];

/**
 * Every socket but the audit one: EINVAL makes audit libraries carry on without audit. `notAudit` stands twice in
 * the profile restated here; it is kept, so that both give the same rules in the same order.
 */
function socketRules(): readonly ProfileRule[] {
  const without = 'CAP_AUDIT_WRITE';
  return [
    toRule({ syscalls: 'socket', without, args: auditSocket, why: 'the audit socket' }, REFUSE_INVALID),
    ...[notAudit, notNetlink, notAudit].map((args) => toRule({ syscalls: 'socket', without, args }, ALLOW)),
    toRule({ syscalls: 'socket', needs: without }, ALLOW),
  ];
}

/** CAP_SYS_ADMIN once included what CAP_BPF and CAP_PERFMON are for, so one call has three rules. */
function administrationRules(): readonly ProfileRule[] {
  return [
    toRule({ syscalls: `bpf ${namesAndQuotas}`, needs: 'CAP_SYS_ADMIN' }, ALLOW),
    toRule({ syscalls: `perf_event_open ${namesAndQuotas}`, without: 'CAP_SYS_ADMIN' }, REFUSE),
    toRule({ syscalls: 'bpf perf_event_open', without: 'CAP_SYS_ADMIN CAP_BPF' }, REFUSE),
    toRule(capabilityGroups.bpf, ALLOW),
    toRule(capabilityGroups.perfEvents, ALLOW),
  ];
}

/** Builds Podman's default profile. */
export function podmanDefault(): Profile {
  const ordinary = [...Object.values(ordinarySyscalls), furtherOrdinarySyscalls].join(' ');
  const allowed: readonly SyscallGroup[] = [
    { syscalls: ordinary },
    ...harmlessPersonalities,
    ...architectureSyscalls,
  ];
  return {
    dialect: 'podman',
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrno: 'ENOSYS',
    defaultErrnoRet: ENOSYS,
    archMap: toArchMap(compatArchitectures),
    rules: [
      toRule({ syscalls: refused }, REFUSE),
      ...allowed.map((group) => toRule(group, ALLOW)),
      ...guarded.flatMap((group) => [
        toRule(group, ALLOW),
        toRule({ syscalls: group.syscalls, without: group.needs }, REFUSE),
      ]),
      ...administrationRules(),
      ...socketRules(),
    ],
  };
}
