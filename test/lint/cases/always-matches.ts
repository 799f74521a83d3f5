import { U64_MAX } from '../../../src/abi/operators.ts';
import type { RuleCases } from '../cases.ts';
import { arg, profile, rule, withX86 } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'at least 0',
      text: profile([rule('read', 'ALLOW', [arg(0, 'GE', 0)])]),
      at: ['2:60'],
      messages: [/arg0 >= 0 holds for every call$/],
    },
    {
      name: 'at most everything',
      text: profile([rule('read', 'ALLOW', [arg(1, 'EQ', 5), arg(0, 'LE', U64_MAX)])]),
      at: ['2:107'],
    },
    {
      name: 'an empty mask',
      text: profile([rule('read', 'ALLOW', [arg(0, 'MASKED_EQ', 0, 0)])]),
      at: ['2:101'],
    },
    {
      name: 'one of several alternatives',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 5), arg(0, 'GE', 0)])]),
      at: ['2:107'],
      messages: [/and so does the rule/],
    },
    {
      name: 'beside another comparison, in a rule that has another place on another host',
      text: profile([
        rule('open', 'ALLOW', [], ', "includes": {"arches": ["amd64"]}'),
        rule('read', 'ALLOW', [arg(0, 'GE', 0), arg(1, 'EQ', 5)]),
        rule('write', 'ALLOW', [arg(0, 'EQ', 1)]),
      ]),
      options: {
        hosts: (['x86_64', 'aarch64'] as const).map((arch) => ({
          arch,
          kernel: { kernel: 6, major: 18 },
          capabilities: [],
        })),
      },
      at: ['3:60'],
    },
    {
      name: 'in a skipped rule that alone names the largest number',
      text: profile([rule('read', 'LOG'), rule('socket', 'ERRNO', [arg(1, 'EQ', 1), arg(1, 'GE', 0)])]),
      at: ['3:109'],
      witnesses: [],
    },
    {
      name: 'a limit above what arguments of i386 can be',
      text: profile([rule('read', 'ALLOW', [arg(2, 'LE', 0x1_0000_0008n)])], 'SCMP_ACT_ERRNO', withX86),
      at: ['2:103'],
      witnesses: ['x86 read(0, 0, 9): ERRNO EPERM (1) instead of ALLOW'],
      messages: [/on x86 arg2 <= 8 is compared instead/],
    },
  ],
  clean: [
    { name: 'at least 1', text: profile([rule('read', 'ALLOW', [arg(0, 'GE', 1)])]) },
    {
      name: 'at most 32 bits, which is all that i386 has',
      text: profile([rule('read', 'ALLOW', [arg(0, 'LE', 0xffff_ffffn)])], 'SCMP_ACT_ERRNO', withX86),
    },
    {
      name: 'an empty mask where a mask stands in valueTwo, another finding',
      text: profile([rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 0, 0x7e020000)])]),
    },
  ],
};
