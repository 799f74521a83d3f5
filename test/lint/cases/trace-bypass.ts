import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a call that is left to a tracer, and ptrace',
      text: profile([rule('bpf mount', 'TRACE'), rule('ptrace', 'ALLOW')]),
      at: ['2:14'],
      messages: [/^SCMP_ACT_TRACE does not keep programs from bpf and mount: ptrace is open/],
    },
    {
      name: 'the default action',
      text: profile([rule('ptrace', 'LOG')], 'SCMP_ACT_TRACE'),
      at: ['1:19'],
      messages: [/^the default action denies nothing/],
    },
    {
      name: 'ptrace with the request that a tracer needs',
      text: profile([rule('bpf', 'TRACE'), rule('ptrace', 'ALLOW', [arg(0, 'EQ', 0x4206)])]),
      at: ['2:14'],
    },
  ],
  clean: [
    { name: 'no ptrace', text: profile([rule('bpf', 'TRACE'), rule('read', 'ALLOW')]) },
    { name: 'ptrace that is left to a tracer itself', text: profile([rule('bpf ptrace', 'TRACE')]) },
    {
      name: 'ptrace without the requests that a tracer needs',
      text: profile([rule('bpf', 'TRACE'), rule('ptrace', 'ALLOW', [arg(0, 'EQ', 0)])]),
    },
    {
      name: 'ptrace alone',
      text: profile([rule('bpf', 'ERRNO'), rule('ptrace', 'ALLOW')], 'SCMP_ACT_ALLOW'),
    },
  ],
};
