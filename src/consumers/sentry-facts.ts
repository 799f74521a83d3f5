/**
 * How gVisor's runsc reads `linux.seccomp`, from the source of release-20260817.0: runsc/specutils/seccomp/seccomp.go,
 * pkg/seccomp/seccomp.go and seccomp_rules.go, runsc/boot/seccomp.go, pkg/sentry/syscalls/linux/linux64.go.
 * test/oracle/runsc.test.ts starts containers with release 20240729 and holds these facts against it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { EPERM } from '../abi/errno-constants.ts';

/** What a runtime does whose filter runs in a kernel of its own, and is built without libseccomp. */
export interface SentryTraits {
  /** Any other action is refused, and the container does not start. */
  readonly actions: readonly string[];
  /** What ERRNO and TRACE carry, whatever the profile says. */
  readonly errno: number;
  /** By the architectures that it runs on: calls of Linux that it has no number for, and whose rules it skips. */
  readonly lacks: Partial<Readonly<Record<ArchName, readonly string[]>>>;
}

/** seccomp.go `convertAction`. */
const actions: readonly string[] = [
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
const lacks: SentryTraits['lacks'] = {
  x86_64: [...lacked.split(' '), '_sysctl', 'uprobe', 'uretprobe'],
  aarch64: [...lacked.split(' '), 'kexec_file_load'],
};

/** seccomp.go `errnoAction` and `traceAction`. */
const errno = EPERM;

export const sentry: SentryTraits = { actions, errno, lacks };
