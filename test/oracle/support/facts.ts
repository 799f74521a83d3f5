/**
 * What runtimes do with unusual profiles, as measured: one row a profile.
 *
 * Outcomes: `off` (no filter); `refused: PART OF THE MESSAGE`; else what the filter answers to the row's calls
 * (by default mkdir with argument 0 = 1), spaces between. Where versions differ, a list of [first version, outcome],
 * oldest first; versions are those measured, the change may have come earlier than the one named.
 * @module
 */

export type Outcome = string | readonly (readonly [since: string, outcome: string])[];

export interface Fact {
  readonly name: string;
  /** JSON text of `linux.seccomp`, as it stands in config.json. */
  readonly seccomp: string;
  /** `[nr, argument 0]` on x86_64. */
  readonly calls?: readonly (readonly [number, bigint])[];
  readonly runc: Outcome;
  readonly crun: Outcome;
}

const ALLOW = '"defaultAction":"SCMP_ACT_ALLOW"';
const MKDIR = '{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}';
const mkdir = 83;
const rmdir = 84;
const chdir = 80;

/** Default ALLOW and the given rules. */
function rules(text: string): string {
  return `{${ALLOW},"syscalls":[${text}]}`;
}

/** One rule on mkdir with the given keys, ERRNO unless the keys say otherwise. */
function rule(keys: string): string {
  return rules(`{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"${keys}}`);
}

function args(text: string): string {
  return rule(`,"args":[${text}]`);
}

function equals(index: number, value = index + 1): string {
  return `{"index":${index},"value":${value},"op":"SCMP_CMP_EQ"}`;
}

/** One comparison of argument 0 with a value as it stands in the text. */
function value(text: string): string {
  return args(`{"index":0,"value":${text},"op":"SCMP_CMP_EQ"}`);
}

function architectures(text: string): string {
  return `{${ALLOW},"architectures":${text},"syscalls":[${MKDIR}]}`;
}

const goUint = 'refused: cannot unmarshal number';
const goString = 'refused: cannot unmarshal string';
const yajlRange = 'refused: Numerical result out of range';
const yajlInvalid = 'refused: Invalid argument';

