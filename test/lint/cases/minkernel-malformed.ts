import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'three numbers',
      text: profile([rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": "4.8.0"}')]),
      at: ['2:79'],
    },
  ],
  clean: [
    {
      name: 'two numbers',
      text: profile([rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": "4.8"}')]),
    },
  ],
};
