import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a name twice in a rule',
      text: profile([rule('read write read', 'ALLOW')]),
      at: ['2:31'],
      messages: [/'read' is named twice in this rule/],
      levels: ['note'],
    },
    {
      name: 'a name twice in a row',
      text: profile([rule('read read write', 'ALLOW', [arg(0, 'EQ', 1), arg(0, 'EQ', 2)])]),
      at: ['2:22'],
    },
    {
      name: 'a name in two rules',
      text: profile([rule('read close', 'ALLOW'), rule('read write', 'ALLOW')]),
      at: ['3:14'],
      messages: [/in another rule with the same action and conditions/],
      levels: ['warn'],
    },
    {
      name: 'a name in two rules with the same comparisons in another order',
      text: profile([
        rule('read close', 'ALLOW', [arg(0, 'EQ', 3), arg(2, 'LT', 9)]),
        rule('read write', 'ALLOW', [arg(2, 'LT', 9), arg(0, 'EQ', 3)]),
      ]),
      at: ['3:14'],
    },
    {
      name: 'a name in a rule for all capabilities and in one for some',
      text: profile([
        rule('bpf mount', 'ALLOW'),
        `{"names": ["bpf", "read"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}}`,
      ]),
      at: ['3:14'],
      messages: [
        /'bpf' is named in another rule with the same action, which applies whenever this one does$/,
      ],
    },
    {
      name: 'a name of other architectures',
      text: profile([rule('read', 'ALLOW'), rule('cacheflush cacheflush', 'ALLOW')]),
      at: ['3:28'],
    },
  ],
  clean: [
    {
      name: 'a name without which a rule decides that it overrules now',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["exit"], "action": "SCMP_ACT_KILL", "includes": {"minKernel": "4.8"}},
  {"names": ["exit"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
  {"names": ["exit"], "action": "SCMP_ACT_KILL"}
]}`,
    },
    {
      name: 'other comparisons',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 3)]), rule('read', 'ALLOW', [arg(0, 'EQ', 4)])]),
    },
    {
      name: 'rules for other capabilities',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["bpf", "mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}},
  {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_KILL"]}}
]}`,
    },
  ],
};
