import type { RuleCases } from '../cases.ts';

const profile = (comment: string): string => `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 3}],
   "comment": "${comment}"}
]}`;

export const cases: RuleCases = {
  flagged: [
    { name: 'no reason', text: profile('oci-seccomp-disable-next shadowed-rule'), at: ['4:15'] },
    { name: 'an empty reason', text: profile('oci-seccomp-disable shadowed-rule -- '), at: ['4:15'] },
  ],
  clean: [
    { name: 'a reason', text: profile('oci-seccomp-disable-next shadowed-rule -- kept for old hosts') },
    { name: 'another comment', text: profile('needed by the logger') },
  ],
};
