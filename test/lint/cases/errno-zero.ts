import type { RuleCases } from '../cases.ts';
import { profile } from '../texts.ts';

const faked = (names: string, errno = 0): string =>
  `{"names": ["${names.split(' ').join('", "')}"], "action": "SCMP_ACT_ERRNO", "errnoRet": ${errno}}`;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'giving up the user id',
      text: profile([faked('setuid setresuid')], 'SCMP_ACT_ALLOW'),
      at: ['2:14'],
      messages: [
        /^setuid and setresuid are not made but return 0 \(success\): the program goes on with the user id/,
      ],
    },
    {
      name: 'as the default action',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 0, "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
  {"names": ["execve", "exit_group"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['1:19'],
    },
    {
      name: 'for some arguments',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0, "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['2:14'],
    },
  ],
  clean: [
    { name: 'an error', text: profile([faked('setuid mount', 1)], 'SCMP_ACT_ALLOW') },
    { name: 'calls that people fake on purpose', text: profile([faked('chown fsync')], 'SCMP_ACT_ALLOW') },
  ],
};
