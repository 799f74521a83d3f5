import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a deny-list for x86_64 alone, which kills 32-bit programs',
      text: `{"defaultAction": "SCMP_ACT_ALLOW",
 "architectures": ["SCMP_ARCH_X86_64"],
 "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}`,
      at: ['2:19'],
      messages: [/every call of x86 programs gets KILL_THREAD/],
    },
    {
      name: 'no architectures at all',
      text: `{"defaultAction": "SCMP_ACT_LOG"}`,
      at: ['1:19'],
    },
    {
      name: 'a value that loses its upper half on x86',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["mprotect"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 4294967301, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['2:86'],
      messages: [/^on x86 argument 1 \(len\) of mprotect has 32 bits/],
    },
  ],
  clean: [
    {
      name: 'an allow-list for one architecture',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"]}`,
    },
    {
      name: 'a deny-list for both',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]}`,
    },
    {
      name: 'a negative number, which is the same in 32 bits',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["openat"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 18446744073709551516, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
  ],
};
