import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'metadata alone',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "listenerMetadata": "x"}',
      at: ['1:37'],
    },
  ],
  clean: [
    {
      name: 'metadata and a path',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/s", "listenerMetadata": "x"}',
    },
  ],
};
