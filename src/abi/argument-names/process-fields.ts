/**
 * Rows of calls about processes: what they may do, and what others may do to them.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { capabilities } from '../capabilities.ts';
import { type FieldRow, LOW_BYTE, row, s390 } from './field-row.ts';
import { type NameSet, once } from './name-sets.ts';

const x86: readonly ArchName[] = ['x86', 'x86_64', 'x32'];

const capabilitySet: NameSet = once(() => ({
  values: Object.fromEntries(capabilities.map((name, nr) => [name, nr])),
}));

const cloneReason = 'new namespaces, above all CLONE_NEWUSER, open kernel code that only root reached before';

export const processRows = (): readonly FieldRow[] => [
  row('clone 0 flags', 'enum+flags', ['signals', 'cloneFlags'], cloneReason, {
    enumMask: LOW_BYTE,
    except: s390,
  }),
  row(
    'clone 1 flags',
    'enum+flags',
    ['signals', 'cloneFlags'],
    'on s390 flags come second (CONFIG_CLONE_BACKWARDS2)',
    {
      enumMask: LOW_BYTE,
      archs: s390,
    },
  ),
  row('unshare 0 flags', 'flags', ['cloneFlags', 'newTime'], cloneReason),
  row('setns 1 nstype', 'flags', ['cloneFlags', 'newTime'], 'entering namespaces of other processes'),
  row(
    'personality 0 persona',
    'enum+flags',
    ['personas', 'personalityFlags'],
    'READ_IMPLIES_EXEC and ADDR_NO_RANDOMIZE undo mitigations',
    {
      enumMask: LOW_BYTE,
    },
  ),
  row('kill tkill rt_sigqueueinfo 1 sig', 'enum', ['signals'], 'which signals may be sent'),
  row('tgkill rt_tgsigqueueinfo 2 sig', 'enum', ['signals'], 'which signals may be sent'),
  row('pidfd_send_signal 1 sig', 'enum', ['signals'], 'which signals may be sent'),
  row('pidfd_send_signal 3 flags', 'flags', ['pidfdSignalFlags'], 'how far the signal reaches'),
  row('pidfd_open 1 flags', 'flags', ['pidfdFlags'], 'threads as well as processes'),
  row('rt_sigaction sigaction signal 0 signum', 'enum', ['signals'], 'which signals may be handled'),
  row('rt_sigprocmask sigprocmask 0 how', 'enum', ['sigmaskHow'], 'the numbers differ on MIPS'),
  row('prctl 0 op', 'enum', ['prctlOptions'], 'one call for dozens of unlike settings'),
  row('prctl 1 arg2', 'enum', ['seccompModes'], 'strict mode or a filter', {
    when: { index: 0, names: ['PR_SET_SECCOMP'] },
  }),
  row('prctl 1 arg2', 'enum', ['ambientOperations'], 'raising keeps capabilities across execve', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('prctl 1 arg2', 'enum', ['prctlMm'], 'rewrites the memory map that /proc shows', {
    when: { index: 0, names: ['PR_SET_MM'] },
  }),
  row('prctl 1 arg2', 'enum', ['speculation'], 'switches mitigations of CPU bugs', {
    when: { index: 0, names: ['PR_SET_SPECULATION_CTRL', 'PR_GET_SPECULATION_CTRL'] },
  }),
  row('prctl 1 arg2', 'enum', ['signals'], 'the signal sent when the parent dies', {
    when: { index: 0, names: ['PR_SET_PDEATHSIG'] },
  }),
  row('prctl 1 arg2', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAPBSET_READ', 'PR_CAPBSET_DROP'] },
  }),
  row('prctl 2 arg3', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('arch_prctl 0 op', 'enum', ['archPrctlCodes'], 'segment bases, CPUID faulting, shadow stack', {
    archs: x86,
  }),
  row('ptrace 0 op', 'enum', ['ptraceRequests'], 'reading is less than writing; PTRACE_TRACEME is harmless'),
  row('seccomp 0 operation', 'enum', ['seccompOperations'], 'installing filters or only asking'),
  row('seccomp 1 flags', 'flags', ['seccompFlags'], 'NEW_LISTENER hands calls to another process', {
    when: { index: 0, names: ['SECCOMP_SET_MODE_FILTER'] },
  }),
  row('prlimit64 1 resource', 'enum', ['resources'], 'which limits may be changed; numbers differ on MIPS'),
  row(
    'getrlimit setrlimit ugetrlimit 0 resource',
    'enum',
    ['resources'],
    'which limits may be changed; numbers differ on MIPS',
  ),
  row('getrusage 0 who', 'enum', ['usageWho'], 'whose usage'),
  row('getpriority setpriority 0 which', 'enum', ['priorityWhich'], 'one process or all of a user'),
  row('ioprio_get ioprio_set 0 which', 'enum', ['ioPriorityWho'], 'one process or all of a user'),
  row(
    'sched_setscheduler 1 policy',
    'enum+flags',
    ['schedulingPolicies', 'schedulingFlags'],
    'real-time policies can starve the machine',
    { enumMask: LOW_BYTE },
  ),
  row(
    'sched_get_priority_max sched_get_priority_min 0 policy',
    'enum',
    ['schedulingPolicies'],
    'which policy',
  ),
  row('waitid 0 idtype', 'enum', ['waitTypes'], 'what to wait for'),
  row('waitid 3 options', 'flags', ['waitFlags'], 'what to wait for'),
  row('wait4 waitpid 2 options', 'flags', ['waitFlags'], 'what to wait for'),
  row(
    'futex futex_time64 1 futex_op',
    'enum+flags',
    ['futexOperations', 'futexFlags'],
    'the PI operations have had most of the bugs',
    { enumMask: 0x7f },
  ),
  row(
    'clock_gettime clock_settime clock_getres clock_adjtime clock_nanosleep clock_gettime64 clock_settime64 clock_getres_time64 clock_adjtime64 clock_nanosleep_time64 timer_create timerfd_create 0 clockid',
    'enum',
    ['clockIds'],
    'which clock may be set or slept on',
  ),
  row(
    'clock_nanosleep clock_nanosleep_time64 timer_settime timer_settime64 timerfd_settime timerfd_settime64 1 flags',
    'flags',
    ['timerFlags'],
    'absolute times',
  ),
  row('getitimer setitimer 0 which', 'enum', ['intervalTimers'], 'which timer'),
  row('kcmp 2 type', 'enum', ['kcmpTypes'], 'which kernel objects are compared'),
  row('membarrier 0 cmd', 'enum', ['membarrierCommands'], 'the global ones interrupt every CPU'),
  row('reboot 2 op', 'enum', ['rebootCommands'], 'KEXEC and SW_SUSPEND are more than a reboot'),
];
