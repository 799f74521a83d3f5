/**
 * Rows of calls about processes: what they may do, and what others may do to them.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { capabilities } from '../capabilities.ts';
import { type FieldRow, LOW_BYTE, row, s390 } from './field-row.ts';
import { type NameSet, type NameSets, once } from './name-sets.ts';

const x86: readonly ArchName[] = ['x86', 'x86_64', 'x32'];

const capabilitySet: NameSet = once(() => ({
  values: Object.fromEntries(capabilities.map((name, nr) => [name, nr])),
}));

const cloneReason = 'new namespaces, above all CLONE_NEWUSER, open kernel code that only root reached before';

export const processRows = (n: NameSets): readonly FieldRow[] => [
  row('clone 0 flags', 'enum+flags', [n.signals, n.cloneFlags], cloneReason, {
    enumMask: LOW_BYTE,
    except: s390,
  }),
  row(
    'clone 1 flags',
    'enum+flags',
    [n.signals, n.cloneFlags],
    'on s390 flags come second (CONFIG_CLONE_BACKWARDS2)',
    {
      enumMask: LOW_BYTE,
      archs: s390,
    },
  ),
  row('unshare 0 flags', 'flags', [n.cloneFlags, n.newTime], cloneReason),
  row('setns 1 nstype', 'flags', [n.cloneFlags, n.newTime], 'entering namespaces of other processes'),
  row(
    'personality 0 persona',
    'enum+flags',
    [n.personas, n.personalityFlags],
    'READ_IMPLIES_EXEC and ADDR_NO_RANDOMIZE undo mitigations',
    {
      enumMask: LOW_BYTE,
    },
  ),
  row('kill tkill rt_sigqueueinfo 1 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('tgkill rt_tgsigqueueinfo 2 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('pidfd_send_signal 1 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('pidfd_send_signal 3 flags', 'flags', [n.pidfdSignalFlags], 'how far the signal reaches'),
  row('pidfd_open 1 flags', 'flags', [n.pidfdFlags], 'threads as well as processes'),
  row('rt_sigaction sigaction signal 0 signum', 'enum', [n.signals], 'which signals may be handled'),
  row('rt_sigprocmask sigprocmask 0 how', 'enum', [n.sigmaskHow], 'the numbers differ on MIPS'),
  row('prctl 0 op', 'enum', [n.prctlOptions], 'one call for dozens of unlike settings'),
  row('prctl 1 arg2', 'enum', [n.seccompModes], 'strict mode or a filter', {
    when: { index: 0, names: ['PR_SET_SECCOMP'] },
  }),
  row('prctl 1 arg2', 'enum', [n.ambientOperations], 'raising keeps capabilities across execve', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('prctl 1 arg2', 'enum', [n.prctlMm], 'rewrites the memory map that /proc shows', {
    when: { index: 0, names: ['PR_SET_MM'] },
  }),
  row('prctl 1 arg2', 'enum', [n.speculation], 'switches mitigations of CPU bugs', {
    when: { index: 0, names: ['PR_SET_SPECULATION_CTRL', 'PR_GET_SPECULATION_CTRL'] },
  }),
  row('prctl 1 arg2', 'enum', [n.signals], 'the signal sent when the parent dies', {
    when: { index: 0, names: ['PR_SET_PDEATHSIG'] },
  }),
  row('prctl 1 arg2', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAPBSET_READ', 'PR_CAPBSET_DROP'] },
  }),
  row('prctl 2 arg3', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('arch_prctl 0 op', 'enum', [n.archPrctlCodes], 'segment bases, CPUID faulting, shadow stack', {
    archs: x86,
  }),
  row('ptrace 0 op', 'enum', [n.ptraceRequests], 'reading is less than writing; PTRACE_TRACEME is harmless'),
  row('seccomp 0 operation', 'enum', [n.seccompOperations], 'installing filters or only asking'),
  row('seccomp 1 flags', 'flags', [n.seccompFlags], 'NEW_LISTENER hands calls to another process', {
    when: { index: 0, names: ['SECCOMP_SET_MODE_FILTER'] },
  }),
  row('prlimit64 1 resource', 'enum', [n.resources], 'which limits may be changed; numbers differ on MIPS'),
  row(
    'getrlimit setrlimit ugetrlimit 0 resource',
    'enum',
    [n.resources],
    'which limits may be changed; numbers differ on MIPS',
  ),
  row('getrusage 0 who', 'enum', [n.usageWho], 'whose usage'),
  row('getpriority setpriority 0 which', 'enum', [n.priorityWhich], 'one process or all of a user'),
  row('ioprio_get ioprio_set 0 which', 'enum', [n.ioPriorityWho], 'one process or all of a user'),
  row(
    'sched_setscheduler 1 policy',
    'enum+flags',
    [n.schedulingPolicies, n.schedulingFlags],
    'real-time policies can starve the machine',
    { enumMask: LOW_BYTE },
  ),
  row(
    'sched_get_priority_max sched_get_priority_min 0 policy',
    'enum',
    [n.schedulingPolicies],
    'which policy',
  ),
  row('waitid 0 idtype', 'enum', [n.waitTypes], 'what to wait for'),
  row('waitid 3 options', 'flags', [n.waitFlags], 'what to wait for'),
  row('wait4 waitpid 2 options', 'flags', [n.waitFlags], 'what to wait for'),
  row(
    'futex futex_time64 1 futex_op',
    'enum+flags',
    [n.futexOperations, n.futexFlags],
    'the PI operations have had most of the bugs',
    { enumMask: 0x7f },
  ),
  row(
    'clock_gettime clock_settime clock_getres clock_adjtime clock_nanosleep clock_gettime64 clock_settime64 clock_getres_time64 clock_adjtime64 clock_nanosleep_time64 timer_create timerfd_create 0 clockid',
    'enum',
    [n.clockIds],
    'which clock may be set or slept on',
  ),
  row(
    'clock_nanosleep clock_nanosleep_time64 timer_settime timer_settime64 timerfd_settime timerfd_settime64 1 flags',
    'flags',
    [n.timerFlags],
    'absolute times',
  ),
  row('getitimer setitimer 0 which', 'enum', [n.intervalTimers], 'which timer'),
  row('kcmp 2 type', 'enum', [n.kcmpTypes], 'which kernel objects are compared'),
  row('membarrier 0 cmd', 'enum', [n.membarrierCommands], 'the global ones interrupt every CPU'),
  row('reboot 2 op', 'enum', [n.rebootCommands], 'KEXEC and SW_SUSPEND are more than a reboot'),
];
