import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

const from4p8 = {
  kernels: { oldest: { kernel: 4, major: 8 }, newest: { kernel: 6, major: 18 } },
} as const;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'actions of Linux 4.14 and 5.0 on 4.8',
      text: profile(
        [rule('read', 'LOG'), rule('close', 'NOTIFY'), rule('ptrace', 'ALLOW')],
        'SCMP_ACT_KILL_PROCESS',
      ),
      options: from4p8,
      at: ['1:19', '2:33', '3:34'],
      messages: [/since Linux 4\.14/, /since Linux 4\.14/, /since Linux 5\.0/],
    },
  ],
  clean: [
    {
      name: 'actions as old as filters',
      text: profile([rule('read', 'TRAP'), rule('close', 'TRACE'), rule('ptrace', 'KILL_THREAD')]),
      options: from4p8,
    },
    {
      name: 'a rule that newer kernels have',
      text: profile([rule('read', 'LOG', [], ', "includes": {"minKernel": "4.14"}')]),
      options: from4p8,
    },
    { name: 'Linux 4.19 and newer', text: profile([rule('read', 'LOG')], 'SCMP_ACT_KILL_PROCESS') },
  ],
};
