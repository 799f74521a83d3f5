import type { RuleCases } from '../cases.ts';

const profile = (
  comment: string,
  names = '"write"',
): string => `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
  {"names": [${names}], "action": "SCMP_ACT_ALLOW",
   "comment": "${comment}"}
]}`;
const twice = '"write", "write"';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a suppression of what is not there',
      text: profile('oci-seccomp-disable-next duplicate-name -- kept for old hosts'),
      at: ['4:15'],
      messages: [/duplicate-name/],
    },
    {
      name: 'one of two that is not needed',
      text: profile('oci-seccomp-disable-next duplicate-name, default-allow -- kept for old hosts', twice),
      at: ['4:15'],
      messages: [/default-allow/],
    },
  ],
  clean: [
    {
      name: 'a suppression of what is there',
      text: profile('oci-seccomp-disable-next duplicate-name -- kept for old hosts', twice),
    },
    {
      name: 'a suppression of a rule that is off',
      text: profile('oci-seccomp-disable-next duplicate-name -- kept for old hosts'),
      options: { levels: { 'duplicate-name': 'off' } },
    },
    { name: 'another comment', text: profile('needed by the logger') },
  ],
};
