import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'SCMP_ARCH_NATIVE',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_NATIVE"]}',
      at: ['1:55'],
    },
  ],
  clean: [
    {
      name: 'an architecture',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"]}',
    },
  ],
};
