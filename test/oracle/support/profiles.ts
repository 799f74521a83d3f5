/**
 * Profiles for comparing whole programs, as runtime-spec values; `bigint` where a number would not be exact.
 *
 * All let a container start: the default is ALLOW or LOG, or everything a small container needs is allowed.
 * @module
 */
import type { TestArg, TestSeccomp } from './direct.ts';

const ALLOW = { defaultAction: 'SCMP_ACT_ALLOW' } as const;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

function arg(index: number, op: string, value: bigint | number, valueTwo?: bigint | number): TestArg {
  return { index, op: `SCMP_CMP_${op}`, value, ...(valueTwo === undefined ? {} : { valueTwo }) };
}

/** One rule on a call the workload does not make. */
function errno(...args: TestArg[]): TestSeccomp {
  return { ...ALLOW, syscalls: [{ names: ['mknod'], action: 'SCMP_ACT_ERRNO', args }] };
}

const operators: Record<string, TestSeccomp> = {};
for (const op of ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT']) {
  operators[`${op}, 32 bits`] = errno(arg(1, op, 0x1000));
  operators[`${op}, 64 bits`] = errno(arg(2, op, 0x1234_5678_9abc_def0n));
  operators[`${op}, 0`] = errno(arg(0, op, 0));
  operators[`${op}, largest`] = errno(arg(5, op, U64_MAX));
}
operators['MASKED_EQ, 32 bits'] = errno(arg(0, 'MASKED_EQ', 0x7e020000, 0));
operators['MASKED_EQ, 64 bits'] = errno(arg(3, 'MASKED_EQ', U64_MAX, 0x8000_0000_0000_0001n));
operators['MASKED_EQ, datum outside the mask'] = errno(arg(3, 'MASKED_EQ', 0xf0, 0xff));
operators['MASKED_EQ, mask 0'] = errno(arg(3, 'MASKED_EQ', 0, 0xff));

const three = [arg(0, 'EQ', 1), arg(1, 'GT', 2), arg(2, 'MASKED_EQ', 0xffn << 40n, 1n << 40n)];
const many = [
  'acct',
  'mknod',
  'chroot',
  'swapon',
  'swapoff',
  'reboot',
  'syslog',
  'ustat',
  'sysfs',
  'vhangup',
];
/** Forty names: over the 32 where runc begins to ask for a binary tree. */
const forty = [
  ...many,
  ...[
    'mknodat',
    'pivot_root',
    'settimeofday',
    'sethostname',
    'setdomainname',
    'iopl',
    'ioperm',
    'init_module',
  ],
  ...[
    'delete_module',
    'quotactl',
    'lookup_dcookie',
    'add_key',
    'request_key',
    'keyctl',
    'migrate_pages',
    'unshare',
  ],
  ...[
    'perf_event_open',
    'name_to_handle_at',
    'open_by_handle_at',
    'clock_adjtime',
    'setns',
    'process_vm_readv',
  ],
  ...[
    'process_vm_writev',
    'kcmp',
    'finit_module',
    'kexec_file_load',
    'bpf',
    'userfaultfd',
    'move_pages',
    'kexec_load',
  ],
];

