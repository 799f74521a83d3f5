import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'what is no JSON', text: '{"defaultAction": }', at: ['1:19'] },
    { name: 'an action that does not exist', text: '{"defaultAction": "SCMP_ACT_ERNO"}', at: ['1:19'] },
    {
      name: 'what crun refuses, under crun',
      text: '{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_KILL", "errnoRet": 1}]}',
      options: { runtimes: ['crun'] },
      at: ['2:63'],
      messages: [/errno/],
    },
  ],
  clean: [
    { name: 'a valid profile', text: '{"defaultAction": "SCMP_ACT_ALLOW"}' },
    {
      name: 'what only crun refuses, under runc',
      text: '{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_KILL", "errnoRet": 1}]}',
    },
  ],
};
