import type { RuleCases } from '../cases.ts';
import { arg, profile, rule, withX86 } from '../texts.ts';

const lessThan3 = rule('read', 'ALLOW', [arg(0, 'LT', 3)]);

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a rule that is there twice: the later one',
      text: profile([rule('read', 'ALLOW'), rule('write', 'ALLOW'), rule('read', 'ALLOW')]),
      at: ['4:3'],
    },
    {
      name: 'a range inside another',
      text: profile([lessThan3, rule('read', 'ALLOW', [arg(0, 'LE', 9)])]),
      at: ['2:3'],
    },
    {
      name: 'a range that two others cover together',
      text: profile([
        rule('read', 'ALLOW', [arg(0, 'LT', 5)]),
        rule('read', 'ALLOW', [arg(0, 'GE', 5)]),
        rule('read', 'ALLOW', [arg(0, 'MASKED_EQ', 1, 1)]),
      ]),
      at: ['4:3'],
    },
    {
      name: 'one name of a rule that is needed for another',
      text: profile([
        rule('read write', 'ALLOW', [arg(0, 'LT', 3)]),
        rule('read', 'ALLOW', [arg(0, 'LE', 9)]),
      ]),
      at: ['2:14'],
      messages: [/'read' changes nothing/],
    },
    {
      name: 'names of other architectures, by the words alone',
      text: profile([rule('cacheflush', 'ALLOW'), rule('read cacheflush', 'ALLOW'), rule('read', 'ALLOW')]),
      at: ['4:3'],
    },
    {
      name: 'a rule with a condition beside the same without one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}}
]}`,
      at: ['3:3'],
    },
    {
      name: 'a rule with a condition, in front of the same without one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}},
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:3'],
    },
  ],
  clean: [
    {
      name: 'conditions that overlap, but not wholly',
      text: profile([lessThan3, rule('read', 'ALLOW', [arg(1, 'LE', 9)])]),
    },
    {
      name: 'a rule of whose names one is needed',
      text: profile([rule('read close', 'ALLOW'), rule('read write', 'ALLOW')]),
    },
    { name: 'a name that exists nowhere', text: profile([rule('read', 'ALLOW'), rule('reed', 'ALLOW')]) },
    {
      name: 'ranges of which one counts on x86_64 and the other on arm',
      text: profile([
        rule('read', 'ALLOW', [arg(0, 'LT', 0x1_0000_0003n)]),
        rule('read', 'ALLOW', [arg(0, 'LT', 9)]),
      ]),
      options: {
        hosts: [
          { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] },
          { arch: 'arm', kernel: { kernel: 6, major: 1 }, capabilities: [] },
        ],
      },
    },
    {
      name: 'rules for different hosts',
      text: profile([
        rule('read', 'ALLOW', [], ', "includes": {"arches": ["arm64"]}'),
        rule('read', 'ALLOW', [], ', "includes": {"arches": ["amd64"]}'),
      ]),
    },
    {
      name: 'socket calls that only a rule for socketcall makes redundant on i386',
      text: profile([rule('recv', 'ALLOW'), rule('socketcall', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
    },
  ],
};
