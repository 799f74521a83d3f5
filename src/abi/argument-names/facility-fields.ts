/**
 * Rows of calls of other facilities: devices, keys, BPF, io_uring, Landlock, modules.
 * @module
 */
import { descriptorFlags, type FieldRow, row } from './field-row.ts';
import type { NameSetId } from './name-sets.generated.ts';

const requests: readonly NameSetId[] = [
  'terminalRequests',
  'descriptorRequests',
  'fileRequests',
  'namespaceRequests',
  'networkRequests',
  'loopRequests',
  'seccompRequests',
  'perfRequests',
  'userfaultRequests',
];

export const facilityRows = (): readonly FieldRow[] => [
  row('ioctl 1 request', 'enum', requests, 'TIOCSTI and TIOCLINUX type into the terminal of others'),
  row('keyctl 0 op', 'enum', ['keyOperations'], 'keys are not namespaced'),
  row('keyctl 1 arg2', 'enum', ['keyrings'], 'which keyring'),
  row('add_key 4 keyring', 'enum', ['keyrings'], 'which keyring'),
  row('request_key 3 dest_keyring', 'enum', ['keyrings'], 'which keyring'),
  row('bpf 0 cmd', 'enum', ['bpfCommands'], 'loading programs or only reading maps'),
  row('perf_event_open 4 flags', 'flags', ['perfFlags'], 'PERF_FLAG_PID_CGROUP looks at whole groups'),
  row(
    'io_uring_register 1 opcode',
    'enum',
    ['ringRegistrations'],
    'IORING_REGISTER_RESTRICTIONS limits a ring',
  ),
  row('io_uring_enter 3 flags', 'flags', ['ringEnterFlags'], 'how it waits'),
  row('landlock_create_ruleset 2 flags', 'flags', ['landlockRulesetFlags'], 'asking for the version'),
  row('landlock_add_rule 1 rule_type', 'enum', ['landlockRules'], 'which kind of rule'),
  row(
    'userfaultfd 0 flags',
    'flags',
    [descriptorFlags, 'userfaultFlags'],
    'without UFFD_USER_MODE_ONLY it can stop the kernel at a fault',
  ),
  row('finit_module 2 flags', 'flags', ['moduleFlags'], 'loading without checks'),
  row('kexec_load 3 flags', 'flags', ['kexecFlags'], 'which kernel'),
  row('kexec_file_load 4 flags', 'flags', ['kexecFileFlags'], 'which kernel'),
];
