import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'an errno that becomes success',
      text: profile([rule('read', 'ERRNO', [], ', "errnoRet": 65536')], 'SCMP_ACT_ALLOW'),
      at: ['2:63'],
      messages: [/becomes 0: a denied call would report success/],
    },
    {
      name: 'an errno that libseccomp refuses',
      text: profile([rule('read', 'ERRNO', [], ', "errnoRet": 4095')], 'SCMP_ACT_ALLOW'),
      at: ['2:63'],
    },
    {
      name: 'a name that is no errno',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPREM", "syscalls": []}',
      options: { dialect: 'podman' },
      at: ['1:53'],
    },
  ],
  clean: [
    { name: 'ENOSYS', text: profile([rule('read', 'ERRNO', [], ', "errnoRet": 38')], 'SCMP_ACT_ALLOW') },
  ],
};