const errnoRet: readonly Fact[] = [
  {
    name: 'errnoRet on an ALLOW rule',
    seccomp: `{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ALLOW","errnoRet":5}]}`,
    runc: 'ALLOW',
    crun: 'refused: errno value specified for action',
  },
  {
    name: 'defaultErrnoRet with default ALLOW',
    seccomp: `{${ALLOW},"defaultErrnoRet":5,"syscalls":[${MKDIR}]}`,
    runc: 'ERRNO(1)',
    crun: 'refused: errno value specified for action',
  },
  {
    name: 'errnoRet on a KILL_PROCESS rule',
    seccomp: rules('{"names":["mkdir"],"action":"SCMP_ACT_KILL_PROCESS","errnoRet":5}'),
    runc: 'KILL_PROCESS',
    crun: 'refused: errno value specified for action',
  },
  { name: 'errnoRet 0', seccomp: rule(',"errnoRet":0'), runc: 'ERRNO(0)', crun: 'ERRNO(0)' },
  { name: 'errnoRet 4094', seccomp: rule(',"errnoRet":4094'), runc: 'ERRNO(4094)', crun: 'ERRNO(4094)' },
  // libseccomp's EINVAL; runc's binding explains it wrongly.
  ...['4095', '40000', '65535', '4294967295'].map((text) => ({
    name: `errnoRet ${text}`,
    seccomp: rule(`,"errnoRet":${text}`),
    runc: 'refused: two checks on same syscall argument',
    crun: 'refused: Invalid argument',
  })),
  { name: 'errnoRet 65536', seccomp: rule(',"errnoRet":65536'), runc: 'ERRNO(0)', crun: 'ERRNO(0)' },
  { name: 'errnoRet 65537', seccomp: rule(',"errnoRet":65537'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  { name: 'errnoRet 2^32', seccomp: rule(',"errnoRet":4294967296'), runc: 'ERRNO(0)', crun: yajlRange },
  { name: 'errnoRet -1', seccomp: rule(',"errnoRet":-1'), runc: goUint, crun: yajlRange },
  { name: 'errnoRet 1e1', seccomp: rule(',"errnoRet":1e1'), runc: goUint, crun: yajlInvalid },
  { name: 'errnoRet 5.0', seccomp: rule(',"errnoRet":5.0'), runc: goUint, crun: yajlInvalid },
  {
    name: 'errnoRet "5": ignored by crun',
    seccomp: rule(',"errnoRet":"5"'),
    runc: goString,
    crun: 'ERRNO(1)',
  },
  { name: 'errnoRet null', seccomp: rule(',"errnoRet":null'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  ...(
    [
      ['', 'TRACE(1)'],
      [',"errnoRet":40000', 'TRACE(40000)'],
      [',"errnoRet":65537', 'TRACE(1)'],
    ] as const
  ).map(([keys, outcome]) => ({
    name: `TRACE ${keys}`,
    seccomp: rules(`{"names":["mkdir"],"action":"SCMP_ACT_TRACE"${keys}}`),
    runc: outcome,
    crun: outcome,
  })),
];

const arguments_: readonly Fact[] = [
  {
    name: 'index 6',
    seccomp: args(equals(6)),
    runc: 'refused: up to 6 arguments',
    crun: 'refused: invalid seccomp index',
  },
  {
    name: 'index 2^32',
    seccomp: args(equals(4294967296, 1)),
    runc: 'refused: up to 6 arguments',
    crun: yajlRange,
  },
  { name: 'index -1', seccomp: args(equals(-1)), runc: goUint, crun: yajlRange },
  {
    name: 'seven comparisons, the seventh on argument 0 again: crun reads six',
    seccomp: args([0, 1, 2, 3, 4, 5, 0].map((index) => equals(index)).join()),
    runc: 'ERRNO(1)',
    crun: 'ALLOW',
  },
  {
    name: 'seven comparisons, the seventh on argument 6',
    seccomp: args([0, 1, 2, 3, 4, 5, 6].map((index) => equals(index)).join()),
    runc: 'refused: up to 6 arguments',
    crun: 'ALLOW',
  },
  {
    name: 'an argument twice: alternatives',
    seccomp: args(`${equals(0)},${equals(1, 2)},${equals(0, 3)}`),
    calls: [
      [mkdir, 1n],
      [mkdir, 3n],
      [mkdir, 2n],
    ],
    runc: 'ERRNO(1) ERRNO(1) ALLOW',
    crun: 'ERRNO(1) ERRNO(1) ALLOW',
  },
  { name: 'args []', seccomp: rule(',"args":[]'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  { name: 'args null', seccomp: rule(',"args":null'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  {
    name: 'args {}',
    seccomp: rule(',"args":{}'),
    runc: 'refused: cannot unmarshal object',
    crun: 'ERRNO(1)',
  },
  {
    name: 'op absent',
    seccomp: args('{"index":0,"value":1}'),
    runc: 'refused: is not a valid operator',
    crun: "refused: Required field 'op' not present",
  },
  {
    name: 'op unknown',
    seccomp: args('{"index":0,"value":1,"op":"SCMP_CMP_XX"}'),
    runc: 'refused: is not a valid operator',
    crun: 'refused: get_seccomp_operator',
  },
  {
    name: 'value absent: 0',
    seccomp: args('{"index":0,"op":"SCMP_CMP_EQ"}'),
    calls: [[mkdir, 0n]],
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'value 2^64-1',
    seccomp: value('18446744073709551615'),
    calls: [[mkdir, 0xffff_ffff_ffff_ffffn]],
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'value 2^53+1',
    seccomp: value('9007199254740993'),
    calls: [
      [mkdir, 9007199254740993n],
      [mkdir, 9007199254740992n],
    ],
    runc: 'ERRNO(1) ALLOW',
    crun: 'ERRNO(1) ALLOW',
  },
  {
    name: 'value 2^64: the largest from crun 1.28 on',
    seccomp: value('18446744073709551616'),
    calls: [[mkdir, 0xffff_ffff_ffff_ffffn]],
    runc: goUint,
    crun: [
      ['0', yajlRange],
      ['1.28', 'ERRNO(1)'],
    ],
  },
  {
    name: 'value -1: 2^64-1 in crun',
    seccomp: value('-1'),
    calls: [[mkdir, 0xffff_ffff_ffff_ffffn]],
    runc: goUint,
    crun: 'ERRNO(1)',
  },
  { name: 'value 1e3', seccomp: value('1e3'), runc: goUint, crun: yajlInvalid },
  { name: 'value 5.0', seccomp: value('5.0'), runc: goUint, crun: yajlInvalid },
  {
    name: 'value "5": 0 in crun',
    seccomp: value('"5"'),
    calls: [[mkdir, 0n]],
    runc: goString,
    crun: 'ERRNO(1)',
  },
  {
    name: 'MASKED_EQ with mask 0 always matches',
    seccomp: args('{"index":0,"value":0,"valueTwo":4,"op":"SCMP_CMP_MASKED_EQ"}'),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
];

const names: readonly Fact[] = [
  {
    name: 'unknown call: skipped',
    seccomp: rules('{"names":["nosuchcall","mkdir"],"action":"SCMP_ACT_ERRNO"}'),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'empty name',
    seccomp: rules('{"names":["","mkdir"],"action":"SCMP_ACT_ERRNO"}'),
    runc: 'refused: empty string is not a valid syscall',
    crun: 'ERRNO(1)',
  },
  {
    name: 'names []',
    seccomp: rules('{"names":[],"action":"SCMP_ACT_ERRNO"}'),
    runc: 'ALLOW',
    crun: 'ALLOW',
  },
  {
    name: 'names absent',
    seccomp: rules('{"action":"SCMP_ACT_ERRNO"}'),
    runc: 'ALLOW',
    crun: "refused: Required field 'names' not present",
  },
  {
    name: 'name in upper case',
    seccomp: rules('{"names":["MKDIR"],"action":"SCMP_ACT_ERRNO"}'),
    runc: 'ALLOW',
    crun: 'ALLOW',
  },
  {
    name: 'same comparisons, other action',
    seccomp: rules(
      `{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[${equals(0)}]},{"names":["mkdir"],"action":"SCMP_ACT_TRAP","args":[${equals(0)}]}`,
    ),
    runc: 'refused: file exists',
    crun: 'refused: File exists',
  },
  {
    name: 'same comparisons, same action',
    seccomp: rules(
      `{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[${equals(0)}]},{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[${equals(0)}]}`,
    ),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'plain twice, other action: the first',
    seccomp: rules(`${MKDIR},{"names":["mkdir"],"action":"SCMP_ACT_TRAP"}`),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'plain, then with comparisons: the plain one',
    seccomp: rules(`${MKDIR},{"names":["mkdir"],"action":"SCMP_ACT_TRAP","args":[${equals(0)}]}`),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'with comparisons, then plain: the plain one',
    seccomp: rules(`{"names":["mkdir"],"action":"SCMP_ACT_TRAP","args":[${equals(0)}]},${MKDIR}`),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
];

const actions: readonly Fact[] = [
  {
    name: 'action unknown',
    seccomp: rules('{"names":["mkdir"],"action":"SCMP_ACT_XX"}'),
    runc: 'refused: is not a valid action',
    crun: 'refused: SCMP_ACT_XX',
  },
  {
    name: 'action absent',
    seccomp: rules('{"names":["mkdir"]}'),
    runc: 'refused: is not a valid action',
    crun: "refused: Required field 'action' not present",
  },
  {
    name: 'KILL is KILL_THREAD',
    seccomp: rules('{"names":["mkdir"],"action":"SCMP_ACT_KILL"}'),
    runc: 'KILL_THREAD',
    crun: 'KILL_THREAD',
  },
  {
    name: 'NOTIFY as default action',
    seccomp: `{"defaultAction":"SCMP_ACT_NOTIFY","syscalls":[${MKDIR}]}`,
    runc: 'refused: cannot be used as default action',
    crun: 'ERRNO(1)',
  },
  {
    name: 'NOTIFY on write',
    seccomp: rules('{"names":["write"],"action":"SCMP_ACT_NOTIFY"}'),
    calls: [[1, 0n]],
    runc: 'refused: cannot be used for the write syscall',
    crun: 'USER_NOTIF',
  },
  {
    name: 'NOTIFY: crun connects to the listener before it installs',
    seccomp: `{${ALLOW},"listenerPath":"/nowhere/listener","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}`,
    runc: 'USER_NOTIF',
    crun: 'refused: open seccomp receiver',
  },
  {
    name: 'listenerMetadata without listenerPath',
    seccomp: `{${ALLOW},"listenerMetadata":"x","syscalls":[${MKDIR}]}`,
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  { name: '{}', seccomp: '{}', runc: 'off', crun: "refused: Required field 'defaultAction' not present" },
  { name: 'null', seccomp: 'null', runc: 'off', crun: 'off' },
  {
    name: 'rules without default action',
    seccomp: `{"syscalls":[${MKDIR}]}`,
    runc: 'refused: is not a valid action',
    crun: "refused: Required field 'defaultAction' not present",
  },
  { name: 'default action alone', seccomp: `{${ALLOW}}`, runc: 'ALLOW', crun: 'ALLOW' },
];

const archs: readonly Fact[] = [
  {
    name: 'SCMP_ARCH_NATIVE',
    seccomp: architectures('["SCMP_ARCH_NATIVE"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'SCMP_ARCH_PARISC',
    seccomp: architectures('["SCMP_ARCH_PARISC"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: Numerical argument out of domain',
  },
  {
    name: 'SCMP_ARCH_RISCV64',
    seccomp: architectures('["SCMP_ARCH_RISCV64"]'),
    runc: [
      ['0', 'refused: is not a valid arch'],
      ['1.1.8', 'ERRNO(1)'],
    ],
    crun: 'ERRNO(1)',
  },
  {
    name: 'SCMP_ARCH_LOONGARCH64',
    seccomp: architectures('["SCMP_ARCH_LOONGARCH64"]'),
    runc: [
      ['0', 'refused: is not a valid arch'],
      ['1.1.15', 'ERRNO(1)'],
    ],
    crun: [
      ['0', 'refused: seccomp unknown architecture'],
      ['1.21', 'ERRNO(1)'],
    ],
  },
  {
    name: 'an architecture of the other byte order',
    seccomp: architectures('["SCMP_ARCH_S390X"]'),
    runc: 'refused: numerical argument out of domain',
    crun: 'refused: Numerical argument out of domain',
  },
  {
    name: 'unknown architecture',
    seccomp: architectures('["SCMP_ARCH_FOO"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'architecture in lower case',
    seccomp: architectures('["scmp_arch_x86"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'architecture without prefix',
    seccomp: architectures('["x86"]'),
    runc: 'refused: is not a valid arch',
    crun: 'ERRNO(1)',
  },
  {
    name: 'an architecture twice',
    seccomp: architectures('["SCMP_ARCH_X86","SCMP_ARCH_X86_64","SCMP_ARCH_X86"]'),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  { name: 'architectures []', seccomp: architectures('[]'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  { name: 'architectures null', seccomp: architectures('null'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
];

const three = [
  [mkdir, 1n],
  [rmdir, 1n],
  [chdir, 1n],
] as const;
const RMDIR = '{"names":["rmdir"],"action":"SCMP_ACT_ERRNO"}';

const json: readonly Fact[] = [
  {
    name: 'duplicate key: the last in runc, the first in crun before 1.28',
    seccomp: rule(',"errnoRet":5,"errnoRet":7'),
    runc: 'ERRNO(7)',
    crun: [
      ['0', 'ERRNO(5)'],
      ['1.28', 'ERRNO(7)'],
    ],
  },
  {
    name: 'duplicate key, null second',
    seccomp: rule(',"errnoRet":5,"errnoRet":null'),
    runc: 'ERRNO(1)',
    crun: [
      ['0', 'ERRNO(5)'],
      ['1.28', 'ERRNO(1)'],
    ],
  },
  {
    name: 'duplicate list',
    seccomp: `{${ALLOW},"syscalls":[${MKDIR}],"syscalls":[${RMDIR}]}`,
    calls: three,
    runc: 'ALLOW ERRNO(1) ALLOW',
    crun: [
      ['0', 'ERRNO(1) ALLOW ALLOW'],
      ['1.28', 'ALLOW ERRNO(1) ALLOW'],
    ],
  },
  {
    // Go decodes the second list into the elements of the first: keys absent there keep their value.
    name: 'duplicate list: in runc the elements of the first shine through',
    seccomp: `{${ALLOW},"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[${equals(0, 7)}]}],"syscalls":[${RMDIR}]}`,
    calls: [
      [rmdir, 1n],
      [rmdir, 7n],
    ],
    runc: 'ALLOW ERRNO(1)',
    crun: [
      ['0', 'ALLOW ALLOW'],
      ['1.28', 'ERRNO(1) ERRNO(1)'],
    ],
  },
  {
    name: 'the same key in another case, second',
    seccomp: rule(',"errnoRet":5,"ERRNORET":7'),
    runc: 'ERRNO(7)',
    crun: 'ERRNO(5)',
  },
  {
    name: 'the same key in another case, first',
    seccomp: rule(',"ERRNORET":7,"errnoRet":5'),
    runc: 'ERRNO(5)',
    crun: 'ERRNO(5)',
  },
  {
    name: 'keys in upper case',
    seccomp: '{"DEFAULTACTION":"SCMP_ACT_ALLOW","SYSCALLS":[{"NAMES":["mkdir"],"ACTION":"SCMP_ACT_ERRNO"}]}',
    runc: 'ERRNO(1)',
    crun: "refused: Required field 'defaultAction' not present",
  },
  {
    name: 'unknown keys',
    seccomp: `{${ALLOW},"typo":1,"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","arg":[]}]}`,
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'the address of a schema',
    seccomp: `{"$schema":"https://example.org/docker.schema.json",${ALLOW},"syscalls":[${MKDIR}]}`,
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'trailing comma',
    seccomp: `{${ALLOW},"syscalls":[${MKDIR},]}`,
    runc: 'refused: invalid character',
    crun: [
      ['0', 'refused: cannot parse the data'],
      ['1.28', 'ERRNO(1)'],
    ],
  },
  {
    name: 'comment',
    seccomp: `{${ALLOW},/* x */"syscalls":[${MKDIR}]}`,
    runc: 'refused: invalid character',
    crun: 'ERRNO(1)',
  },
];

function flags(text: string): string {
  return `{${ALLOW},"flags":${text},"syscalls":[${MKDIR}]}`;
}

const noFlags = 'refused: seccomp flags are not yet supported by runc';

/** Outcomes here are the calls that hand over the program: `prctl`, or `seccomp` and its flags, `= errno` if refused. */
export const flagFacts: readonly Fact[] = [
  {
    name: 'flags absent',
    seccomp: rules(MKDIR),
    runc: [
      ['0', 'prctl'],
      ['1.3', 'seccomp 4'],
    ],
    crun: 'seccomp 4',
  },
  { name: 'flags []', seccomp: flags('[]'), runc: 'prctl', crun: 'seccomp 0' },
  {
    name: 'flags null: absent',
    seccomp: flags('null'),
    runc: [
      ['0', 'prctl'],
      ['1.3', 'seccomp 4'],
    ],
    crun: 'seccomp 4',
  },
  {
    name: 'LOG',
    seccomp: flags('["SECCOMP_FILTER_FLAG_LOG"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'seccomp 2'],
    ],
    crun: 'seccomp 2',
  },
  {
    name: 'TSYNC: accepted and dropped by runc',
    seccomp: flags('["SECCOMP_FILTER_FLAG_TSYNC"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'prctl'],
    ],
    crun: 'seccomp 1',
  },
  {
    name: 'SPEC_ALLOW and LOG',
    seccomp: flags('["SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_LOG"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'seccomp 6'],
    ],
    crun: 'seccomp 6',
  },
  {
    name: 'WAIT_KILLABLE_RECV without listener: EINVAL, then crun tries without flags',
    seccomp: flags('["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'refused: is not known to runc'],
      ['1.5', 'seccomp 32 = 22'],
    ],
    crun: 'seccomp 32 = 22, seccomp 0',
  },
  {
    name: 'WAIT_KILLABLE_RECV without listener, and LOG, which crun loses with it',
    seccomp: flags('["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV","SECCOMP_FILTER_FLAG_LOG"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'refused: is not known to runc'],
      ['1.5', 'seccomp 34 = 22'],
    ],
    crun: 'seccomp 34 = 22, seccomp 0',
  },
  {
    name: 'unknown flag',
    seccomp: flags('["SECCOMP_FILTER_FLAG_FOO"]'),
    runc: [
      ['0', noFlags],
      ['1.3', 'refused: is not known to runc'],
    ],
    crun: 'refused: unknown seccomp option',
  },
];

const WAIT_KILLABLE = '"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"';

/** As {@link flagFacts}, beside an agent that listens; `LISTENER` stands for its socket. */
export const listenerFacts: readonly Fact[] = [
  {
    name: 'NOTIFY',
    seccomp: listening('', 'SCMP_ACT_NOTIFY'),
    runc: 'seccomp 8',
    crun: 'seccomp 8',
  },
  {
    name: 'NOTIFY and WAIT_KILLABLE_RECV',
    seccomp: listening(WAIT_KILLABLE, 'SCMP_ACT_NOTIFY'),
    runc: [
      ['0', noFlags],
      ['1.3', 'refused: is not known to runc'],
      ['1.5', 'seccomp 40'],
    ],
    crun: 'seccomp 40',
  },
  {
    name: 'NOTIFY and TSYNC: EINVAL without TSYNC_ESRCH, and with a listener crun does not try again',
    seccomp: listening('"SECCOMP_FILTER_FLAG_TSYNC","SECCOMP_FILTER_FLAG_LOG"', 'SCMP_ACT_NOTIFY'),
    runc: [
      ['0', noFlags],
      ['1.3', 'seccomp 10'],
    ],
    crun: 'seccomp 11 = 22',
  },
  {
    name: 'no NOTIFY: runc asks for no listener, crun for one because of the path',
    seccomp: listening('', 'SCMP_ACT_ERRNO'),
    runc: 'prctl',
    crun: 'seccomp 8',
  },
  {
    name: 'no NOTIFY, WAIT_KILLABLE_RECV',
    seccomp: listening(WAIT_KILLABLE, 'SCMP_ACT_ERRNO'),
    runc: [
      ['0', noFlags],
      ['1.3', 'refused: is not known to runc'],
      ['1.5', 'seccomp 32 = 22'],
    ],
    crun: 'seccomp 40',
  },
  {
    name: 'no NOTIFY, TSYNC',
    seccomp: listening('"SECCOMP_FILTER_FLAG_TSYNC"', 'SCMP_ACT_ERRNO'),
    runc: [
      ['0', noFlags],
      ['1.3', 'prctl'],
    ],
    crun: 'seccomp 9 = 22',
  },
];

function listening(flagList: string, action: string): string {
  return `{${ALLOW},"listenerPath":"LISTENER","flags":[${flagList}],"syscalls":[{"names":["mkdir"],"action":"${action}"}]}`;
}

export const facts: readonly Fact[] = [...errnoRet, ...arguments_, ...names, ...actions, ...archs, ...json];