/** By name; keys are unique over all groups. */
export const profiles: Readonly<Record<string, TestSeccomp>> = {
  ...operators,
  'several arguments at once': errno(...three),
  'six arguments': errno(...[0, 1, 2, 3, 4, 5].map((i) => arg(i, 'EQ', i))),
  'argument twice: alternatives': errno(arg(0, 'EQ', 1), arg(1, 'EQ', 2), arg(0, 'EQ', 3)),
  'two rules on one call': {
    ...ALLOW,
    syscalls: [
      { names: ['mknod'], action: 'SCMP_ACT_ERRNO', args: [arg(0, 'EQ', 1)] },
      { names: ['mknod'], action: 'SCMP_ACT_TRAP', args: [arg(0, 'EQ', 2)] },
    ],
  },
  'plain rule, then one with comparisons': {
    ...ALLOW,
    syscalls: [
      { names: ['mknod'], action: 'SCMP_ACT_ERRNO' },
      { names: ['mknod'], action: 'SCMP_ACT_TRAP', args: [arg(0, 'EQ', 2)] },
    ],
  },
  'no rules': { ...ALLOW, syscalls: [] },
  'every action': {
    defaultAction: 'SCMP_ACT_LOG',
    syscalls: [
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      { names: ['mknod'], action: 'SCMP_ACT_ERRNO' },
      { names: ['mknodat'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      { names: ['chroot'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
      { names: ['acct'], action: 'SCMP_ACT_ERRNO', errnoRet: 4094 },
      { names: ['swapon'], action: 'SCMP_ACT_TRACE' },
      { names: ['swapoff'], action: 'SCMP_ACT_TRACE', errnoRet: 40000 },
      { names: ['reboot'], action: 'SCMP_ACT_TRAP' },
      { names: ['syslog'], action: 'SCMP_ACT_KILL' },
      { names: ['ustat'], action: 'SCMP_ACT_KILL_THREAD' },
      { names: ['sysfs'], action: 'SCMP_ACT_KILL_PROCESS' },
      { names: ['vhangup'], action: 'SCMP_ACT_LOG' },
    ],
  },
  'unknown names': {
    ...ALLOW,
    syscalls: [{ names: ['no_such_call', 'mknod', 'MKNOD'], action: 'SCMP_ACT_ERRNO' }],
  },
  'names of other architectures': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: ['socketcall', 'chown32', 'socket', 'mknod'], action: 'SCMP_ACT_ERRNO' }],
  },
  'one architecture': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: many, action: 'SCMP_ACT_ERRNO' }],
  },
  'two architectures': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: many, action: 'SCMP_ACT_ERRNO' }],
  },
  'three architectures': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: many, action: 'SCMP_ACT_ERRNO' },
      { names: ['clone'], action: 'SCMP_ACT_TRAP', args: [arg(0, 'GE', 0x1_0000_0000n)] },
    ],
  },
  'foreign architecture first': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    syscalls: [{ names: many, action: 'SCMP_ACT_ERRNO' }],
  },
  'architecture twice': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: many, action: 'SCMP_ACT_ERRNO' }],
  },
  'no architectures': { ...ALLOW, architectures: [], syscalls: [{ names: many, action: 'SCMP_ACT_ERRNO' }] },
  '32 names': { ...ALLOW, syscalls: [{ names: forty.slice(0, 32), action: 'SCMP_ACT_ERRNO' }] },
  '33 names': { ...ALLOW, syscalls: [{ names: forty.slice(0, 33), action: 'SCMP_ACT_ERRNO' }] },
  '40 names, three architectures': {
    ...ALLOW,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [{ names: forty, action: 'SCMP_ACT_ERRNO' }],
  },
  '33 names, most equal to the default': {
    ...ALLOW,
    syscalls: [
      { names: forty.slice(0, 30), action: 'SCMP_ACT_ALLOW' },
      { names: ['mknod', 'chroot', 'acct'], action: 'SCMP_ACT_ERRNO' },
    ],
  },
};

// mkdir exists almost everywhere, read is number 0 on x86_64, chown32 only on 32-bit architectures.
const single = [['mkdir'], ['read'], ['chown32']];
const mixed = ['mkdir', 'read', 'chown32', 'openat2', 'nosuch'];

/**
 * Denying profiles: no container starts under them, so the runtime's call is watched. Here runc adds its stub: whether
 * it does depends on the default action, and what is in it on architectures and names, so only one action takes all names.
 */
export const denying: Readonly<Record<string, TestSeccomp>> = Object.fromEntries(
  ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRAP', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS'].flatMap((defaultAction) =>
    (
      [
        ['no architectures', undefined],
        ['x86_64', ['X86_64']],
        ['x86', ['X86']],
        ['x32', ['X32']],
        ['x86_64 and x86', ['X86_64', 'X86']],
        ['x32 and x86', ['X32', 'X86']],
        ['three', ['X86_64', 'X86', 'X32']],
        ['eight', ['X86', 'X32', 'ARM', 'AARCH64', 'MIPSEL', 'MIPSEL64', 'MIPSEL64N32', 'PPC64LE']],
      ] as const
    ).flatMap(([label, archs]) =>
      (defaultAction === 'SCMP_ACT_ERRNO' ? [...single, mixed] : [mixed]).map((names) => [
        `${defaultAction.slice(9)}, ${label}, ${names.join(' ')}`,
        {
          defaultAction,
          ...(defaultAction === 'SCMP_ACT_ERRNO' ? { defaultErrnoRet: names.length === 1 ? 38 : 13 } : {}),
          ...(archs === undefined ? {} : { architectures: archs.map((arch) => `SCMP_ARCH_${arch}`) }),
          syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
        },
      ]),
    ),
  ),
);
