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
    {
      name: 'a rule that does not exist',
      text: profile('oci-seccomp-disable-next duplicate-names -- kept for old hosts', twice),
      at: ['4:15'],
      messages: [/^nothing to suppress: there is no rule 'duplicate-names'$/],
      hints: [/^did you mean duplicate-name\?$/],
    },
    {
      name: 'a comment in another rule than the finding',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "comment": "oci-seccomp-disable-next duplicate-name -- old hosts"},
  {"names": ["write", "write"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:62'],
      hints: [/move it to the rule that has the finding at 3:23$/],
    },
    ...[
      'OCI-SECCOMP-DISABLE-NEXT duplicate-name -- old hosts',
      'oci-seccomp-disable-next DUPLICATE-NAME -- old hosts',
      'oci-seccomp-disable-next duplicate_name -- old hosts',
      'oci-seccomp-disable-next duplicate-name default-allow -- old hosts',
      'oci-seccomp-disable-next: duplicate-name -- old hosts',
      'oci-seccomp-disable-next',
      'oci-seccomp-disable-next -- old hosts',
      'oci-seccomp-disable-next * -- old hosts',
      'oci-seccomp-disable-next-line duplicate-name -- old hosts',
      'oci-seccomp-disable next duplicate-name -- old hosts',
      'oci-seccomp-disable--next duplicate-name -- old hosts',
      'oci_seccomp_disable_next duplicate-name -- old hosts',
      'oci-seccomp-lint-disable-next duplicate-name -- old hosts',
      'oci-seccomp disable duplicate-name -- old hosts',
      'oci-seccomp-ignore duplicate-name -- old hosts',
      'old hosts: OCI-Seccomp-disable-next duplicate-name -- old hosts',
    ].map((comment) => ({
      name: `what only looks like one: ${comment}`,
      text: profile(comment, twice),
      at: ['4:15'],
      messages: [/turns no finding off: it is not in the form that lint reads$/],
      hints: [/^write "oci-seccomp-disable-next RULE\[, RULE\] -- REASON"/],
    })),
    {
      name: 'a second one in the same line that is wrong',
      text: profile(
        'oci-seccomp-disable-next duplicate-name -- old hosts oci-seccomp-disable default_allow',
        twice,
      ),
      at: ['4:15'],
    },
    {
      name: 'text elsewhere than in the comment of a rule',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "_comment": "oci-seccomp-disable duplicate-name -- old hosts", "syscalls": [
  {"names": ["write", "write", "oci-seccomp-disable-next"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['1:50', '2:33'],
      hints: [/^write it as the value of "comment" in the rule/],
    },
    {
      name: 'the comment of a rule in a dialect that has none',
      text: `{"ociVersion": "1.0.2", "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["write"], "action": "SCMP_ACT_ALLOW", "comment": "oci-seccomp-disable-next duplicate-name -- old hosts"}
]}}}`,
      at: ['2:64'],
      hints: [/^profiles of this form have no comments in rules/],
    },
    {
      name: 'comments of YAML',
      text: `# oci-seccomp-disable duplicate-name -- old hosts
apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: one}
spec:
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
    # oci-seccomp-disable-next duplicate-name -- old hosts
    - names: [write, write]
      action: SCMP_ACT_ALLOW`,
      options: { workloads: {}, name: 'p.yaml' },
      at: ['1:3', '8:7'],
    },
  ],
  clean: [
    {
      name: 'several, a line each',
      text: profile(
        'oci-seccomp-disable-next duplicate-name -- old hosts\\noci-seccomp-disable cannot-start -- a part of a profile',
        twice,
      ),
    },
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
