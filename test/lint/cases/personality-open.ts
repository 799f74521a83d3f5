import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'the default, if default-allow is less grave',
      text: '{"defaultAction": "SCMP_ACT_ALLOW"}',
      at: ['1:19'],
    },
    {
      name: 'values that a rule of a deny-list leaves open',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}
]}`,
      options: { levels: { 'default-allow': 'error' } },
      at: ['1:19'],
      hints: [/^deny each bit .*: 262144, 1048576, 2097152, 4194304$/],
    },
    {
      name: 'any value',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ALLOW"}]}`,
      at: ['1:61'],
      messages: [/ADDR_NO_RANDOMIZE, MMAP_PAGE_ZERO, ADDR_COMPAT_LAYOUT and READ_IMPLIES_EXEC/],
      hints: [/^allow the values /],
    },
    {
      name: 'one value that turns randomisation off',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['3:14'],
      messages: [/with ADDR_NO_RANDOMIZE: it/],
    },
    {
      name: 'two values, each with its own bits',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]},
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4194304, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['2:14', '3:14'],
      messages: [/with ADDR_NO_RANDOMIZE: it turns/, /with READ_IMPLIES_EXEC: it makes/],
    },
  ],
  clean: [
    {
      name: 'the hint for a deny-list, done word for word',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  ${[262144, 1048576, 2097152, 4194304].map((bit) => `{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": ${bit}, "valueTwo": ${bit}}]}`).join(',\n  ')}
]}`,
      options: { levels: { 'default-allow': 'error' } },
    },
    {
      name: 'a default of which default-allow speaks',
      text: '{"defaultAction": "SCMP_ACT_ALLOW"}',
      options: { levels: { 'default-allow': 'error' } },
    },
    {
      name: "Docker's values",
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 131080, "op": "SCMP_CMP_EQ"}]},
  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}
]}`,
    },
  ],
};
