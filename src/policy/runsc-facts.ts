/**
 * How gVisor's runsc reads `linux.seccomp`. Read from its source, release-20260817.0, not run:
 * runsc/specutils/seccomp/seccomp.go, pkg/seccomp/seccomp.go and seccomp_rules.go, runsc/boot/seccomp.go,
 * pkg/sentry/syscalls/linux/linux64.go.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';

/** seccomp.go `convertAction`: any other action is an error, and the container does not start. */
export const runscActions: readonly string[] = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
];

/**
 * Calls that Linux has and gVisor's table has not (linux64.go `AMD64` and `ARM64`, compared with the table of
 * libseccomp 2.6.1). seccomp.go `convertRules` skips a name that the table lacks, with a warning in its log.
 */
const lacked =
  'cachestat fchmodat2 file_getattr file_setattr futex_requeue futex_wait futex_waitv futex_wake getxattrat ' +
  'landlock_add_rule landlock_create_ruleset landlock_restrict_self listmount listns listxattrat lsm_get_self_attr ' +
  'lsm_list_modules lsm_set_self_attr map_shadow_stack memfd_secret mount_setattr mseal open_tree_attr openat2 ' +
  'process_madvise process_mrelease quotactl_fd removexattrat rseq_slice_yield set_mempolicy_home_node setxattrat statmount';

/** By the architectures that gVisor runs on (seccomp.go `lookupSyscallNo`). */
export const runscLacks: Partial<Readonly<Record<ArchName, ReadonlySet<string>>>> = {
  x86_64: new Set([...lacked.split(' '), '_sysctl', 'uprobe', 'uretprobe']),
  aarch64: new Set([...lacked.split(' '), 'kexec_file_load']),
};
