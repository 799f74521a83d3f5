import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'clone by flags, clone3 without',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["read", "clone3"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['4:22'],
      messages: [/^clone is allowed with certain flags only, but clone3 is open/],
    },
    {
      name: 'a deny-list that forgets clone3',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_ERRNO"}]}`,
      at: ['1:19'],
      messages: [/^clone is denied, but clone3 is open/],
    },
    {
      name: 'on MIPS, whose ENOSYS has another number',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_ERRNO"}]}`,
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['1:19'],
      hints: [/"errnoRet": 89 \(ENOSYS\)/],
    },
  ],
  clean: [
    {
      name: 'clone3 with ENOSYS',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
]}`,
    },
    {
      name: 'both open',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["clone", "clone3"], "action": "SCMP_ACT_ALLOW"}]}`,
    },
  ],
};
