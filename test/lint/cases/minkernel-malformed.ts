import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'three numbers',
      text: profile([rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": "4.8.0"}')]),
      at: ['2:79'],
    },
    {
      name: 'an empty text, which excludes everywhere',
      text: profile([rule('ptrace', 'ALLOW', [], ', "excludes": {"minKernel": ""}')]),
      at: ['2:79'],
    },
  ],
  clean: [
    {
      name: 'an empty text, which includes everywhere',
      text: profile([rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": ""}')]),
    },
    {
      name: 'two numbers',
      text: profile([rule('ptrace', 'ALLOW', [], ', "includes": {"minKernel": "4.8"}')]),
    },
  ],
};
