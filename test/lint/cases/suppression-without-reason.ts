import type { RuleCases } from '../cases.ts';

const profile = (comment: string): string => `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["write", "write"], "action": "SCMP_ACT_ALLOW",
   "comment": "${comment}"}
]}`;

export const cases: RuleCases = {
  flagged: [
    { name: 'no reason', text: profile('oci-seccomp-disable-next duplicate-name'), at: ['4:15'] },
    { name: 'an empty reason', text: profile('oci-seccomp-disable duplicate-name -- '), at: ['4:15'] },
  ],
  clean: [
    { name: 'a reason', text: profile('oci-seccomp-disable-next duplicate-name -- kept for old hosts') },
    { name: 'another comment', text: profile('needed by the logger') },
  ],
};
