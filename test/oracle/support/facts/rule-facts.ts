/**
 * Rules: errno values, arguments, names, actions.
 * @module
 */
import {
  ALLOW,
  args,
  equals,
  type Fact,
  goString,
  goUint,
  MKDIR,
  mkdir,
  rule,
  rules,
  value,
  yajlInvalid,
  yajlRange,
} from './fact.ts';

export const errnoFacts: readonly Fact[] = [
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
  { name: 'errnoRet 2^32 + 1', seccomp: rule(',"errnoRet":4294967297'), runc: 'ERRNO(1)', crun: yajlRange },
  {
    name: 'errnoRet 2^64 + 1',
    seccomp: rule(',"errnoRet":18446744073709551617'),
    runc: goUint,
    crun: yajlRange,
  },
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

export const argumentFacts: readonly Fact[] = [
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

export const nameFacts: readonly Fact[] = [
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

export const actionFacts: readonly Fact[] = [
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
