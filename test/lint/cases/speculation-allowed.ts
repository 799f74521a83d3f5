import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'the flag',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}',
      at: ['1:74'],
    },
  ],
  clean: [
    {
      name: 'another flag',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOG"]}',
    },
    { name: 'no flags', text: '{"defaultAction": "SCMP_ACT_ERRNO", "flags": []}' },
  ],
};
