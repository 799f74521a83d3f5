import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'the token of an architecture',
      text: profile([rule('read', 'ALLOW', [], ', "includes": {"arches": ["SCMP_ARCH_X86_64"]}')]),
      at: ['2:75'],
    },
  ],
  clean: [
    {
      name: 'names that engines compare with',
      text: profile([rule('read', 'ALLOW', [], ', "includes": {"arches": ["amd64", "arm64", "s390x"]}')]),
    },
  ],
};
