import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'KILL',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_KILL'),
      at: ['1:19'],
      messages: [/kills the thread/],
    },
    {
      name: 'KILL_PROCESS',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_KILL_PROCESS'),
      at: ['1:19'],
      messages: [/kills the process/],
    },
    {
      name: 'a key in another letter case',
      text: '{"DefaultAction": "SCMP_ACT_KILL", "syscalls": []}',
      at: ['1:19'],
    },
  ],
  clean: [
    { name: 'ERRNO', text: profile([rule('read', 'ALLOW')]) },
    { name: 'TRAP, which a handler can report', text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_TRAP') },
    { name: 'a rule that kills', text: profile([rule('kexec_load', 'KILL')], 'SCMP_ACT_ALLOW') },
  ],
};
