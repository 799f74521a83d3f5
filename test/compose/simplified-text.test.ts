/**
 * Simplified texts: people's layout, comments and other keys stay, and what is new looks like its neighbours. The profile that
 * the new text holds is read again, and proven equal to the one before.
 */
import { expect, it } from 'vitest';
import { simplifyProfile } from '../../src/compose/index.ts';
import { only } from '../../src/compose/join-meanings.ts';
import { proveComposition } from '../../src/compose/prove-composition.ts';
import { textWithRules, withYamlComments } from '../../src/lint/edit/text-with-rules.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';

const object = (rules: string): string => `# of our team
apiVersion: security-profiles-operator.x-k8s.io/v1
kind: SeccompProfile
metadata: {name: web} # the name
spec:
  defaultAction: SCMP_ACT_ERRNO # deny
  syscalls:
${rules}`;

/** Two rules that become one. */
const oldForm: readonly [before: string, after: string] = [
  `{
\t"defaultAction": "SCMP_ACT_ERRNO",
\t"syscalls": [
\t\t{
\t\t\t"name": "write",
\t\t\t"action": "SCMP_ACT_ALLOW"
\t\t},
\t\t{
\t\t\t"name": "read",
\t\t\t"action": "SCMP_ACT_ALLOW"
\t\t},
\t\t{
\t\t\t"name": "kcmp",
\t\t\t"action": "SCMP_ACT_LOG"
\t\t}
\t]
}`,
  `{
\t"defaultAction": "SCMP_ACT_ERRNO",
\t"syscalls": [
\t\t{
\t\t\t"names": [
\t\t\t\t"read",
\t\t\t\t"write"
\t\t\t],
\t\t\t"action": "SCMP_ACT_ALLOW"
\t\t},
\t\t{
\t\t\t"name": "kcmp",
\t\t\t"action": "SCMP_ACT_LOG"
\t\t}
\t]
}`,
];

const cases: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'what has no effect goes with the comments above it',
    object(`  # files
  - action: SCMP_ACT_ALLOW
    names: [read, write] # both
  # no BPF,
  # whoever asks
  - action: SCMP_ACT_ERRNO
    names: [bpf]
  # time
  - action: SCMP_ACT_ALLOW
    names: [time, time]
`),
    object(`  # files
  - action: SCMP_ACT_ALLOW
    names: [read, write] # both
  # time
  - action: SCMP_ACT_ALLOW
    names: [time]
`),
  ],
  [
    'rules under one comment become one, sorted if they were',
    object(`  # files
  - action: SCMP_ACT_ALLOW
    names:
    - read # reads
    - write
  # files
  - action: SCMP_ACT_ALLOW
    names:
    - close
    - openat
`),
    object(`  # files
  - action: SCMP_ACT_ALLOW
    names:
    - close
    - openat
    - read # reads
    - write
`),
  ],
  [
    'line ends of Windows stay',
    object(`  - action: SCMP_ACT_ALLOW
    names:
    - write
    - read
  # no effect
  - action: SCMP_ACT_ERRNO
    names: [bpf]
  - action: SCMP_ACT_ALLOW
    names: [close]
`).replaceAll('\n', '\r\n'),
    object(`  - action: SCMP_ACT_ALLOW
    names:
    - write
    - read
    - close
`).replaceAll('\n', '\r\n'),
  ],
  ['the old form gets a list where there are several names', ...oldForm],
  [
    'what is new has line ends of Windows where the text has them',
    oldForm[0].replaceAll('\n', '\r\n'),
    oldForm[1].replaceAll('\n', '\r\n'),
  ],
  [
    'a bundle stays one, and keys that nobody reads stay',
    `{"ociVersion":"1.2.0","process":{"args":["sh"]},"linux":{"seccomp":{"_why":"audit","defaultAction":"SCMP_ACT_ERRNO","syscalls":[
{"_note": "basics", "names":["write", "read"],"action":"SCMP_ACT_ALLOW"},
{"names":["kcmp"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":5,"op":"SCMP_CMP_LE"}]},
{"names":["kcmp"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":6,"op":"SCMP_CMP_EQ"}]}
]},"x":1}}`,
    `{"ociVersion":"1.2.0","process":{"args":["sh"]},"linux":{"seccomp":{"_why":"audit","defaultAction":"SCMP_ACT_ERRNO","syscalls":[
{"_note": "basics", "names":["write", "read"],"action":"SCMP_ACT_ALLOW"},
{ "names": ["kcmp"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 1, "value": 6, "op": "SCMP_CMP_LE" }] }
]},"x":1}}`,
  ],
  [
    'the text of a ConfigMap is edited in its block',
    `apiVersion: v1
kind: ConfigMap
metadata: {name: profiles}
data:
  p.json: |
    {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["write"], "action": "SCMP_ACT_ALLOW", "comment": "out"},
      {"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}
    ]}
  other: text # stays
`,
    `apiVersion: v1
kind: ConfigMap
metadata: {name: profiles}
data:
  p.json: |
    {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["write"], "action": "SCMP_ACT_ALLOW", "comment": "out"}
    ]}
  other: text # stays
`,
  ],
];

it.each(cases)('%s', async (_, before, after) => {
  const [read] = await readProfiles(before, { name: 'profile' });
  if (read?.profile === undefined || read.document === undefined) throw new Error('no profile');
  const text = { document: read.document, profile: read.profile };
  const profile = { ...read.profile, rules: withYamlComments(text) };
  const { profile: simple, proof } = simplifyProfile(profile);
  expect(textWithRules({ ...text, profile }, simple.rules)).toBe(after);
  const [again] = await readProfiles(after, { name: 'profile' });
  if (again?.profile === undefined) throw new Error('no profile any more');
  const held = proveComposition([profile], again.profile, only, proof.hosts);
  expect([...held.wrong, ...held.stricter]).toEqual([]);
});
