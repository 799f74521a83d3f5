import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a condition on a call that is allowed without one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 3}]}
]}`,
      at: ['3:3'],
    },
    {
      name: 'a range inside another',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_LT", "value": 3}]},
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_LE", "value": 9}]}
]}`,
      at: ['2:3'],
    },
  ],
  clean: [
    {
      name: 'conditions that overlap, but not wholly',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_LT", "value": 3}]},
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "op": "SCMP_CMP_LE", "value": 9}]}
]}`,
    },
    {
      name: 'a rule of whose names one is needed',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read", "close"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}
]}`,
    },
  ],
};
