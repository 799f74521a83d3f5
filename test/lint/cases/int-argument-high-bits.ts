import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: "Docker's rules for socket: the range above",
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
]}`,
      at: ['4:84'],
      messages: [/^socket is let through with a bit above the lower 32 of argument 0 \(domain\) set/],
    },
    {
      name: 'nothing but values above one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
]}`,
      at: ['2:84'],
    },
    {
      name: 'a denied ioctl in a profile that allows by default',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO",
   "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['3:35'],
      messages: [/argument 1 \(request\)/],
    },
    {
      name: 'a value whose lower half is another call: to allow that would be no cure',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967334, "op": "SCMP_CMP_EQ"}]},
  {"names": ["chmod"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": 4294967295, "valueTwo": 67593}]}
]}`,
      at: ['2:84', '4:63'],
      hints: [
        /write a value below 4294967296, or remove the rule$/,
        /write a value below 65536, or remove the rule$/,
      ],
    },
    {
      name: 'all but one value',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": 40}]}
]}`,
      at: ['2:105'],
    },
    {
      name: 'the upper bits of a umode_t, of which the kernel reads 16',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["chmod"], "action": "SCMP_ACT_ERRNO",
   "args": [{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": 4294967295, "valueTwo": 2541}]}
]}`,
      at: ['3:63'],
      messages: [/above the lower 16/],
      hints: [/"value": 65535 \(0xffff\), "valueTwo": 2541$/],
    },
    {
      name: 'the upper half of the flags of clone, which the kernel drops',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 268435456}]}
]}`,
      at: ['2:104'],
    },
    {
      name: 'an allowance beside a denial that looks at the lower bits alone',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ERRNO",
   "args": [{"index": 0, "value": 4294967295, "valueTwo": 40, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['4:84'],
    },
  ],
  clean: [
    {
      name: "a call above the largest number, which runc's stub answers",
      text: profile(
        [rule('socketcall', 'ALLOW'), rule('socket', 'ALLOW', [arg(0, 'NE', 38)])],
        'SCMP_ACT_ERRNO',
        '"architectures": ["SCMP_ARCH_S390X"], ',
      ),
      options: { hosts: [{ arch: 's390x', kernel: { kernel: 6, major: 18 }, capabilities: [] }] },
    },
    {
      name: 'allowed values: with an upper bit set they are denied',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]}
]}`,
    },
    {
      name: 'masked flags of clone',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}
]}`,
    },
    {
      name: 'a denied value of 64 bits',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 268435456, "op": "SCMP_CMP_EQ"}]},
  {"names": ["mmap"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 4096, "op": "SCMP_CMP_GT"}]}
]}`,
    },
    {
      name: 'a negative number in its long form',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 18446744073709551516, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
    {
      name: 'a rule that another without comparisons makes moot',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
]}`,
    },
  ],
};
