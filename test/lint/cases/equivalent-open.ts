import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a deny-list that forgets siblings',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["chmod", "fchmod", "fchmodat"], "action": "SCMP_ACT_ERRNO"},
  {"names": ["mount"], "action": "SCMP_ACT_ERRNO"}
]}`,
      at: ['2:14', '2:23', '2:33', '3:14'],
      messages: [
        /^chmod is denied, but fchmodat2, which can change permissions of files too, is open$/,
        /^fchmod is/,
        /^fchmodat is/,
        /^mount is denied, but fsopen with fsconfig with fsmount with move_mount, open_tree with move_mount/,
      ],
    },
    {
      name: 'a condition on one, none on the other',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["mprotect"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 2, "value": 4, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["pkey_mprotect"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:14'],
      messages: [/^mprotect is limited by its arguments, but pkey_mprotect/],
    },
    {
      name: 'flags of clone that unshare takes too',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["unshare"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:14'],
    },
    {
      name: 'a call that a supervisor is asked about',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}`,
      at: ['1:61'],
      messages: [/^mkdir is left to a supervisor, but mkdirat/],
    },
  ],
  clean: [
    {
      name: 'a whole family',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["chmod", "fchmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO"}
]}`,
    },
    {
      name: 'ENOSYS, which sends programs to the sibling',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["openat2", "faccessat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
]}`,
    },
    {
      name: 'an allow-list that names one of a family',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["openat", "fchmodat"], "action": "SCMP_ACT_ALLOW"}]}`,
    },
    {
      name: 'the mount API denied at move_mount, where all its ways end',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["mount", "move_mount"], "action": "SCMP_ACT_ERRNO"}
]}`,
    },
  ],
};
