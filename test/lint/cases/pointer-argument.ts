import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: "clone3's arguments",
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 268435456, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['2:62'],
      messages: [/^argument 0 .* of clone3 is an address/],
    },
    {
      name: 'a second name of a rule',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["close", "chdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 7, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['2:70'],
      messages: [/of chdir/],
    },
    {
      name: 'all bits of an address against a value',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["chdir"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "valueTwo": 4096, "op": "SCMP_CMP_MASKED_EQ"}]}
]}`,
      at: ['2:61'],
    },
  ],
  clean: [
    {
      name: 'no address, asked for with a mask of all bits',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["chdir"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}
]}`,
    },

    {
      name: 'a comparison with no address at all',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["rt_sigaction"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 0, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
    {
      name: 'an address that is asked for as a number',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["mmap"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 65536, "op": "SCMP_CMP_GE"}]}
]}`,
    },
  ],
};
