import { U64_MAX } from '../../../src/abi/operators.ts';
import type { RuleCases } from '../cases.ts';
import { arg, profile, rule, withX86 } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'less than 0',
      text: profile([rule('kill', 'KILL_PROCESS', [arg(1, 'EQ', 9), arg(0, 'LT', 0)])], 'SCMP_ACT_ALLOW'),
      at: ['2:114'],
      messages: [/arg0 < 0 never holds/],
    },
    {
      name: 'more than everything',
      text: profile([rule('read', 'ALLOW', [arg(2, 'GT', U64_MAX)])]),
      at: ['2:60'],
    },
    {
      name: 'more bits than the kernel reads of an int',
      text: profile([rule('socket', 'ALLOW', [arg(0, 'EQ', 0x1_0000_0001n)])]),
      at: ['2:105'],
      messages: [/the lower 32 bits of 'family'/],
    },
    {
      name: 'more bits than arguments of i386 have',
      text: profile([rule('read', 'ALLOW', [arg(2, 'EQ', 0x1_0000_0008n)])], 'SCMP_ACT_ERRNO', withX86),
      at: ['2:103'],
      witnesses: ['x86 read(0, 0, 8): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/the filter compares only arg2 == 8/],
    },
  ],
  clean: [
    {
      name: 'less than 1, and more than 0',
      text: profile([rule('read', 'ALLOW', [arg(0, 'LT', 1)]), rule('write', 'ALLOW', [arg(0, 'GT', 0)])]),
    },
    {
      name: 'a negative int',
      text: profile([rule('personality', 'ALLOW', [arg(0, 'EQ', U64_MAX)])], 'SCMP_ACT_ERRNO', withX86),
    },
    {
      name: 'a mask of all bits',
      text: profile([rule('socket', 'ALLOW', [arg(0, 'MASKED_EQ', U64_MAX, 1)])], 'SCMP_ACT_ERRNO', withX86),
    },
    {
      name: 'a guard against bits that the kernel does not read',
      text: profile([rule('socket', 'KILL_PROCESS', [arg(0, 'GT', 0xffff_ffffn)])], 'SCMP_ACT_ALLOW'),
    },
    {
      name: 'a large size on a 64-bit architecture',
      text: profile([rule('mmap', 'ALLOW', [arg(1, 'EQ', 0x1_0000_0008n)])]),
    },
  ],
};
