import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a misspelt key',
      text: '{"defaultAction": "SCMP_ACT_ALLOW", "syscals": []}',
      at: ['1:48'],
      messages: [/syscals/],
    },
  ],
  clean: [{ name: 'keys of the dialect', text: '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}' }],
};
