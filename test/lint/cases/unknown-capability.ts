import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a capability without its prefix',
      text: profile([rule('bpf', 'ALLOW', [], ', "includes": {"caps": ["SYS_ADMIN"]}')]),
      at: ['2:72'],
    },
  ],
  clean: [
    {
      name: 'a capability',
      text: profile([rule('bpf', 'ALLOW', [], ', "includes": {"caps": ["CAP_SYS_ADMIN"]}')]),
    },
  ],
};
