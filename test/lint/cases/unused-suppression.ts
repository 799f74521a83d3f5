import type { RuleCases } from '../cases.ts';

const profile = (
  comment: string,
  second = 'write',
): string => `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["${second}"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 3}],
   "comment": "${comment}"}
]}`;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a suppression of what is not there',
      text: profile('oci-seccomp-disable-next shadowed-rule -- kept for old hosts'),
      at: ['4:15'],
      messages: [/shadowed-rule/],
    },
    {
      name: 'one of two that is not needed',
      text: profile('oci-seccomp-disable-next shadowed-rule, default-allow -- kept for old hosts', 'read'),
      at: ['4:15'],
      messages: [/default-allow/],
    },
  ],
  clean: [
    {
      name: 'a suppression of what is there',
      text: profile('oci-seccomp-disable-next shadowed-rule -- kept for old hosts', 'read'),
    },
    {
      name: 'a suppression of a rule that is off',
      text: profile('oci-seccomp-disable-next shadowed-rule -- kept for old hosts'),
      options: { levels: { 'shadowed-rule': 'off' } },
    },
    { name: 'another comment', text: profile('needed by the logger') },
  ],
};
