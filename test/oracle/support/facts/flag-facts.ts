/**
 * How the program is handed over: flags of the filter and of seccomp(2), with an agent and without.
 * @module
 */
import { ALLOW, type Fact, MKDIR, rules } from './fact.ts';

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
  {
    // What runc makes of the path it says after the load.
    name: 'a relative listenerPath',
    seccomp: `{${ALLOW},"listenerPath":"agent.sock","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}`,
    runc: [
      ['0', 'seccomp 8'],
      ['1.3', 'seccomp 12'],
    ],
    crun: 'refused: is not an absolute path',
  },
  {
    name: 'an empty listenerPath, though nothing is to be sent',
    seccomp: `{${ALLOW},"listenerPath":"","syscalls":[${MKDIR}]}`,
    runc: [
      ['0', 'prctl'],
      ['1.3', 'seccomp 4'],
    ],
    crun: 'refused: is not an absolute path',
  },
  {
    name: 'NOTIFY without listenerPath',
    seccomp: `{${ALLOW},"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}`,
    runc: [
      ['0', 'seccomp 8'],
      ['1.3', 'seccomp 12'],
    ],
    crun: 'seccomp 4',
  },
];

function listening(flagList: string, action: string): string {
  return `{${ALLOW},"listenerPath":"LISTENER","flags":[${flagList}],"syscalls":[{"names":["mkdir"],"action":"${action}"}]}`;
}
