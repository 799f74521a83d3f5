import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a call that is left to a tracer',
      text: profile([rule('read', 'ALLOW'), rule('bpf', 'TRACE')]),
      at: ['3:14'],
      messages: [/^bpf gets ENOSYS as long as nobody traces the process/],
    },
    {
      name: 'a call that is left to a tracer, on PA-RISC',
      text: profile([rule('read', 'ALLOW'), rule('bpf', 'TRACE')]),
      options: {
        hosts: [{ arch: 'parisc', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['3:14'],
      hints: [/"errnoRet": 251 \(ENOSYS\)/],
    },
    {
      name: 'the default action',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_TRACE'),
      at: ['1:19'],
    },
  ],
  clean: [
    { name: 'no tracer asked for', text: profile([rule('read', 'ALLOW'), rule('bpf', 'KILL')]) },
    {
      name: 'ptrace, of which trace-bypass speaks',
      text: profile([rule('bpf', 'TRACE'), rule('ptrace', 'ALLOW')]),
    },
  ],
};
