import type { RuleCases } from '../cases.ts';
import { profile, rule, withX86 } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'a profile without a list', text: profile([rule('read', 'ALLOW')]), at: ['1:1'] },
    {
      name: 'an empty list',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_ERRNO', '"architectures": [], '),
      at: ['1:1'],
    },
  ],
  clean: [
    { name: 'a list', text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86) },
    {
      name: 'archMap',
      text: profile(
        [rule('read', 'ALLOW')],
        'SCMP_ACT_ERRNO',
        '"archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}], ',
      ),
    },
    {
      name: 'a host that has no other',
      text: profile([rule('read', 'ALLOW')]),
      options: { hosts: [{ arch: 'arm', kernel: { kernel: 6, major: 1 }, capabilities: [] }] },
    },
  ],
};
