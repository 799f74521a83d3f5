import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'SCMP_ACT_ALLOW', text: '{"defaultAction": "SCMP_ACT_ALLOW"}', at: ['1:19'] },
    {
      name: 'SCMP_ACT_LOG in a bundle',
      text: '{"ociVersion": "1.0.0", "linux": {"seccomp":\n  {"defaultAction": "SCMP_ACT_LOG"}}}',
      at: ['2:21'],
    },
  ],
  clean: [
    { name: 'a deny by default', text: '{"defaultAction": "SCMP_ACT_ERRNO"}' },
    { name: 'a supervisor by default', text: '{"defaultAction": "SCMP_ACT_TRACE"}' },
  ],
};
