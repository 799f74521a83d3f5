import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'AT_FDCWD as C compilers load it',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967196, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['2:84'],
      messages: [
        /^-100 in argument 0 \(dirfd\) of openat can be passed as 0xffffffffffffff9c too, which does not get through here$/,
      ],
    },
    {
      name: 'a denied -1, sign-extended',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["kill"], "action": "SCMP_ACT_ERRNO",
   "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['3:35'],
      messages: [/0xffffffff too, which gets through here$/],
    },
    {
      name: 'all but -1, which "equal" in the lower half would turn around',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["kill"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['3:35'],
      messages: [/0xffffffffffffffff too, which gets through here$/],
      hints: [/^no single comparison says "not equal" of the lower half: write a rule/],
    },
    {
      name: 'all but a -1 that is sign-extended',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["kill"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['3:35'],
      messages: [/0xffffffff too, which gets through here$/],
    },
  ],
  clean: [
    {
      name: 'both forms',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967196, "op": "SCMP_CMP_EQ"}]},
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 18446744073709551516, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
    {
      name: 'the lower half, masked',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 4294967295, "valueTwo": 4294967196, "op": "SCMP_CMP_MASKED_EQ"}]}
]}`,
    },
    {
      name: 'an unsigned argument: the query of personality',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
    {
      name: 'an architecture of 32 bits',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967196, "op": "SCMP_CMP_EQ"}]}
]}`,
      options: { hosts: [{ arch: 'arm', kernel: { kernel: 6, major: 18 }, capabilities: [] }] },
    },
  ],
};
