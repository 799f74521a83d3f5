/**
 * What system calls are about, so that people can read hundreds of them. The groups are systemd's sets, with calls that the sets leave
 * out. A call of several sets belongs to the first.
 * @module
 */
import { splitWords } from '../abi/split-words.ts';
import { systemdSets } from '../oci/foreign/systemd-sets.generated.ts';

interface Row {
  readonly what: string;
  readonly sets: readonly string[];
  readonly calls: string;
}

const rows: readonly Row[] = [
  { what: 'modules, boot', sets: ['@module', '@reboot'], calls: '' },
  { what: 'mounts', sets: ['@mount'], calls: 'open_tree_attr listmount statmount' },
  { what: 'namespaces', sets: [], calls: 'setns unshare listns' },
  {
    what: 'bpf, tracing',
    sets: ['@debug'],
    calls: 'bpf process_vm_readv process_vm_writev kcmp process_madvise process_mrelease uprobe',
  },
  { what: 'io_uring, aio', sets: ['@aio'], calls: '' },
  { what: 'keyrings', sets: ['@keyring'], calls: '' },
  { what: 'clock', sets: ['@clock'], calls: '' },
  { what: 'swap, quota', sets: ['@swap'], calls: 'quotactl quotactl_fd acct' },
  { what: 'hardware', sets: ['@raw-io', '@cpu-emulation'], calls: '' },
  { what: 'host and log', sets: [], calls: 'sethostname setdomainname syslog vhangup' },
  {
    what: 'old calls',
    sets: ['@obsolete'],
    calls: 'nfsservctl olduname oldolduname sigpending sigsuspend sigaction signal ssetmask',
  },
  { what: 'users, owners', sets: ['@setuid', '@chown'], calls: 'capset capget' },
  { what: 'network', sets: ['@network-io'], calls: '' },
  {
    what: 'memory',
    sets: ['@memlock', '@pkey'],
    calls:
      'mbind migrate_pages move_pages get_mempolicy set_mempolicy set_mempolicy_home_node userfaultfd memfd_secret mseal madvise mincore msync mremap map_shadow_stack brk mmap mmap2 mprotect munmap remap_file_pages cachestat',
  },
  {
    what: 'processes',
    sets: ['@process'],
    calls:
      'execve exit exit_group process_mrelease seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self getpgid getpgrp getpid getppid getsid gettid setpgid setsid set_tid_address',
  },
  { what: 'signals', sets: ['@signal'], calls: 'pause' },
  {
    what: 'scheduling',
    sets: ['@resources'],
    calls:
      'sched_yield sched_getaffinity getpriority ioprio_get getrlimit prlimit64 sched_getattr sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64',
  },
  {
    what: 'files',
    sets: ['@file-system', '@sync', '@basic-io'],
    calls:
      'name_to_handle_at open_by_handle_at fanotify_init fanotify_mark chroot umask fadvise64 flock readahead sendfile sendfile64 splice tee vmsplice copy_file_range file_getattr file_setattr setxattrat getxattrat listxattrat removexattrat ioctl lookup_dcookie',
  },
  { what: 'between processes', sets: ['@ipc'], calls: '' },
  {
    what: 'waiting, timers',
    sets: ['@io-event', '@timer'],
    calls:
      'clock_getres clock_gettime clock_nanosleep futex futex_waitv futex_wait futex_wake futex_requeue gettimeofday time nanosleep membarrier restart_syscall',
  },
];

const OTHER = 'other';

/** The names, in the order of a report. */
export const subsystemNames: readonly string[] = [...rows.map(({ what }) => what), OTHER];

let byCall: ReadonlyMap<string, string> | undefined;

/** What a call is about. */
export function subsystemOf(syscall: string): string {
  byCall ??= sortCalls();
  return byCall.get(syscall) ?? OTHER;
}

function sortCalls(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // The calls of a row belong to it, whatever sets they are in.
  for (const { what, calls } of rows) for (const call of splitWords(calls)) found.set(call, what);
  for (const { what, sets } of rows) {
    for (const call of sets.flatMap((set) => splitWords(systemdSets[set] ?? ''))) {
      if (!call.startsWith('@') && !found.has(call)) found.set(call, what);
    }
  }
  return found;
}
