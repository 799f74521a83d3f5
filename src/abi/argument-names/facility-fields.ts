/**
 * Rows of calls of other facilities: devices, keys, BPF, io_uring, Landlock, modules.
 * @module
 */
import { descriptorFlags, type FieldRow, row } from './field-row.ts';
import type { NameSet, NameSets } from './name-sets.ts';

const requests = (n: NameSets): readonly NameSet[] => [
  n.terminalRequests,
  n.descriptorRequests,
  n.fileRequests,
  n.namespaceRequests,
  n.networkRequests,
  n.loopRequests,
  n.seccompRequests,
  n.perfRequests,
  n.userfaultRequests,
];

export const facilityRows = (n: NameSets): readonly FieldRow[] => [
  row('ioctl 1 request', 'enum', requests(n), 'TIOCSTI and TIOCLINUX type into the terminal of others'),
  row('keyctl 0 op', 'enum', [n.keyOperations], 'keys are not namespaced'),
  row('keyctl 1 arg2', 'enum', [n.keyrings], 'which keyring'),
  row('add_key 4 keyring', 'enum', [n.keyrings], 'which keyring'),
  row('request_key 3 dest_keyring', 'enum', [n.keyrings], 'which keyring'),
  row('bpf 0 cmd', 'enum', [n.bpfCommands], 'loading programs or only reading maps'),
  row('perf_event_open 4 flags', 'flags', [n.perfFlags], 'PERF_FLAG_PID_CGROUP looks at whole groups'),
  row(
    'io_uring_register 1 opcode',
    'enum',
    [n.ringRegistrations],
    'IORING_REGISTER_RESTRICTIONS limits a ring',
  ),
  row('io_uring_enter 3 flags', 'flags', [n.ringEnterFlags], 'how it waits'),
  row('landlock_create_ruleset 2 flags', 'flags', [n.landlockRulesetFlags], 'asking for the version'),
  row('landlock_add_rule 1 rule_type', 'enum', [n.landlockRules], 'which kind of rule'),
  row(
    'userfaultfd 0 flags',
    'flags',
    [descriptorFlags(n), n.userfaultFlags],
    'without UFFD_USER_MODE_ONLY it can stop the kernel at a fault',
  ),
  row('finit_module 2 flags', 'flags', [n.moduleFlags], 'loading without checks'),
  row('kexec_load 3 flags', 'flags', [n.kexecFlags], 'which kernel'),
  row('kexec_file_load 4 flags', 'flags', [n.kexecFileFlags], 'which kernel'),
];
